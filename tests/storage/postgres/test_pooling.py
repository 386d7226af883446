"""A pooler before the server has to leave everybody a session of their own."""

from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest

from storage.engine import scalar
from storage.errors import PooledError, ReloadRunningError
from storage.postgres.database import open_database
from tests.cluster import Cluster
from tests.pooler import MISSING, PROGRAM, running_pooler

pytestmark = pytest.mark.skipif(PROGRAM is None, reason=MISSING)


@pytest.fixture(params=["transaction", "statement"])
def shared(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[str]:
    """Return the URL of a database before which sessions are shared."""
    with running_pooler(cluster, request.param) as url:
        yield url


async def test_shared_sessions_are_refused_and_nothing_is_made(shared: str) -> None:
    with pytest.raises(PooledError):
        await open_database(shared).__aenter__()
    with psycopg.connect(shared, autocommit=True) as session:
        assert session.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchall() == [
            (0,)
        ]


async def test_shared_sessions_are_refused_also_while_others_use_them(cluster: Cluster) -> None:
    with running_pooler(cluster, "transaction") as url, ExitStack() as stack:
        for _ in range(3):  # which keep a session each for now
            stack.enter_context(psycopg.connect(url)).execute("SELECT 1")
        with pytest.raises(PooledError):
            await open_database(url).__aenter__()


async def test_sessions_of_ones_own_work_through_a_pooler(cluster: Cluster) -> None:
    with running_pooler(cluster, "session") as url:
        async with open_database(url) as database:
            for number in range(20):  # more often than until statements are prepared
                async with database.transaction() as connection:
                    await connection.execute("INSERT INTO topic (slug, name) VALUES (?, '')", (str(number),))
                async with database.reading() as one, database.reading() as other:
                    for each in (one, other):
                        assert await each.run(scalar, "SELECT count(*) FROM topic") == number + 1
            async with database.only_reload():
                with pytest.raises(ReloadRunningError):
                    await database.only_reload().__aenter__()

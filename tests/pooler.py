"""PgBouncer between a PostgreSQL server of the tests' own and whoever connects."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster import USER, Cluster, account_of_servers, connected

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
MISSING = "PgBouncer isn't installed: apt-get install pgbouncer"
SETTINGS = """[databases]
{name} = host={server} user={user}
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}
auth_type = any
pool_mode = {mode}
"""


@contextmanager
def running_pooler(cluster: Cluster, mode: str) -> Iterator[str]:
    """Run a pooler in that mode before a new database, and yield the URL of the database there."""
    assert PROGRAM
    name = cluster.add()
    with tempfile.TemporaryDirectory(prefix="broadsheet-pooler-") as scratch:
        folder = Path(scratch)
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            SETTINGS.format(name=name, server=cluster.folder, user=USER, folder=folder, mode=mode), "utf-8"
        )
        for path in (folder, settings):
            shutil.chown(path, account_of_servers())
        with subprocess.Popen(
            [PROGRAM, "--quiet", settings], user=account_of_servers(), stderr=subprocess.DEVNULL
        ) as pooler:
            url = f"postgresql://{USER}@/{name}?host={folder}&port=6432"
            try:
                connected(url).close()
                yield url
            finally:
                pooler.terminate()

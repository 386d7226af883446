"""Every server belongs to one shard, and every shard to one owner."""

from hypothesis import given
from hypothesis import strategies as st

from digests.ownership import Shards, shard_of

guild_ids = st.integers(1, 2**63 - 1)
counts = st.integers(1, 64)


@given(guild_ids, counts)
def test_a_server_is_owned_once_however_shards_are_spread_over_owners(guild_id: int, count: int) -> None:
    owners = [Shards(count, frozenset(range(first, count, 3))) for first in range(3)]
    assert sum(owner.owns(guild_id) for owner in owners) == 1
    assert Shards.every(count).owns(guild_id)


def test_a_servers_shard_comes_of_the_time_in_its_id_as_discord_says() -> None:
    assert [shard_of((time << 22) + 5, 8) for time in range(9)] == [0, 1, 2, 3, 4, 5, 6, 7, 0]


def test_dms_belong_to_the_owner_of_shard_0() -> None:
    assert Shards(4, frozenset({0, 1})).owns(None)
    assert not Shards(4, frozenset({2, 3})).owns(None)


def test_one_shard_owns_everything() -> None:
    assert Shards.every().owns(81384788765712384)
    assert Shards.every().owns(None)

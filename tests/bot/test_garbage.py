"""What stays is looked at by the garbage collector once, so that its pauses stay short."""

import gc
from collections.abc import Iterator

import pytest

from bot import garbage
from bot.garbage import short_collections


@pytest.fixture(autouse=True)
def unfrozen() -> Iterator[None]:
    """Leave what others have frozen as it was, as far as possible: all that there is."""
    yield
    gc.collect()
    gc.freeze()


@pytest.mark.parametrize(("long", "generation", "frozen"), [(-1, 2, True), (-1, 1, False), (1_000, 2, False)])
async def test_what_a_long_full_collection_has_left_is_kept_for_good(
    monkeypatch: pytest.MonkeyPatch, long: float, generation: int, frozen: bool
) -> None:
    monkeypatch.setattr(garbage, "LONG", long)
    async with short_collections():
        kept = [[each] for each in range(1_000)]
        before = gc.get_freeze_count()
        gc.collect(generation)
        assert (gc.get_freeze_count() >= before + len(kept)) is frozen


async def test_afterwards_nothing_more_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "LONG", -1)
    async with short_collections():
        pass
    before = gc.get_freeze_count()
    gc.collect()
    assert gc.get_freeze_count() == before

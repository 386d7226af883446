"""Tenure: what a process holds of a bot: all of it, or a part that it keeps by a lease."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol
from uuid import uuid4

from digests.errors import OtherLayoutError, ReplacedError, TooManyGroupsError
from digests.ownership import Shards
from storage import leases, shards
from storage.engine import Connection, Database
from storage.errors import StorageError
from storage.shards import Layout

LEASE_FOR = timedelta(seconds=15)
RENEW_SECONDS = 5.0
SURE_SECONDS = 12.0  # for which a lease is one's own beyond doubt: others may take it 3 seconds later
LOOK_SECONDS = 1.0  # between two looks for a free group, or two tries to renew
# Whoever waited longer to write has waited for something big, and so have those who couldn't renew meanwhile.
QUICK_SECONDS = 1.0
# Whoever saw that the database was gone waits as well: leases have run out meanwhile.
GRACE_SECONDS = 15.0
GROUP = "shards:"  # and its number
COLLECTOR = "collector"

log = logging.getLogger(__name__)


class Tenure(Protocol):
    """What a process holds: which shards, and whether it does what is done once for all processes."""

    @property
    def is_shared(self) -> bool:
        """Say whether other processes hold the rest."""

    @property
    def serves(self) -> bool:
        """Say whether this process connects to Discord as soon as it holds something."""

    @property
    def is_spare(self) -> bool:
        """Say whether this process holds nothing yet; safe in any thread."""

    @property
    def is_sure(self) -> bool:
        """Say whether what is held is this process's beyond doubt."""

    def shards(self) -> Shards | None:
        """Return the shards that are this process's; None if that isn't sure, or it has none."""

    def collects(self) -> bool:
        """Say whether this process is the collector: it does what only one process must do."""

    async def wait_to_collect(self) -> None:
        """Wait until this process is the collector."""

    async def join(self, wanted: int | None) -> None:
        """Wait until there is something to hold; `wanted` is the number of shards that somebody has set."""

    async def settle(self, wanted: int | None, recommended: int) -> Shards:
        """Agree on how many shards there are, as wanted or as Discord has recommended; return one's own."""

    async def keep(self) -> None:
        """Keep what is held until cancelled; raises ReplacedError if that can't be done."""

    async def give_back(self) -> None:
        """Hold nothing any more, so that others needn't wait."""


class SoleTenure:
    """A process that holds everything, and never waits."""

    is_shared = False
    serves = True
    is_spare = False
    is_sure = True

    def shards(self) -> Shards | None:
        """Return all there is."""
        return Shards.every()

    def collects(self) -> bool:
        """Return True."""
        return True

    async def wait_to_collect(self) -> None:
        """Return at once."""

    async def join(self, wanted: int | None) -> None:
        """Return at once."""

    async def settle(self, wanted: int | None, recommended: int) -> Shards:
        """Return all shards."""
        return Shards.every(wanted or recommended)

    async def keep(self) -> None:
        """Wait until cancelled."""
        await asyncio.Event().wait()

    async def give_back(self) -> None:
        """Do nothing."""


class LeasedTenure:
    """One process among several: it waits for a group of shards to be free, and keeps it.

    One of them is the collector besides: it does what only one process must do. By its own timer, which
    never jumps, a process knows when it can't be sure of its leases any more.
    """

    is_shared = True
    serves = True

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        groups: int,
        timer: Callable[[], float] = monotonic,
        *,
        may_collect: bool = True,
    ) -> None:
        """`may_collect` says whether it may be the collector, if there is none."""
        self._database = database
        self._clock = clock
        self._groups = groups
        self._timer = timer
        self._wanted = frozenset({COLLECTOR} if may_collect else ())  # besides a group, if it is free
        self._owner = uuid4().hex
        self._held: frozenset[str] = frozenset()
        self._sure_until = timer()
        self._shards: Shards | None = None
        self._collects = asyncio.Event()
        self._patient_until = timer()  # before that, nothing is taken
        self.group: int | None = None

    @property
    def is_spare(self) -> bool:
        """Say whether this process has no group yet."""
        return self.group is None

    @property
    def is_sure(self) -> bool:
        """Say whether everything that is held is this process's beyond doubt."""
        return bool(self._held) and self._timer() < self._sure_until

    def shards(self) -> Shards | None:
        """Return the shards that are this process's; None if that isn't sure, or it has none."""
        return self._shards if self.is_sure else None

    def collects(self) -> bool:
        """Say whether this process is the collector."""
        return COLLECTOR in self._held and self.is_sure

    async def wait_to_collect(self) -> None:
        """Wait until this process is the collector."""
        await self._collects.wait()

    async def join(self, wanted: int | None = None) -> None:
        """Wait until a group is free and take it, and be the collector if there is none.

        `wanted` is the number of shards that somebody has set. Raises OtherLayoutError if the processes that
        run share the servers otherwise.
        """
        is_told = False
        while (group := await self._look_for_group(wanted)) is None:
            if not is_told:
                log.info("every group of shards has its process: waiting as a spare")
                is_told = True
            await asyncio.sleep(LOOK_SECONDS)
        self.group = group
        log.info("this process has group %d of %d", group, self._groups)
        self._note_collecting()

    async def settle(self, wanted: int | None, recommended: int) -> Shards:
        """Agree with the others on how many shards there are, and return those of this process's group.

        Without a number `wanted`, that is what the others have, or else what Discord has recommended. Raises
        OtherLayoutError if the others have another number, TooManyGroupsError if there are fewer shards than
        groups.
        """
        async with self._database.transaction() as connection:
            known = await connection.run(shards.layout)
            if known is None:
                known = Layout(wanted or max(recommended, self._groups), self._groups)
                if known.shards < known.groups:
                    raise TooManyGroupsError(known.shards, known.groups)
                await shards.note_layout(connection, known)
        _require_same(known, wanted, self._groups)
        self._shards = Shards.of_group(self.group or 0, self._groups, known.shards)
        return self._shards

    async def keep(self) -> None:
        """Renew the leases until cancelled, and be the collector if there is none.

        While the database is gone, nothing is sure, but nobody else can take anything either. Raises
        ReplacedError if another process has taken a lease.
        """
        while True:
            await asyncio.sleep(RENEW_SECONDS if self.is_sure else LOOK_SECONDS)
            try:
                await self._renew()
            except StorageError as error:
                log.warning("can't renew the lease: %r", error)
                self._let_others_first()

    async def give_back(self) -> None:
        """End the leases, so that others needn't wait until they run out."""
        held, self._held = self._held, frozenset()
        try:
            async with self._database.transaction() as connection:
                for name in held:
                    await leases.give_back(connection, name, self._owner)
        except StorageError as error:
            log.warning("can't give the lease back, which ends by itself: %r", error)

    async def _look_for_group(self, wanted: int | None) -> int | None:
        """Take a group that is free, and return its number; None if there is none, or none can be taken."""
        try:
            return await self._take_free(wanted)
        except StorageError as error:
            log.warning("can't look for a group: %r", error)
            self._let_others_first()
            return None

    def _let_others_first(self) -> None:
        """Take nothing for a while that others had before the database was gone."""
        self._patient_until = self._timer() + GRACE_SECONDS

    async def _take_free(self, wanted: int | None) -> int | None:
        async with self._database.reading() as connection:
            held = await connection.run(leases.held, self._clock(), LEASE_FOR)
            known = await connection.run(shards.layout)
        free = [group for group in range(self._groups) if _name(group) not in held]
        if known and any(map(_is_group, held)):
            _require_same(known, wanted, self._groups)
        if not free or self._timer() < self._patient_until:
            return None
        return await self._take_one(free)

    async def _take_one(self, free: list[int]) -> int | None:
        began = self._timer()
        async with self._database.transaction() as connection:
            now, since = self._clock(), self._timer()
            if since - began > QUICK_SECONDS:  # those who had the groups come first
                return None
            held = await connection.run(leases.held, now, LEASE_FOR)
            for group in free:
                if await self._take(connection, _name(group), now):
                    break
            else:
                return None
            also = [name for name in self._wanted if await self._take(connection, name, now)]
            if not any(map(_is_group, held)):  # what others had agreed upon is over
                await shards.forget_layout(connection)
        self._held = frozenset((_name(group), *also))
        self._sure_until = since + SURE_SECONDS
        return group

    async def _renew(self) -> None:
        """Renew all leases together, and take those that are wanted if they are free."""
        async with self._database.transaction() as connection:
            now, since = self._clock(), self._timer()
            wanted = self._held | (self._wanted if since >= self._patient_until else frozenset())
            held = [name for name in wanted if await self._take(connection, name, now)]
        if not self._held <= set(held):
            raise ReplacedError
        self._held, self._sure_until = frozenset(held), since + SURE_SECONDS
        self._note_collecting()

    async def _take(self, connection: Connection, name: str, now: datetime) -> bool:
        return await leases.take(connection, name, self._owner, now, now + LEASE_FOR)

    def _note_collecting(self) -> None:
        if COLLECTOR in self._held and not self._collects.is_set():
            self._collects.set()
            log.info("this process is the collector")


def _name(group: int) -> str:
    return f"{GROUP}{group}"


def _is_group(name: str) -> bool:
    return name.startswith(GROUP)


def _require_same(known: Layout, shard_count: int | None, groups: int) -> None:
    """Raise OtherLayoutError unless the servers are shared as this process was told."""
    if known.groups != groups or shard_count not in {None, known.shards}:
        raise OtherLayoutError(known.shards, known.groups)

"""APScheduler wakes the planner and the outbox; what is due, the database says."""

import asyncio
import itertools
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from digests.delivery.outbox import Outbox
from digests.delivery.planner import Planner
from digests.delivery.scheduler import RETRY_SECONDS, Scheduler
from digests.editions.timetable import EVERY_DAY
from digests.lookup.topics import find_topic
from digests.seeds.reload import Reloader
from digests.subscriptions.limits import Limits
from digests.subscriptions.subscribe import NewSubscription, subscribe
from storage.models import DigestOptions, Subject
from tests.build import ROOT
from tests.databases import OpenNew
from tests.letterbox import Letterbox

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SEEDS = ROOT / "seeds"
EIGHT = datetime(2026, 1, 4, 8, tzinfo=UTC)
NINE = datetime(2026, 1, 4, 9, tzinfo=UTC)


async def test_the_alarm_clock_wakes_the_planner_and_the_edition_comes(
    tmp_path: Path, open_new: OpenNew
) -> None:
    now = EIGHT
    letterbox = Letterbox()
    async with open_new(tmp_path / "broadsheet.db") as database:
        await Reloader(database, lambda: now).reload(SEEDS)
        async with database.transaction() as connection:
            wish = NewSubscription(
                Subject((await connection.run(find_topic, "AI", now),)),
                guild_id=1,
                channel_id=2,
                user_id=3,
                options=DigestOptions("09:00", "UTC", EVERY_DAY, 5),
            )
            await subscribe(connection, wish, now, Limits(1, 0))
        planner = Planner(database, letterbox, lambda: now)
        outbox = Outbox(database, letterbox, lambda: now)
        scheduler = Scheduler(database, planner, outbox, lambda: now, timer=lambda: datetime.timestamp(now))
        scheduler.start()
        try:
            now = NINE
            # Real time: the scheduler looks at once on start, then on every full minute.
            await asyncio.wait_for(letterbox.arrived.wait(), timeout=70)
        finally:
            await scheduler.stop()
        await scheduler.tick()
    assert [edition.topic for edition in letterbox.editions] == ["AI"]


def seconds_until(scheduler: Scheduler, job: str) -> float:
    """Return in how many seconds APScheduler will wake somebody."""
    found = scheduler.alarm.get_job(job)
    assert found
    at: datetime = found.next_run_time
    return (at - datetime.now(UTC)).total_seconds()


async def test_alarms_that_a_clock_set_back_has_moved_away_are_set_anew(
    tmp_path: Path, open_new: OpenNew
) -> None:
    now, seconds = NINE, 0.0
    async with open_new(tmp_path / "broadsheet.db") as database:
        planner = Planner(database, Letterbox(), lambda: now)
        outbox = Sleeper(database, Letterbox(), lambda: now)
        scheduler = Scheduler(database, planner, outbox, lambda: now, timer=lambda: seconds)
        scheduler.start()
        try:
            for sign, jump in itertools.product((1, -1), (MINUTE, HOUR, DAY, 70 * 365 * DAY)):
                for job, longest in (("serve", 60), ("retry", RETRY_SECONDS), ("tidy", 86_400)):
                    # What a clock of this machine looks like to APScheduler when it was set back.
                    trigger = IntervalTrigger(days=1, start_date=datetime.now(UTC) + 70 * 365 * DAY)
                    scheduler.alarm.reschedule_job(job, trigger=trigger)
                    assert seconds_until(scheduler, job) > longest
                seconds += 10
                now += timedelta(seconds=10.5)
                assert not scheduler.look_at_clock()
                now += sign * jump
                assert scheduler.look_at_clock()
                assert not scheduler.look_at_clock()
                for job, longest in (("serve", 60), ("retry", RETRY_SECONDS), ("tidy", 86_400)):
                    assert 0 <= seconds_until(scheduler, job) <= longest
        finally:
            await scheduler.stop()


async def test_what_became_due_by_a_jump_comes_without_waiting_for_the_next_minute(
    tmp_path: Path, open_new: OpenNew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digests.delivery.scheduler.LOOK_SECONDS", 0)
    served: asyncio.Queue[datetime] = asyncio.Queue()

    class Listener(Planner):
        async def plan(self) -> int:
            served.put_nowait(now)
            return 0

    now = NINE
    async with open_new(tmp_path / "broadsheet.db") as database:
        planner = Listener(database, Letterbox(), lambda: now)
        outbox = Outbox(database, Letterbox(), lambda: now)
        scheduler = Scheduler(database, planner, outbox, lambda: now, timer=lambda: 0.0)
        scheduler.start()
        try:
            assert await asyncio.wait_for(served.get(), 10) == NINE
            now -= HOUR
            while await asyncio.wait_for(served.get(), 50) != now:
                pass
        finally:
            await scheduler.stop()


async def tidy_by_night(scheduler: Scheduler) -> None:
    """Do what APScheduler does every night."""
    job = scheduler.alarm.get_job("tidy")
    assert job
    await job.func(*job.args)


async def test_nothing_is_forgotten_by_a_clock_that_has_just_jumped(
    tmp_path: Path, open_new: OpenNew, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[datetime] = []

    async def forget(_: Any, now: datetime, __: Any) -> None:
        forgotten.append(now)

    monkeypatch.setattr("digests.delivery.scheduler.forget_old", forget)
    now, seconds = NINE, 0.0
    async with open_new(tmp_path / "broadsheet.db") as database:
        planner = Planner(database, Letterbox(), lambda: now)
        outbox = Outbox(database, Letterbox(), lambda: now)
        scheduler = Scheduler(database, planner, outbox, lambda: now, timer=lambda: seconds)
        scheduler.start()
        scheduler.alarm.pause()
        await tidy_by_night(scheduler)
        now += 70 * 365 * DAY
        assert scheduler.look_at_clock()
        await tidy_by_night(scheduler)
        assert forgotten == [NINE]
        seconds += 86_400
        await tidy_by_night(scheduler)
        assert forgotten == [NINE, now]
        await scheduler.stop()


class Sleeper(Outbox):
    """An outbox that tells in which threads it was woken, and stays asleep."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.threads: list[int] = []
        self.disturbed = asyncio.Event()

    def wake(self) -> None:
        self.threads.append(threading.get_ident())
        if len(self.threads) > 2:
            self.disturbed.set()


async def test_the_outbox_is_woken_in_the_event_loop_and_not_beside_it(
    tmp_path: Path, open_new: OpenNew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digests.delivery.scheduler.RETRY_SECONDS", 0.05)
    letterbox = Letterbox()
    async with open_new(tmp_path / "broadsheet.db") as database:
        outbox = Sleeper(database, letterbox, lambda: NINE)
        planner = Planner(database, letterbox, lambda: NINE)
        scheduler = Scheduler(database, planner, outbox, lambda: NINE)
        scheduler.start()
        try:
            await asyncio.wait_for(outbox.disturbed.wait(), timeout=70)
        finally:
            await scheduler.stop()
    assert set(outbox.threads) == {threading.get_ident()}


class Hanging(Planner):
    """A planner whose planning never ends."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.begun = asyncio.Event()

    async def plan(self) -> int:
        self.begun.set()
        await asyncio.Event().wait()
        return 0


@pytest.mark.parametrize("job", ["planning", "tidying", "about to begin"])
async def test_stopping_while_a_job_runs_is_no_error(
    tmp_path: Path,
    open_new: OpenNew,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    job: str,
) -> None:
    letterbox, tidying = Letterbox(), asyncio.Event()

    async def tidy_for_ever(*_: Any) -> None:
        tidying.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("digests.delivery.scheduler.forget_old", tidy_for_ever)
    async with open_new(tmp_path / "broadsheet.db") as database:
        outbox = Outbox(database, letterbox, lambda: NINE)
        planner = Hanging(database, letterbox, lambda: NINE)
        scheduler = Scheduler(database, planner, outbox, lambda: NINE)
        scheduler.start()
        if job != "about to begin":
            begun = planner.begun if job == "planning" else tidying
            await asyncio.wait_for(begun.wait(), timeout=10)
        before = asyncio.all_tasks()
        await scheduler.stop()
        assert all(task.done() for task in before - {asyncio.current_task()})
        await asyncio.sleep(0)  # lets APScheduler hear of it
    assert [record for record in caplog.records if record.exc_info or record.levelname == "ERROR"] == []

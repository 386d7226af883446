"""Health: whoever asks over HTTP learns whether the bot is well, also when its event loop is stuck."""

import asyncio
import http.client
import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shutil import disk_usage
from threading import Thread
from typing import Any

import pytest
import yaml
from aiohttp import web
from discord.http import Route
from prometheus_client import CollectorRegistry

from bot.app import run
from bot.errors import WaitError
from bot.monitoring import health as health_module
from bot.monitoring.health import Health
from bot.monitoring.metrics import Metrics
from bot.monitoring.probe import DeadError, ask_alive
from bot.monitoring.server import served
from bot.news import load_seeds
from bot.setting_kinds import Secret
from bot.settings import Settings, SettingsError
from digests.errors import FolderError
from digests.tenure import LeasedTenure
from storage.errors import UnwritableError
from storage.sqlite.backup import back_up
from storage.sqlite.database import BUSY_MS, Database
from tests.bot.commands.test_digest import subscribe
from tests.bot.commands.test_digest_edit import say
from tests.bot.test_delivery import NINE
from tests.bot.test_trouble import away
from tests.build import ROOT
from tests.conftest import World, text_of

UNSENT = "UPDATE delivery SET state = 'pending', settled_at = NULL, try_at = issue_at"


class Timer:
    """A timer that stands still until a test moves it."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the seconds that it shows."""
        return self.now


def fetch(port: int, path: str) -> tuple[int, str]:
    """Return the status and the text that the health server answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


async def ask(port: int, path: str) -> tuple[int, str]:
    return await asyncio.to_thread(fetch, port, path)


def wrong(health: Health) -> set[str]:
    """Return the checks that are not well."""
    return {check for check, message in health.problems().items() if message}


def sample(world: World, name: str, **labels: str) -> float | None:
    """Return what a metric shows."""
    return world.app.health.metrics.registry.get_sample_value(name, labels)


@pytest.fixture
async def well(world: World) -> World:
    """Return a bot that has just woken and been looked at."""
    await world.tick()
    await world.app.health.look()
    return world


async def test_a_bot_that_is_well_is_ready(well: World) -> None:
    with served(well.app.health, "127.0.0.1", 0) as port:
        assert await ask(port, "/healthz") == (200, "alive\n")
        status, text = await ask(port, "/readyz")
        assert json.loads(text) == {
            "ready": True,
            "checks": dict.fromkeys(("loop", "database", "discord", "scheduler", "outbox"), "ok"),
        }
        assert status == 200
        status, text = await ask(port, "/metrics")
        assert status == 200
        assert 'broadsheet_ready{check="loop"} 1.0' in text
        assert (await ask(port, "/other"))[0] == 404
    with pytest.raises(ConnectionRefusedError):
        await ask(port, "/healthz")


async def test_a_stuck_event_loop_shows_as_not_ready(well: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_module, "STUCK_SECONDS", 0.2)
    answers: list[tuple[int, str]] = []

    def ask_later(port: int) -> None:
        time.sleep(0.4)
        answers.extend(fetch(port, path) for path in ("/readyz", "/healthz"))

    with served(well.app.health, "127.0.0.1", 0) as port:
        await well.app.health.look()
        asking = Thread(target=ask_later, args=(port,))
        asking.start()
        asking.join()  # the event loop stands still meanwhile
        await well.app.health.look()
        alive = await ask(port, "/healthz")
    (status, text), (dead, said) = answers
    assert status == dead == 503
    assert re.match(r"the event loop has not run for \d+ s", json.loads(text)["checks"]["loop"])
    assert re.match(r"the event loop has not run for \d+ s\n", said)
    assert alive == (200, "alive\n")


async def test_a_spare_is_well_without_discord_and_says_that_it_is_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = world.app
    monkeypatch.setattr(app.client, "tenure", LeasedTenure(app.services.database, app.services.clock, 2))
    with served(app.health, "127.0.0.1", 0) as port:
        await app.health.look()
        status, text = await ask(port, "/readyz")
        alive = await ask(port, "/healthz")
    assert (status, json.loads(text)) == (
        200,
        {"ready": True, "checks": {"loop": "ok", "database": "ok"}, "spare": True},
    )
    assert alive == (200, "alive, as a spare\n")


async def test_a_database_that_was_not_written_to_shows(well: World) -> None:
    app, timer = well.app, Timer()
    health = Health(app.services, app.client, app.scheduler, Metrics(CollectorRegistry()), timer)
    await health.look()
    assert wrong(health) == set()
    timer.now += 61
    assert wrong(health) == {"loop", "database"}
    await health.look()
    assert wrong(health) == set()


async def test_a_write_that_fails_shows_at_once_with_the_reason(
    well: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    health, database = well.app.health, well.app.services.database

    async def refuse(_: Database) -> None:
        raise UnwritableError(well.app.services.settings.database_path, "database or disk is full")

    async def until_shown(*, is_wrong: bool) -> None:
        async with asyncio.timeout(10):
            while True:
                if ("database" in wrong(health)) is is_wrong:
                    return
                await asyncio.sleep(0.01)

    monkeypatch.setattr(health_module, "LOOK_SECONDS", 0.01)
    with monkeypatch.context() as full:
        full.setattr(type(database), "probe", refuse)
        watching = asyncio.create_task(health.watch())
        await until_shown(is_wrong=True)
        assert "(database or disk is full)" in str(health.problems()["database"])
    await until_shown(is_wrong=False)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


def test_what_fails_or_waits_shows_within_20_seconds() -> None:
    assert health_module.LATE_SEND_SECONDS + health_module.LOOK_SECONDS <= 20
    assert BUSY_MS / 1000 + health_module.LOOK_SECONDS <= 20


async def test_a_scheduler_that_stopped_waking_is_dead_and_one_that_waits_for_discord_is_not(
    world: World,
) -> None:
    with served(world.app.health, "127.0.0.1", 0) as port:
        await world.app.health.look()
        assert (await ask(port, "/healthz"))[0] == 200  # it hasn't begun
        await world.tick()
        world.timer.ahead += 360
        world.clock.now -= timedelta(days=3)  # the clock plays no part
        await world.app.health.look()
        assert await ask(port, "/healthz") == (503, "the scheduler last woke 360 s ago\n")
        await world.tick()
        assert (await ask(port, "/healthz"))[0] == 200


async def test_whoever_asks_for_life_gets_one_sentence_where_there_is_none(world: World) -> None:
    await world.app.health.look()
    with served(world.app.health, "0.0.0.0", 0) as port:  # noqa: S104 - as in a container
        await asyncio.to_thread(ask_alive, "0.0.0.0", port)  # noqa: S104
        await world.tick()
        world.timer.ahead += 360
        await world.app.health.look()
        with pytest.raises(DeadError, match=r"started again: the scheduler last woke 360 s ago\.$"):
            await asyncio.to_thread(ask_alive, "127.0.0.1", port)
    with pytest.raises(DeadError, match=r"doesn't answer on port \d+ \(Connection refused\)"):
        await asyncio.to_thread(ask_alive, "127.0.0.1", port)


async def test_a_database_that_is_locked_leaves_the_bot_alive(well: World) -> None:
    well.timer.ahead += 100
    await well.tick()
    assert well.app.health.death() == "the event loop has not run for 100 s"
    await well.app.health.look()
    assert well.app.health.death() is None


async def test_a_lost_connection_shows_until_it_is_back(well: World) -> None:
    await well.app.client.on_shard_disconnect(0)
    assert wrong(well.app.health) == {"discord"}
    await well.app.client.on_shard_resumed(0)
    assert wrong(well.app.health) == set()


async def test_a_scheduler_that_does_not_wake_shows(world: World) -> None:
    await world.app.health.look()
    assert wrong(world.app.health) == {"scheduler"}
    await world.tick()
    assert wrong(world.app.health) == set()
    world.timer.ahead += 360
    await world.app.health.look()
    assert wrong(world.app.health) == {"scheduler"}


@pytest.mark.parametrize("hours", [1, -1, 24, -24, 600_000, -600_000])
async def test_a_clock_that_jumps_makes_nobody_look_late_or_hides_it(well: World, hours: int) -> None:
    await leave_unsent(well)
    await well.app.health.look()
    well.clock.now += timedelta(hours=hours)
    await well.app.health.look()
    assert wrong(well.app.health) == set()
    well.timer.ahead += 1000
    await well.app.health.look()
    assert wrong(well.app.health) == {"scheduler", "outbox"}


async def test_a_delivery_that_nobody_sends_shows(well: World) -> None:
    await subscribe(well)
    await well.tick(NINE)
    async with well.app.services.database.transaction() as connection:
        await connection.execute(UNSENT)
    await well.app.health.look()
    assert wrong(well.app.health) == set()
    well.clock.now += timedelta(seconds=16)
    well.timer.ahead += 16
    await well.app.health.look()
    assert wrong(well.app.health) == {"outbox"}
    assert sample(well, "broadsheet_queue_depth") == 1
    assert sample(well, "broadsheet_queue_wait_seconds") == 16


async def test_while_editions_arrive_one_that_waits_for_its_turn_is_no_trouble(well: World) -> None:
    await subscribe(well)
    await well.tick(NINE)
    await well.app.health.look()
    well.clock.now += timedelta(seconds=600)
    well.timer.ahead += 200
    async with well.app.services.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO delivery (subscription_id, issue_date, issue_at, state, try_at, settled_at)"
            " SELECT subscription_id, '2026-02-01', issue_at, 'sent', issue_at, issue_at FROM delivery"
            " UNION ALL"
            " SELECT subscription_id, '2026-02-02', issue_at, 'pending', issue_at, NULL FROM delivery"
        )
    await well.app.health.look()
    assert wrong(well.app.health) == set()
    well.timer.ahead += 16
    await well.app.health.look()
    assert wrong(well.app.health) == {"outbox"}


async def leave_unsent(world: World) -> None:
    """Leave an edition in the outbox that Discord didn't take at its time."""
    await subscribe(world)
    world.env.inject_error("POST", "/channels/*/messages", status=503, times=1)
    await world.tick(NINE)


async def look_later(world: World) -> None:
    await world.tick(NINE + timedelta(hours=11))
    await world.app.health.look()


async def test_an_edition_of_a_digest_that_somebody_paused_keeps_the_bot_ready(well: World) -> None:
    await leave_unsent(well)
    await say(well, "pause", topic="ai")
    await look_later(well)
    assert wrong(well.app.health) == set()
    assert sample(well, "broadsheet_queue_wait_seconds") == 0


async def test_an_edition_for_a_server_that_removed_the_bot_keeps_it_ready(well: World) -> None:
    await leave_unsent(well)
    with away(well):
        await well.env.settle()
        await look_later(well)
        assert wrong(well.app.health) == set()
        assert sample(well, "broadsheet_queue_wait_seconds") == 0


async def test_commands_and_buttons_are_counted_by_name_and_outcome(
    well: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await well.member.slash(well.channel, "stories latest", share=True)
    await well.member.click(answer.response, label="Next")
    await well.moderator.click(answer.response, label="Next")
    await well.moderator.slash(well.channel, "digest why", topic="no such topic at all")
    monkeypatch.setattr("bot.commands.topics.new_list", None)
    await well.member.slash(well.channel, "topics")
    for command, outcome in (
        ("stories latest", "done"),
        ("button TurnList", "done"),
        ("button TurnList", "refused"),
        ("digest why", "refused"),
        ("topics", "failed"),
    ):
        counted = sample(well, "broadsheet_commands_total", command=command, outcome=outcome)
        assert counted == 1, (command, outcome)
    assert sample(well, "broadsheet_command_seconds_count", command="button TurnList") == 2


async def test_what_has_not_happened_yet_is_shown_as_zero_so_that_alerts_see_the_first_time(
    world: World,
) -> None:
    for command in ("topics", "digest subscribe", "admin reload", "button TurnList"):
        assert sample(world, "broadsheet_commands_total", command=command, outcome="failed") == 0
    for outcome in ("sent", "empty", "skipped", "paused", "failed"):
        assert sample(world, "broadsheet_deliveries_total", outcome=outcome) == 0
    assert sample(world, "broadsheet_reloads_total", outcome="failed") == 0


async def test_deliveries_are_counted_by_outcome_with_their_lag(well: World) -> None:
    await subscribe(well)
    await well.tick(NINE + timedelta(seconds=40))
    await well.app.health.look()
    await well.app.health.look()
    assert sample(well, "broadsheet_deliveries_total", outcome="sent") == 1
    assert sample(well, "broadsheet_delivery_lag_seconds_sum") == 40
    for days in (60, 61):
        await well.tick(NINE + timedelta(days=days))
    await well.app.health.look()
    assert sample(well, "broadsheet_deliveries_total", outcome="empty") == 2
    assert sample(well, "broadsheet_queue_depth") == 0


async def test_an_edition_that_a_pause_skipped_is_counted_apart(well: World) -> None:
    await subscribe(well)
    await well.tick(NINE)
    async with well.app.services.database.transaction() as connection:
        await connection.execute(f"{UNSENT}, parts_sent = 0")
    await say(well, "pause", topic="ai")
    await well.tick(NINE + timedelta(days=2))
    await well.app.health.look()
    assert sample(well, "broadsheet_deliveries_total", outcome="paused") == 1
    assert sample(well, "broadsheet_deliveries_total", outcome="skipped") == 0
    assert sample(well, "broadsheet_deliveries_total", outcome="failed") == 0


async def test_the_age_of_reload_and_backup_and_the_disk_are_measured(well: World, tmp_path: Path) -> None:
    path = well.app.services.settings.database_path
    await well.app.health.look()
    assert sample(well, "broadsheet_backup_success_timestamp_seconds") == 0
    await load_seeds(well.app.services)
    await asyncio.to_thread(back_up, path, tmp_path / "copy.db", force=False, on_progress=lambda _, __: None)
    noted = path.with_name(f"{path.name}-backup")
    await well.app.health.look()
    assert sample(well, "broadsheet_backup_success_timestamp_seconds") == pytest.approx(noted.stat().st_mtime)
    reloaded = sample(well, "broadsheet_reload_success_timestamp_seconds")
    assert reloaded == well.clock.now.replace(microsecond=0).timestamp()
    assert sample(well, "broadsheet_disk_bytes") == disk_usage(path.parent).total
    assert 0 < (sample(well, "broadsheet_disk_free_bytes") or 0) <= disk_usage(path.parent).total


async def test_reloads_are_counted_with_what_they_found(well: World, tmp_path: Path) -> None:
    await load_seeds(well.app.services)
    answer = await well.owner.slash(well.channel, "admin reload")
    assert "reloaded" in text_of(answer)
    assert sample(well, "broadsheet_reloads_total", outcome="done") == 2
    assert sample(well, "broadsheet_records") == 107
    assert sample(well, "broadsheet_seed_faults") == 0
    with pytest.raises(FolderError):
        await well.app.services.reloader.reload(tmp_path / "nowhere")
    assert sample(well, "broadsheet_reloads_total", outcome="failed") == 1
    await well.app.health.look()
    size = sample(well, "broadsheet_database_bytes")
    assert size
    assert size >= well.app.services.settings.database_path.stat().st_size
    assert sample(well, "broadsheet_servers") == 1


async def test_a_port_that_is_taken_is_a_sentence(well: World) -> None:
    with (
        served(well.app.health, "127.0.0.1", 0) as port,
        pytest.raises(WaitError, match=r"^HEALTH_HOST, HEALTH_PORT: can't listen on .*\.$"),
        served(well.app.health, "127.0.0.1", port),
    ):
        pass


@pytest.mark.parametrize("host", ["a" * 300, "a..b", "a\0b"])
async def test_a_host_that_there_can_not_be_is_a_sentence(well: World, host: str) -> None:
    with (
        pytest.raises(SettingsError, match=r"^HEALTH_HOST, HEALTH_PORT: can't listen on .*\.$") as refused,
        served(well.app.health, host, 8080),
    ):
        pass
    assert len(str(refused.value)) < 250


@pytest.fixture
async def silent_discord(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Stand in for a Discord that takes connections and never answers."""

    async def wait(_: web.Request) -> web.Response:
        await asyncio.sleep(600)
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", wait)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setattr(Route, "BASE", f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10")
    yield
    await runner.cleanup()


@pytest.mark.usefixtures("silent_discord")
async def test_a_bot_that_cannot_connect_answers_that_it_is_not_ready(
    settings: Settings, unused_tcp_port: int
) -> None:
    changed = replace(settings, discord_token=Secret("not.a.token"), health_port=unused_tcp_port)
    running = asyncio.create_task(run(changed))
    async with asyncio.timeout(20):
        while True:
            try:
                status, text = await ask(unused_tcp_port, "/readyz")
                break
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
    assert status == 503
    assert json.loads(text)["checks"]["discord"] == "not connected"
    assert (await ask(unused_tcp_port, "/healthz"))[0] == 200
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def expressions(document: Any) -> Iterator[str]:
    """Yield every PromQL expression of a dashboard or of rules."""
    if isinstance(document, dict):
        if isinstance(document.get("expr"), str):
            yield document["expr"]
        for value in document.values():
            yield from expressions(value)
    elif isinstance(document, list):
        for value in document:
            yield from expressions(value)


@pytest.mark.parametrize("name", ["grafana.json", "alerts.yml"])
def test_every_metric_that_dashboard_and_alerts_name_exists(name: str) -> None:
    metrics = Metrics(CollectorRegistry())
    names = {
        metric.name + suffix
        for metric in metrics.registry.collect()
        for suffix in {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(
            metric.type, [""]
        )
    } | {"up"}
    found = [*expressions(yaml.safe_load((ROOT / "deploy" / name).read_text("utf-8")))]
    assert len(found) > 8
    used = {word for text in found for word in re.findall(r"\b(?:broadsheet|process)_\w+|\bup\b", text)}
    assert used - names == set()


def test_every_metric_is_in_the_operators_guide() -> None:
    guide = (ROOT / "docs" / "operating.md").read_text("utf-8")
    for metric in Metrics(CollectorRegistry()).registry.collect():
        if metric.name.startswith("broadsheet_"):
            assert metric.name in guide

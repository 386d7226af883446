"""Systemd hears that the bot is ready, that it lives, and that it stops; a dead one gives no sign."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.monitoring import health as health_module
from bot.monitoring.supervisor import supervised
from bot.settings import Supervision, supervision
from tests.conftest import World


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """Return a socket as systemd listens on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


async def heard(systemd: socket.socket) -> str:
    async with asyncio.timeout(10):
        return (await asyncio.get_running_loop().sock_recv(systemd, 1_000)).decode()


async def test_it_hears_of_the_start_of_life_and_of_the_end(world: World, systemd: socket.socket) -> None:
    await world.app.health.look()
    async with supervised(world.app.health, Supervision(systemd.getsockname(), 0.03)):
        assert await heard(systemd) == "READY=1"
        for _ in range(3):
            assert await heard(systemd) == "WATCHDOG=1"
    signs = [await heard(systemd)]
    while signs[-1] == "WATCHDOG=1":
        signs.append(await heard(systemd))
    assert signs[-1] == "STOPPING=1"


async def test_a_dead_bot_gives_no_sign_of_life(
    world: World, systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_module, "STUCK_SECONDS", -1)
    async with supervised(world.app.health, Supervision(systemd.getsockname(), 0.03)):
        assert await heard(systemd) == "READY=1"
        for _ in range(3):
            assert (await heard(systemd)).startswith("STATUS=the event loop has not run for ")


async def test_without_a_watchdog_no_signs_are_given(world: World, systemd: socket.socket) -> None:
    async with supervised(world.app.health, Supervision(systemd.getsockname(), None)):
        assert await heard(systemd) == "READY=1"
    assert await heard(systemd) == "STOPPING=1"


async def test_names_in_the_abstract_namespace_are_heard(world: World) -> None:
    name = f"broadsheet-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        listening.setblocking(False)
        async with supervised(world.app.health, Supervision(f"@{name}", None)):
            assert await heard(listening) == "READY=1"


async def test_a_systemd_that_is_gone_stops_nothing(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with supervised(world.app.health, Supervision(str(tmp_path / "nowhere"), 1.0)):
        await asyncio.sleep(0)
    assert "can't be told READY=1" in caplog.text


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"NOTIFY_SOCKET": ""}, None),
        ({"NOTIFY_SOCKET": "/run/a"}, Supervision("/run/a", None)),
        ({"NOTIFY_SOCKET": "/run/a", "WATCHDOG_USEC": "60000000"}, Supervision("/run/a", 60.0)),
        (
            {"NOTIFY_SOCKET": "/run/a", "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"},
            Supervision("/run/a", None),
        ),
        ({"NOTIFY_SOCKET": "/run/a", "WATCHDOG_USEC": "soon"}, Supervision("/run/a", None)),
    ],
)
def test_what_systemd_wants_is_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: Supervision | None
) -> None:
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert supervision() == expected


def test_a_watchdog_of_this_process_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/a")
    monkeypatch.setenv("WATCHDOG_USEC", "1500000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    assert supervision() == Supervision("/run/a", 1.5)

"""Logs: one line an event on stderr, for people or for machines, and never a secret."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from bot.logs import set_up_logs
from bot.settings import LogFormat, LogLevel, load_settings
from tests.bot.commands.test_digest import subscribe
from tests.bot.test_delivery import NINE
from tests.build import ROOT, seed_text, write_seed
from tests.conftest import OpenWorld, World

TOKEN = "MTIz.never-logged.NDU2"
LOGGERS = ("", "bot", "digests", "storage")


@pytest.fixture(autouse=True)
def loggers_as_before() -> Iterator[None]:
    """Put the process's loggers back: the ones of a test write to a stderr that is gone after it."""
    handlers = logging.getLogger().handlers
    levels = [logging.getLogger(name).level for name in LOGGERS]
    yield
    logging.getLogger().handlers = handlers
    for name, level in zip(LOGGERS, levels, strict=True):
        logging.getLogger(name).setLevel(level)


def test_json_is_one_object_a_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(LogLevel.INFO, LogFormat.JSON)
    log = logging.getLogger("bot.test")
    log.info("%d records,\nin two lines", 3)
    log.warning("said “so” with \u2028 and \x00")
    try:
        raise ValueError("broken")
    except ValueError:
        log.exception("a failure")
    out, err = capsys.readouterr()
    assert out == ""
    first, second, third = map(json.loads, err.split("\n")[:-1])
    assert first["event"] == "3 records,\nin two lines"
    assert (first["level"], first["logger"]) == ("info", "bot.test")
    assert first["timestamp"].endswith("Z")
    assert second["event"] == "said “so” with \u2028 and \x00"
    assert "ValueError: broken" in third["exception"]


@pytest.mark.parametrize("log_format", LogFormat)
def test_the_level_is_for_the_bot_and_libraries_speak_from_warnings_on(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    set_up_logs(LogLevel.DEBUG, log_format)
    for name in ("bot.test", "digests.test", "storage.test", "discord.gateway"):
        logging.getLogger(name).debug("quiet words of %s", name)
        logging.getLogger(name).warning("loud words of %s", name)
    err = capsys.readouterr().err
    assert err.count("loud words") == 4
    assert err.count("quiet words") == 3
    assert "quiet words of discord" not in err


def test_an_error_level_silences_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(LogLevel.ERROR, LogFormat.TEXT)
    logging.getLogger("bot.test").warning("a warning")
    logging.getLogger("bot.test").error("an error")
    err = capsys.readouterr().err
    assert "a warning" not in err
    assert "an error" in err


@pytest.mark.parametrize("log_format", LogFormat)
def test_settings_are_logged_without_the_token(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, log_format: LogFormat
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    set_up_logs(LogLevel.DEBUG, log_format)
    settings = load_settings()
    logging.getLogger("bot.test").info("%s %r", settings, settings)
    logging.getLogger("bot.test").info("the token is %s", settings.discord_token)
    err = capsys.readouterr().err
    assert "database_path" in err
    assert TOKEN not in err


@pytest.mark.parametrize("log_format", LogFormat)
def test_text_keeps_an_event_on_one_line(capsys: pytest.CaptureFixture[str], log_format: LogFormat) -> None:
    set_up_logs(LogLevel.INFO, log_format)
    logging.getLogger("bot.test").info("two\nlines\r and \x1b[31m")
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "\x1b[31m" not in err


@pytest.mark.parametrize("log_format", LogFormat)
def test_tokens_are_taken_out_of_every_line_tracebacks_included(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    set_up_logs(LogLevel.INFO, log_format, [TOKEN])
    # Made of the shape that Discord gives them.
    shaped = ".".join(("M" * 24, "G" * 6, "s" * 38))
    address = "https://discord.com/api/v10/webhooks/123/aW50ZXJhY3Rpb24-secret/messages/@original"
    log = logging.getLogger("discord.http")
    log.warning("We are being rate limited. PATCH %s responded with 429.", address)
    log.warning("answered %s", "https://discord.com/api/v10/interactions/5/another-secret/callback")
    try:
        raise ValueError(f"{TOKEN} {shaped}")
    except ValueError:
        logging.getLogger("bot.test").exception("with %s", TOKEN)
    err = capsys.readouterr().err
    for secret in (TOKEN, shaped, "aW50ZXJhY3Rpb24", "another-secret"):
        assert secret not in err
    assert "/messages/@original" in err
    assert err.count("[hidden]") >= 4


@pytest.mark.parametrize("log_format", LogFormat)
def test_a_traceback_tells_no_values_of_variables(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    set_up_logs(LogLevel.INFO, log_format, [TOKEN])

    def read(record: list[str]) -> None:
        raise ValueError(len(record))

    try:
        read(["secured: " + "c2VjcmV0" * 20, " ".join(["a headline"] * 3), TOKEN])
    except ValueError:
        logging.getLogger("bot.test").exception("a fault")
    err = capsys.readouterr().err
    assert "ValueError: 3" in err
    assert "c2VjcmV0c2VjcmV0" not in err
    assert "a headline a headline" not in err


async def test_ids_of_what_is_going_on_are_in_each_line(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(LogLevel.INFO, LogFormat.JSON)
    await subscribe(world)
    await world.tick(NINE)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    command = next(line for line in lines if line["event"].startswith("digest subscribe: done"))
    assert (command["command"], command["server"]) == ("digest subscribe", world.guild.id)
    assert command["interaction"]
    sent = next(line for line in lines if "sent to channel" in line["event"])
    assert (sent["delivery"], sent["subscription"], sent["channel"]) == (1, 1, world.channel.id)


@pytest.mark.parametrize("log_format", LogFormat)
async def test_message_texts_and_secured_never_appear_with_all_loggers_at_debug(
    open_world: OpenWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    set_up_logs(LogLevel.DEBUG, log_format, [TOKEN])
    loud = ("discord", "discord.http", "discord.gateway", "aiosqlite", "asyncio", "apscheduler")
    try:
        for name in loud:
            logging.getLogger(name).setLevel(logging.DEBUG)
        seeds = tmp_path / "seeds"
        published = "2026-01-04T06:00:00Z"
        secret = "secured: c2VjcmV0IGNpcGhlcnRleHQ\n"
        write_seed(seeds, "a.md", seed_text(title="Quiet headline", published=published, after=secret))
        write_seed(seeds, "b.md", "---\ntitle: [\n" + secret + "---\n")
        async with open_world(seeds_path=seeds) as world:
            await subscribe(world, time="10:00")
            await world.tick(NINE + timedelta(hours=1))
            await world.member.slash(world.channel, "stories search", words="quiet")
            await world.owner.slash(world.channel, "admin reload", force=True)
            logging.getLogger("discord.http").debug("POST with %s", "Quiet headline")
    finally:
        for name in loud:
            logging.getLogger(name).setLevel(logging.NOTSET)
    err = capsys.readouterr().err
    assert "digest subscribe: done" in err
    for text in ("Quiet headline", "c2VjcmV0", TOKEN):
        assert text not in err


@pytest.mark.parametrize("log_format", LogFormat)
def test_a_fault_that_ends_the_program_is_logged_like_all_else(log_format: LogFormat) -> None:
    program = (
        "from bot.logs import set_up_logs; from bot.settings import LogFormat, LogLevel;"
        f"set_up_logs(LogLevel.INFO, LogFormat({log_format.value!r}), [{TOKEN!r}]);"
        f"raise ValueError('with {TOKEN}')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert ended.returncode == 1
    assert TOKEN not in ended.stderr
    assert "ValueError: with [hidden]" in ended.stderr
    if log_format is LogFormat.JSON:
        (line,) = ended.stderr.splitlines()
        assert json.loads(line)["level"] == "critical"


FORGED = "\n2026-01-04T08:00:00Z [info     ] all is well \x1b[32m\r\x9b31m\u2028 and more\n\nend"


def test_what_a_traceback_quotes_forges_no_line_and_no_colour(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(LogLevel.INFO, LogFormat.TEXT)
    log = logging.getLogger("bot.test")
    try:
        try:
            raise ValueError(FORGED)
        except ValueError as error:
            error.add_note(FORGED)
            raise KeyError(FORGED) from error
    except KeyError:
        log.exception("a failure")
    with structlog.contextvars.bound_contextvars(command=FORGED):
        log.warning("a warning")
    lines = capsys.readouterr().err.split("\n")[:-1]
    assert [line for line in lines if not line.startswith("  | ")] == [
        line for line in lines if " a failure " in line or " a warning " in line
    ]
    assert len([line for line in lines if "all is well" in line]) >= 3
    assert [line for line in lines if not line.isprintable()] == []

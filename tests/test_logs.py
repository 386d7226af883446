"""Logs: one line an event on stderr, for people or for machines, and never a secret."""

import json
import logging
from collections.abc import Iterator

import pytest

from bot.logs import set_up_logs
from bot.settings import LogFormat, LogLevel, load_settings

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

"""Logs on stderr: one line per event, as text or JSON, without secrets."""

import logging
import sys
from collections.abc import Iterable
from functools import cached_property
from types import TracebackType

from bot.settings import LogFormat, LogLevel

log = logging.getLogger(__name__)

OURS = ("bot", "digests", "storage")
CLOSED = (10062, 40060)  # Discord's codes: too late, answered already


def set_up_logs(level: LogLevel, log_format: LogFormat, secrets: Iterable[str] = ()) -> None:
    """Send all logs to stderr: of libraries from warnings on, and never with one of `secrets`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_is_for_operators)
    handler.setFormatter(_LateFormatter(log_format, secrets))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    sys.excepthook = _log_uncaught


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Log an exception that ends the program like everything else: without secrets, and as JSON if set."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("stopped by an internal error", exc_info=(kind, error, trace))


def _is_for_operators(record: logging.LogRecord) -> bool:
    """Say whether to log a record: what libraries say below warnings has messages and addresses in it.

    That a list of choices came too late, as the person typed on, is normal.
    """
    if record.name == "discord.app_commands.tree" and _is_late(record):
        log.info("a list of choices came too late")
        return False
    return record.levelno >= logging.WARNING or record.name.split(".")[0] in OURS


def _is_late(record: logging.LogRecord) -> bool:
    """Say whether a record is about an interaction that takes no answer any more."""
    return record.exc_info is not None and getattr(record.exc_info[1], "code", None) in CLOSED


class _LateFormatter(logging.Formatter):
    """Formats with structlog, which takes a while to load: most commands have nothing to log."""

    def __init__(self, log_format: LogFormat, secrets: Iterable[str]) -> None:
        super().__init__()
        self._as_json = log_format is LogFormat.JSON
        self._secrets = tuple(secrets)

    @cached_property
    def _formatter(self) -> logging.Formatter:
        from bot.log_lines import formatter  # noqa: PLC0415

        return formatter(as_json=self._as_json, secrets=self._secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line that is written for a record."""
        return self._formatter.format(record)

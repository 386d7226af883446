"""Logs on stderr: one line per event, as text or JSON, without secrets."""

import logging
import re
import sys
from collections.abc import Iterable
from traceback import format_exception
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from bot.settings import LogFormat, LogLevel
from digests.text import visible

log = logging.getLogger(__name__)

OURS = ("bot", "digests", "storage")
HIDDEN = "[hidden]"
MARK = "  | "  # before each line of a traceback
_STRUCTURED = {"exc_info", "stack", "exception"}
CLOSED = (10062, 40060)  # Discord's codes: too late, answered already
# Any bot's token, and the tokens of interactions and webhooks, which are part of addresses.
TOKENS = r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}|(?:(?<=/webhooks/)|(?<=/interactions/))\d+/[^/?\s'\"]+"


def set_up_logs(level: LogLevel, log_format: LogFormat, secrets: Iterable[str] = ()) -> None:
    """Send all logs to stderr: of libraries from warnings on, and never with one of `secrets`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if log_format is LogFormat.JSON:
        rendering: list[Processor] = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    else:
        rendering = [
            _on_one_line,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                # The pretty one shows values of variables: texts, and tokens that are cut in two.
                exception_formatter=_write_traceback,
            ),
        ]
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_is_for_operators)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *rendering,
                _Redactor(secrets),
            ],
        )
    )
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


def _on_one_line(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Escape line breaks and control characters, so that an event stays on one line."""
    return {key: value if key in _STRUCTURED else visible(str(value)) for key, value in event.items()}


def _write_traceback(text: TextIO, exc_info: ExcInfo) -> None:
    """Write a traceback, each line of it marked: what an error quotes can't look like an event of its own."""
    text.writelines(
        f"\n{MARK}{visible(line)}" for line in "".join(format_exception(*exc_info)).rstrip("\n").split("\n")
    )


class _Redactor:
    """Removes secrets from a line that is ready to be written, tracebacks included."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = [re.escape(secret) for secret in secrets if secret]
        self._secret = re.compile("|".join([*known, TOKENS]))

    def __call__(self, _: WrappedLogger, __: str, line: EventDict | str) -> str:
        """Return the line without secrets."""
        return self._secret.sub(HIDDEN, str(line))

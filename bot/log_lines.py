"""How a log's line is written, by structlog: as text or JSON, on one line, without secrets."""

import re
import sys
from collections.abc import Iterable
from logging import Formatter
from traceback import format_exception
from typing import TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from digests.text import visible

HIDDEN = "[hidden]"
MARK = "  | "  # before each line of a traceback
_STRUCTURED = {"exc_info", "stack", "exception"}
# Any bot's token, and the tokens of interactions and webhooks, which are part of addresses.
TOKENS = r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}|(?:(?<=/webhooks/)|(?<=/interactions/))\d+/[^/?\s'\"]+"


def formatter(*, as_json: bool, secrets: Iterable[str]) -> Formatter:
    """Return what formats records of logs."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if as_json:
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
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *rendering,
            _Redactor(secrets),
        ],
    )


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

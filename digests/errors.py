"""The error tree: every message is one sentence for the person, with what to do next."""

from collections.abc import Callable


class BroadsheetError(Exception):
    """Something a person can put right; the message says what happened and what to do.

    Its places `{}` are filled with `words` that strangers wrote: names, what somebody typed.
    """

    def __init__(self, message: str, *words: str) -> None:
        super().__init__(message, *words)
        self._message = message
        self._words = words

    def __str__(self) -> str:
        return self.told(str)

    def told(self, escape: Callable[[str], str]) -> str:
        """Return the message, with the strangers' words escaped for the place where it is shown."""
        return self._message.format(*map(escape, self._words)) if self._words else self._message


class NotFoundError(BroadsheetError):
    """A topic, story or subscription that isn't there."""


class InvalidInputError(BroadsheetError):
    """An option whose value can't be used; the message names it and its limits."""


class ReloadError(BroadsheetError):
    """A reload that could not begin or was stopped; the records stay as they were."""


class ReloadBusyError(ReloadError):
    """Another reload runs; it need not see what changed since it began."""


class ReloadRefusedError(ReloadError):
    """A reload that would remove most records, and was not told to."""


class SeedError(Exception):
    """What is wrong with a seed file; `line` counts from 1."""

    def __init__(self, message: str, line: int | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.field = field

"""What a check found, and what to do about it."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How a check ended: all is well, something is worth knowing, or something must be fixed."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `advice` says what to do, and is empty if there is nothing to do."""

    check: str
    state: State
    message: str
    advice: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, [f"{self.check}: {self.message}", self.advice]))

    def to_json(self) -> dict[str, Any]:
        """Return the finding as a JSON document."""
        return asdict(self)


def ok(check: str, message: str) -> Finding:
    """Return a finding that all is well."""
    return Finding(check, State.OK, message)


def note(check: str, message: str, advice: str = "") -> Finding:
    """Return a finding that is worth knowing."""
    return Finding(check, State.NOTE, message, advice)


def wrong(check: str, message: str, advice: str) -> Finding:
    """Return a finding that must be fixed, and how."""
    return Finding(check, State.WRONG, message, advice)

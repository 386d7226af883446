"""Discord's form checks that simcord leaves out: it refuses a message for one address or text in it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from simcord.backend.errors import BackendError
from simcord.http import router

# As Discord's API answers it: a host with a dot, and none that is all digits at its end.
WELL_FORMED = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*(:\d+)?(/\S*)?", re.IGNORECASE)
MALFORMED = "Not a well formed URL."
BLOCKED = "Contains something that isn't allowed."


class Strict:
    """What Discord refuses: addresses of pictures that aren't well formed, and what holds `words`."""

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.is_vague = False  # it doesn't say what is wrong
        self.refused = 0

    def check(self, body: Any) -> None:
        """Raise Discord's error 50035 if any part of a message is refused; it names every one of them."""
        if errors := self._errors(body):
            self.refused += 1
            raise BackendError(400, 50035, "Invalid Form Body", errors=None if self.is_vague else errors)

    def _errors(self, part: Any) -> dict[str, Any]:
        """Return Discord's tree of errors for a part of a request's body, {} if all is well."""
        found = {str(key): errors for key, inner in _inner(part) if (errors := self._errors(inner))}
        if isinstance(part, dict) and "media" in part:
            url = part["media"]["url"]
            if not WELL_FORMED.fullmatch(url) or self._is_blocked(url):
                wrong = [{"code": "URL_TYPE_INVALID_URL", "message": MALFORMED}]
                found["media"] = {"url": {"_errors": wrong}}
        if isinstance(part, dict) and part.get("type") == 10 and self._is_blocked(part["content"]):
            found["content"] = {"_errors": [{"code": "BLOCKED", "message": BLOCKED}]}
        return found

    def _is_blocked(self, text: str) -> bool:
        return any(word in text for word in self.words)


def _inner(part: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(part, dict):
        yield from part.items()
    elif isinstance(part, list):
        yield from enumerate(part)


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> Strict:
    """Return what makes simcord as strict as Discord."""
    checks, faults = Strict(), router._check_faults  # noqa: SLF001 - simcord has no hook

    def check(backend: Any, method: str, path: str) -> None:
        faults(backend, method, path)
        checks.check(backend.http_requests[-1].json)

    monkeypatch.setattr(router, "_check_faults", check)
    return checks

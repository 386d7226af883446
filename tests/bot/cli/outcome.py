"""What came of a command."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout, of a command that is done."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one thing said on stderr, of a command whose input was at fault."""
        assert self.code == 1
        assert self.out == ""
        assert "Traceback" not in self.err
        assert self.err.count("\n") == 1
        assert self.err.rstrip().endswith((".", "?", ": broadsheet sandbox"))
        return self.err.strip()


Run = Callable[..., Outcome]

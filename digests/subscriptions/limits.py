"""How many subscriptions there may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How many subscriptions a server, and a person in DMs, may have."""

    per_server: int
    per_person: int

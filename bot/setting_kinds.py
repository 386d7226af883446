"""The kinds of settings: what each reads from a text; a text that is none raises NotOfKindError."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from digests.feeds.hosts import AllowedHosts, allowed_hosts
from digests.ids import AN_ID, discord_id
from digests.text import glimpse

SHOWN = 20  # characters of a wrong text: of a misplaced token that is only the bot's id
TRUE = frozenset({"1", "on", "t", "true", "y", "yes"})
FALSE = frozenset({"0", "off", "f", "false", "n", "no"})
Choice = TypeVar("Choice", bound=StrEnum)
Value = TypeVar("Value")


class NotOfKindError(ValueError):
    """A text that stands for nothing of its kind; `faults` has a line for each part that is wrong."""

    def __init__(self, expected: str, *found: str) -> None:
        super().__init__(expected)
        self.faults = [f"expected {expected}, found the text {glimpse(text, SHOWN)!r}" for text in found]


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that isn't shown by showing what holds it."""

    value: str = field(repr=False)


def setting(read: Callable[[str], Value], default: Value, description: str) -> Value:
    """Return a setting's field: what reads its text, and what it is if nobody sets it."""
    made: Value = field(default=default, metadata={"read": read, "description": description})
    return made


def secret(text: str) -> Secret | None:
    """Return a secret; None if the text is only space."""
    return Secret(text.strip()) if text.strip() else None


def postgres_url(text: str) -> Secret | None:
    """Return the URL of a PostgreSQL database, which may hold a password; None if the text is only space."""
    url = text.strip()
    scheme, separator, _ = url.partition("://")
    if url and scheme not in {"postgresql", "postgres"}:
        raise NotOfKindError("a URL that begins with postgresql://", scheme if separator else "")
    return secret(url)


def boolean(text: str) -> bool:
    """Return true or false, of which each may be written in six ways."""
    if text.lower() not in TRUE | FALSE:
        raise NotOfKindError("true or false", text)
    return text.lower() in TRUE


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return what reads a whole number that isn't out of bounds."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise NotOfKindError("a whole number", text) from None
        if number < least:
            raise NotOfKindError(f"a number of at least {least:,}", text)
        if most is not None and number > most:
            raise NotOfKindError(f"a number of at most {most:,}", text)
        return number

    return read


def one_of(choices: type[Choice]) -> Callable[[str], Choice]:
    """Return what reads one of a few words, in any case."""

    def read(text: str) -> Choice:
        word = text.strip().lower()
        if word not in set(choices):
            *others, last = (repr(choice.value) for choice in choices)
            raise NotOfKindError(f"{', '.join(others)} or {last}", word)
        return choices(word)

    return read


def path(text: str) -> Path:
    """Return the path of a file or folder; no shell has expanded what is in .env."""
    if "\0" in text:
        raise NotOfKindError("a path without NUL characters", text)
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise NotOfKindError("a path in a home folder that exists", text) from None


def one_id(text: str) -> int:
    """Return one Discord id."""
    number = discord_id(text)
    if number is None:
        raise NotOfKindError(AN_ID, text)
    return number


def ids(text: str) -> frozenset[int]:
    """Return Discord ids, which have commas or spaces between them."""
    parts = _parts(text)
    wrong = [part for part in parts if discord_id(part) is None]
    if wrong:
        raise NotOfKindError(AN_ID, *wrong)
    return frozenset(map(one_id, parts))


def hosts(text: str) -> AllowedHosts:
    """Return hosts and networks, which have commas or spaces between them."""
    try:
        return allowed_hosts(_parts(text))
    except ValueError:
        raise NotOfKindError("names of hosts, IP addresses or networks", text) from None


def contact(text: str) -> str:
    """Return a page's address or a mailbox, for a header of HTTP."""
    if not (text.isascii() and text.isprintable()):
        raise NotOfKindError("an address of a page or a mailbox, in ASCII", text)
    return text.strip()


def _parts(text: str) -> list[str]:
    return text.replace(",", " ").split()

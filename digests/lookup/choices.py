"""What is offered while somebody types: one rule for topics, outlets, digests and stories.

A choice is found by any word that it shows, also one that is only begun; accents don't matter.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

from storage.search.words import as_words, indexed

NO_FIT = 99
MAX_TYPED = 200  # characters looked at; a choice shows half as many
Choice = TypeVar("Choice")


def best(typed: str, choices: Iterable[Choice], names: Callable[[Choice], Sequence[str]]) -> list[Choice]:
    """Return the choices that fit what was typed, best first; the first of a choice's names counts most."""
    wanted = as_words(typed[:MAX_TYPED])
    ranked = [(_fit(wanted, names(choice)), choice) for choice in choices]
    return [choice for fit, choice in sorted(ranked, key=lambda each: each[0]) if fit < NO_FIT]


def _fit(wanted: str, names: Sequence[str]) -> int:
    """Return how well a choice of these names fits, 0 being best, NO_FIT not at all."""
    fits = [_fit_of(wanted, name) for name in names]
    return min(fit + (place > 0) for place, fit in enumerate(fits))


def _fit_of(wanted: str, name: str) -> int:
    words, text = _words_of(name)
    if wanted == words:
        return 0
    if text.startswith(f" {wanted}"):
        return 2
    if f" {wanted}" in text:
        return 4
    if all(f" {word}" in text for word in wanted.split()):
        return 6
    return 8 if wanted in text else NO_FIT


@lru_cache(maxsize=16_384)
def _words_of(name: str) -> tuple[str, str]:
    """Return a name's words, and all that it is found by, with a space before each."""
    return as_words(name), f" {indexed(name)}"

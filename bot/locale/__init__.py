"""Texts for people in Discord, in the language of whoever reads them.

`_` and `n_` look a text up by its English wording, as gettext does; `make texts` writes down all of them in
broadsheet.pot, which catalogs are translated from.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from string import Formatter
from typing import Any

from bot.locale.catalogs import ENGLISH, catalog

DECIMALS = re.compile(r"\.([1-9])f")
_language: ContextVar[str] = ContextVar("language", default=ENGLISH)  # a catalog's name


class _Writer(Formatter):
    """Fills the places of a translated text.

    Numbers such as {number:,} and {seconds:.1f} are as the language writes them.
    """

    def format_field(self, value: Any, spec: str) -> str:
        decimals = DECIMALS.fullmatch(spec)
        if spec != "," and not decimals:
            return str(super().format_field(value, spec))
        from babel.numbers import format_decimal

        pattern = f"#,##0.{'0' * int(decimals[1])}" if decimals else None
        return format_decimal(value, pattern, spoken())


_WRITER = _Writer()


def _(text: str, /, **values: object) -> str:
    """Return a text with its places, such as {topic}, filled with `values`, which must be escaped already."""
    return _filled(catalog(spoken()).gettext(text), values)


def n_(one: str, many: str, number: int, /, **values: object) -> str:
    """Return the form of a text that goes with `number`, which fills its place {number}."""
    return _filled(catalog(spoken()).ngettext(one, many, number), {**values, "number": number})


def _filled(text: str, values: Mapping[str, object]) -> str:
    if spoken() == ENGLISH:  # whose numbers are as Python writes them
        return text.format(**values)
    return _WRITER.vformat(text, (), values)


def spoken() -> str:
    """Return the language that texts are in here: the name of a catalog."""
    return _language.get()


def speak(language: str) -> None:
    """Let the texts of this task, and of those that it starts, be in a language."""
    _language.set(language)


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Let the texts of this block be in a language."""
    before = _language.set(language)
    try:
        yield
    finally:
        _language.reset(before)

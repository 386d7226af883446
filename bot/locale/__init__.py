"""Texts for people in Discord: each goes through here, in English until there are other catalogs.

`_` and `n_` look a text up by its English wording, as gettext does; `make texts` writes down all of them in
broadsheet.pot, which translations start from.
"""

from gettext import NullTranslations

CATALOG = NullTranslations()  # gettext's own fallback: every text reads as it is written in the code


def _(text: str, /, **values: object) -> str:
    """Return a text with its places, such as {topic}, filled with `values`, which must be escaped already."""
    return CATALOG.gettext(text).format(**values)


def n_(one: str, many: str, number: int, /, **values: object) -> str:
    """Return the form of a text that goes with `number`, which fills its place {number}."""
    return CATALOG.ngettext(one, many, number).format(number=number, **values)

"""Make the .mo files that the bot reads of the catalogs of texts, bot/locale/*/LC_MESSAGES/broadsheet.po."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parents[1] / "bot" / "locale"


def translated(file: Path) -> Catalog:
    """Return a catalog without what isn't translated wholly: that reads as the code has it, in English."""
    with file.open("rb") as texts:
        catalog = read_po(texts, locale=file.parents[1].name)
    for message in list(catalog):
        if not all([message.string] if isinstance(message.string, str) else message.string or ()):
            catalog.delete(message.id)
    return catalog


def main() -> None:
    """Compile every catalog."""
    for file in FOLDER.glob("*/LC_MESSAGES/*.po"):
        with file.with_suffix(".mo").open("wb") as made:
            write_mo(made, translated(file))


if __name__ == "__main__":
    main()

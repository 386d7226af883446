"""Write bot/locale/broadsheet.pot, every text for people in Discord, and merge it into the catalogs."""

import asyncio
import tempfile
from io import BytesIO
from pathlib import Path

import babel
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from discord import Locale, app_commands
from discord.app_commands import TranslationContextLocation as Location

from bot.app import open_app
from bot.locale.catalogs import DOMAIN, ENGLISH, FOLDER, LANGUAGES
from bot.locale.translator import SHOWN
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
TEMPLATE = FOLDER / f"{DOMAIN}.pot"
KEYWORDS = {"_": None, "n_": (1, 2)}
WITHOUT = tuple(
    f'"{field}'
    for field in (
        "Generated-By",
        "Language-Team",
        "Last-Translator",
        "PO-Revision-Date",
        "POT-Creation-Date",
        "Report-Msgid-Bugs-To",
    )
)
HEADER = "# Every text for people in Discord. Written by `make texts`; docs/translating.md says how to go on."
DESCRIPTION = "A command's or an option's description: 100 characters at most."
CHOICE = "An entry to choose from: 100 characters at most."


def template() -> Catalog:
    """Return every text: those in the code by where they stand, then what commands say of themselves."""
    catalog = Catalog(project="Broadsheet", version="1", header_comment=HEADER, fuzzy=False)
    found = extract_from_dir(
        ROOT / "bot", method_map=[("**.py", "python")], keywords=KEYWORDS, comment_tags=("Translators:",)
    )
    for file, _line, message, comments, context in found:
        catalog.add(message, locations=[(f"bot/{file}", 0)], auto_comments=comments, context=context)
    for text, comment in sorted(asyncio.run(command_texts()).items()):
        catalog.add(text, locations=[("bot/commands", 0)], auto_comments=[comment])
    return catalog


class Asked(app_commands.Translator):
    """Keeps what it is asked to translate, with what translators are told of it."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: Locale,  # noqa: ARG002
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Keep it."""
        if context.location in SHOWN and string.message not in LANGUAGES.values():
            self.texts[string.message] = CHOICE if context.location is Location.choice_name else DESCRIPTION
        return None


async def command_texts() -> dict[str, str]:
    """Return what Discord shows of commands, with what translators are told of it."""
    asked = Asked()
    with tempfile.TemporaryDirectory() as folder:
        async with open_app(Settings(database_path=Path(folder) / "texts.db", admin_guild_id=None)) as app:
            for command in app.client.tree.get_commands():
                await command.get_translated_payload(app.client.tree, asked)
    return asked.texts


def document(catalog: Catalog) -> str:
    """Return a catalog as it is written down, which is the same whenever and by whomever it is written."""
    content = BytesIO()
    is_template = catalog.locale is None
    write_po(
        content,
        catalog,
        width=110,
        omit_header=is_template,
        sort_by_file=True,
        include_lineno=False,
        ignore_obsolete=True,
    )
    lines = content.getvalue().decode().splitlines(keepends=True)
    written = "".join(line for line in lines if not line.startswith(WITHOUT))
    return f"{HEADER}\n\n{written}" if is_template else written


def merged(language: str, texts: Catalog) -> Catalog:
    """Return a language's catalog with these texts; those that are new are empty, those that are gone go."""
    file = catalog_file(language)
    if file.exists():
        with file.open("rb") as content:
            catalog = read_po(content, locale=language, domain=DOMAIN)
    else:
        catalog = Catalog(babel.Locale.parse(language), DOMAIN, project="Broadsheet", version="1")
    catalog.update(texts, no_fuzzy_matching=True)
    catalog.header_comment = f"# Broadsheet in {babel.Locale.parse(language).get_display_name('en')}."
    catalog.fuzzy = False
    return catalog


def catalog_file(language: str) -> Path:
    """Return where a language's texts are."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def main() -> None:
    """Write the template, then each catalog."""
    texts = template()
    TEMPLATE.write_text(document(texts), "utf-8")
    for language in LANGUAGES.keys() - {ENGLISH}:
        file = catalog_file(language)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(document(merged(language, texts)), "utf-8")


if __name__ == "__main__":
    main()

"""Write bot/locale/broadsheet.pot: every text for people in Discord, as the code has it."""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

ROOT = Path(__file__).parents[1]
FILE = ROOT / "bot" / "locale" / "broadsheet.pot"
KEYWORDS = {"_": None, "n_": (1, 2)}
HEADER = "# Every text for people in Discord. Written by `make texts`."


def texts_document() -> str:
    """Return the catalog's template: texts by where they stand, plurals with both forms."""
    catalog = Catalog(project="broadsheet", header_comment=HEADER, fuzzy=False)
    found = extract_from_dir(ROOT / "bot", method_map=[("**.py", "python")], keywords=KEYWORDS)
    for file, _, message, comments, context in found:
        catalog.add(message, locations=[(f"bot/{file}", 0)], auto_comments=comments, context=context)
    content = BytesIO()
    write_po(content, catalog, width=110, omit_header=True, sort_by_file=True, include_lineno=False)
    return f"{HEADER}\n\n{content.getvalue().decode()}"


if __name__ == "__main__":
    FILE.write_text(texts_document(), "utf-8")

"""No text for people stands below bot/: digests/ and storage/ know neither sentences nor commands."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMAND = re.compile(
    r"(?<![\w/])/(?:digest|stories|admin|topics)\b"  # of Discord
    r"|\bbroadsheet "
    r"|(?<![\w-])--[a-z]"  # an option of the command line
    r"|<[#@]"  # a mention
)
SENTENCE = re.compile(r"[A-Z][^|]*(?:\s+[^\s|]+){2,}|.*\S\s+\S+\s+\S+\.", re.DOTALL)  # | is a pattern's
SQL = re.compile(
    r"\s*(?:SELECT|INSERT|UPDATE|DELETE|PRAGMA|BEGIN|WITH|EXPLAIN|CREATE|ALTER|DROP|FROM|WHERE|AND|CASE"
    r"|SET|FOR UPDATE|ORDER BY|(?:LEFT |CROSS )?JOIN)\b"
)
FOREIGN = {
    "Input should be ",  # how pydantic begins
    "NULL value in shown.",  # how SQLite begins
}


def texts(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of every literal but docstrings and what is logged; {} for an f-string's values."""
    if isinstance(node, ast.JoinedStr):
        yield (
            node.lineno,
            "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values),
        )
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log."):
        return
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        is_part = isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)
        if not is_docstring and not is_part:
            yield from texts(child)


def breaches(source: str) -> list[str]:
    """Return the texts of a module that are for people, or that know a command."""
    return [
        f"{line}: {text}"
        for line, text in texts(ast.parse(source))
        if COMMAND.search(text)
        or (SENTENCE.fullmatch(text.strip()) and not SQL.match(text) and text not in FOREIGN)
    ]


MODULES = sorted(
    path.relative_to(ROOT).as_posix()
    for layer in ("digests", "storage")
    for path in (ROOT / layer).rglob("*.py")
)


def test_there_are_modules() -> None:
    assert len(MODULES) > 50


def shown_sentences(source: str) -> list[str]:
    """Return the sentences of a module that don't come from a catalog."""
    tree = ast.parse(source)
    looked_up = {
        id(each)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in {"_", "n_"}
        for each in call.args
    }
    docstrings = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    return [
        f"{each.lineno}: {each.value}"
        for each in ast.walk(tree)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
        if id(each) not in looked_up | docstrings and SENTENCE.fullmatch(each.value.strip())
    ]


SHOWN = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("access", "buttons", "forms", "pages", "views")
    for path in (ROOT / "bot" / folder).rglob("*.py")
)


@pytest.mark.parametrize("module", SHOWN)
def test_what_is_shown_in_discord_comes_from_a_catalog(module: str) -> None:
    assert shown_sentences((ROOT / module).read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("text('There is no topic.')", 1),
        ("text(_('There is no topic.'))", 0),
        ("text(f'{topic} Is not here now.')", 1),
        ("def view():\n    'Return a view of it.'", 0),
    ],
)
def test_a_sentence_outside_the_catalog_is_found(source: str, found: int) -> None:
    assert len(shown_sentences(source)) == found


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_no_text_for_people(module: str) -> None:
    assert breaches((ROOT / module).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "raise NotFoundError('There is no topic.')",
        "raise NotFoundError(f'There is no {topic}')",
        "raise NotFoundError(f'{topic} is not here.')",
        "HELP = 'not there; see `/digest list`'",
        "HELP = f'see {name} in /stories latest'",
        "HELP = 'run broadsheet reload'",
        "HELP = 'reload with --force'",
        "place = f'<#{channel_id}>'",
        "place = f'<@{user_id}>'",
        "def reason() -> str:\n    '''Say why.'''\n    return 'It waited too long'",
        "reasons = {'late': 'It waited too long'}",
        "class A:\n    text: str = 'Take another one'",
        "catalog.log('There is no topic.')",
    ],
)
def test_a_breach_is_found(source: str) -> None:
    assert len(breaches(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "'''There is no topic. Type `/digest list`.'''",
        "def reason():\n    '''Return what `broadsheet check --json` reports.'''",
        "log.warning('There is no %s in /digest', topic)",
        "log.error(f'There is no {topic}')",
        "SQL = 'SELECT name FROM topic'",
        "SQL = f'UPDATE topic SET {names} WHERE id = 1'",
        "raise SeedError('is not UTF-8; save it as UTF-8')",
        "raise SeedError(f'nested more than {depth} levels deep')",
        "raise TopicNotFoundError(text, similar, known)",
        "path = '_data/topics/ai.yaml'",
        "days = ('Monday', 'Tuesday')",
        "fence = 'its first line must be ---'",
        "name = f'{number}.'",
        "# There is no topic.",
    ],
)
def test_what_is_allowed_is_no_breach(source: str) -> None:
    assert breaches(source) == []

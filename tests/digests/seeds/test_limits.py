"""No more of anything in a seed than docs/seeds.md says, however the seed is written."""

import re
from collections.abc import Callable

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digests.errors import SeedError
from digests.seeds import limits
from digests.seeds.fast_path import BLOCK_NODES, RECORD_NODES, match_record
from digests.seeds.limits import MAX_SEED_BYTES
from digests.seeds.parser import SeedReader
from digests.seeds.yaml_loader import Loader, YamlError, load, most_nodes
from digests.stories.urls import MAX_ADDRESS
from storage.search.letters import MARKS
from storage.models import OutletDescription, Record, TopicDescription
from tests.bench import hostile
from tests.build import HOST, ROOT, mention_text, seed_text
from tests.digests.seeds.test_fast_path import BLOCK, RECORD


def usual(text: str, more: str = "") -> str:
    """Return a seed that takes the shortcuts, as they are written, or the long way."""
    return f"---\n{text}related:\n{BLOCK}{more}---\n"


def topics(number: int) -> str:
    return "".join(f"  - Topic {n}\n" for n in range(number))


def address(length: int, start: str = "https://www.one.example/a/title/") -> str:
    return start + "a" * (length - len(start))


def image(length: int) -> str:
    return address(length, "https://www.one.example/a.jpg")


# What is limited, by its field: how to write a seed with so much of it.
WRITTEN: dict[str, tuple[int, Callable[[int], str]]] = {
    "title": (limits.MAX_TITLE, lambda n: usual(RECORD.replace("A title", "t" * n))),
    "excerpt": (limits.MAX_EXCERPT, lambda n: usual(RECORD.replace("An excerpt", "x" * n))),
    "category": (limits.MAX_NAME, lambda n: usual(RECORD.replace("news", "n" * n))),
    "provider.name": (limits.MAX_NAME, lambda n: usual(RECORD.replace("One", "O" * n))),
    "provider.domain": (
        limits.MAX_NAME,
        lambda n: usual(RECORD.replace("domain: one.example", f"domain: {'o' * n}")),
    ),
    "type": (limits.MAX_NAME, lambda n: usual(RECORD.replace("type: article", f"type: {'t' * n}"))),
    "topics[1]": (limits.MAX_NAME, lambda n: usual(RECORD.replace("Second topic", "S" * n))),
    "webUrl": (MAX_ADDRESS, lambda n: usual(RECORD.replace("https://www.one.example/a/title/", address(n)))),
    "originalUrl": (MAX_ADDRESS, lambda n: usual(RECORD.replace(f"{HOST}/title/", address(n)).replace(
        "https://www.one.example/title/", address(n)))),
    "ampWebUrl": (MAX_ADDRESS, lambda n: usual(RECORD.replace("https://www.one.example/amp/title", address(n)))),
    "images[0].url": (MAX_ADDRESS, lambda n: usual(RECORD.replace("https://www.one.example/a.jpg", image(n)))),
    "related[0].title": (limits.MAX_TITLE, lambda n: usual(RECORD).replace('  - title: "A title', f'  - title: "{"t" * n}')),
    "related[0].excerpt": (
        limits.MAX_EXCERPT,
        lambda n: usual(RECORD).replace('    excerpt: "An excerpt', f'    excerpt: "{"x" * n}'),
    ),
    "related[0].provider.name": (
        limits.MAX_NAME,
        lambda n: usual(RECORD).replace("      name: One", f"      name: {'O' * n}"),
    ),
    "related[0].webUrl": (
        MAX_ADDRESS,
        lambda n: usual(RECORD).replace('    webUrl: "https://www.one.example/a/title/', f'    webUrl: "{address(n)}'),
    ),
    "related[0].images[0].url": (
        MAX_ADDRESS,
        lambda n: usual(RECORD).replace('      - url: "https://www.one.example/a.jpg', f'      - url: "{image(n)}'),
    ),
    "topics": (
        limits.MAX_TOPICS,
        lambda n: usual(RECORD.replace("  - First\n  - Second topic\n", topics(n))),
    ),
    "images": (
        limits.MAX_IMAGES,
        lambda n: usual(RECORD.replace("\nimages:\n", "\nimages:\n" + f"  - url: {HOST}/a.jpg\n" * (n - 1))),
    ),
    "related": (limits.MAX_RELATED, lambda n: usual(RECORD, BLOCK * (n - 1))),
}
TOPIC_WRITTEN: dict[str, tuple[int, Callable[[int], str]]] = {
    "name": (limits.MAX_NAME, lambda n: f"name: {'n' * n}\n"),
    "shortname": (limits.MAX_NAME, lambda n: f"name: AI\nshortname: {'n' * n}\n"),
    "parent": (limits.MAX_NAME, lambda n: f"name: AI\nparent: {'n' * n}\n"),
    "keywords": (limits.MAX_TOPIC_NAMES, lambda n: f"name: AI\nkeywords:\n{topics(n)}"),
    "keywords[0]": (limits.MAX_NAME, lambda n: f"name: AI\nkeywords:\n  - {'n' * n}\n"),
    "hashtags": (limits.MAX_TOPIC_NAMES, lambda n: f"name: AI\nhashtags:\n{topics(n)}"),
}


def read(text: str, path: str = "news/a.md") -> Record | TopicDescription | OutletDescription | None:
    return SeedReader().read(path, text.encode())


def outcome(text: str) -> str:
    """Return what is wrong with a seed, nothing if it is read."""
    try:
        read(text)
    except SeedError as error:
        return str(error)
    return ""


def long_way(text: str) -> str:
    """Return a seed with something that no shortcut takes."""
    return text.replace("---\n", "---\nodd: [1]\n", 1).replace("related:\n", "related: &a\n", 1)


@pytest.mark.parametrize("way", [str, long_way])
@pytest.mark.parametrize("field", WRITTEN)
def test_what_is_within_a_limit_is_read_and_what_is_beyond_is_refused(
    field: str, way: Callable[[str], str]
) -> None:
    limit, write = WRITTEN[field]
    assert isinstance(read(way(write(limit))), Record)
    with pytest.raises(SeedError) as raised:
        read(way(write(limit + 1)))
    noun = "items" if field in {"topics", "images", "related"} else "characters"
    assert str(raised.value).startswith(f"has {limit + 1:,} {noun}; the limit is {limit:,}")
    assert raised.value.field == field
    assert raised.value.line is not None


@pytest.mark.parametrize("field", TOPIC_WRITTEN)
def test_the_same_holds_for_descriptions_of_topics(field: str) -> None:
    limit, write = TOPIC_WRITTEN[field]
    path = "_data/topics/ai.yaml"
    assert isinstance(read(write(limit), path), TopicDescription)
    with pytest.raises(SeedError, match=f"has {limit + 1:,} .*; the limit is {limit:,}") as raised:
        read(write(limit + 1), path)
    assert raised.value.field == field


def test_related_articles_that_nearly_have_too_many_values_are_read_either_way() -> None:
    odd = BLOCK.replace("    type: article\n", f"    odd: [{', '.join('a' * 150)}]\n    type: article\n")
    for number in (100, 110):
        text = usual(RECORD, odd * number)
        assert outcome(text) == outcome(long_way(text))
    assert outcome(text) == "not valid YAML: more than 20,000 keys and values"


def test_a_document_of_very_many_values_is_refused_with_the_line_of_the_first_beyond() -> None:
    list_of = "a:\n{}".format
    assert len(load(list_of("- a\n" * (limits.MAX_NODES - 3)))["a"]) == limits.MAX_NODES - 3
    with pytest.raises(YamlError, match="more than 20,000 keys and values") as raised:
        load(list_of("- a\n" * limits.MAX_NODES))
    assert raised.value.line == limits.MAX_NODES - 1


def test_directives_are_counted() -> None:
    text = "".join(f"%TAG !{n}! tag:a.example,2020:\n" for n in range(limits.MAX_DIRECTIVES + 1))
    with pytest.raises(YamlError, match="more than 100 %TAG directives"):
        load(f"{text}---\na: 1\n")


def count(text: str) -> int:
    return sum(isinstance(event, yaml.NodeEvent) for event in yaml.parse(text, Loader=Loader))


def test_what_the_patterns_match_has_no_more_values_than_it_is_taken_for() -> None:
    images = RECORD[RECORD.index("    - url") : RECORD.index("\ntopics")].strip("\n") + "\n"
    record = RECORD.replace(images, images * limits.MAX_IMAGES).replace("  - First\n  - Second topic\n", topics(100))
    assert match_record(record)
    assert count(record) <= RECORD_NODES
    assert match_record(record.replace(images, images * 2, 1)) is None
    block = BLOCK.replace("    webUrl", '    originalUrl: "https://one.example/"\n    webUrl')
    assert count(block) - 1 <= BLOCK_NODES


@given(st.text(alphabet="-?:,[]{}a \n'\"&*!|>#", max_size=30))
@example("[:,:,:]")
@example("{a,b,c}")
@example("- - ? - :")
@settings(deadline=None, max_examples=2_000)
def test_no_document_has_more_values_than_is_thought_possible(text: str) -> None:
    try:
        nodes = count(text)
    except yaml.YAMLError:
        return
    assert nodes <= most_nodes(text)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", hostile.FILES)
def test_a_hostile_file_is_read_or_refused_in_a_short_sentence(name: str) -> None:
    content = hostile.FILES[name]().encode()
    assert len(content) <= MAX_SEED_BYTES
    assert 0 < len(hostile.outcome(content)) < 300


@pytest.mark.parametrize(
    ("row", "numbers"),
    [
        ("The file", [MAX_SEED_BYTES]),
        ("`title`", [limits.MAX_TITLE]),
        ("`excerpt`", [limits.MAX_EXCERPT]),
        ("An address", [MAX_ADDRESS, 50]),
        ("A name", [limits.MAX_NAME]),
        ("`topics`", [limits.MAX_TOPICS]),
        ("`images`", [limits.MAX_IMAGES, limits.TRIED_IMAGES]),
        ("`related`", [limits.MAX_RELATED]),
        ("`keywords`", [limits.MAX_TOPIC_NAMES]),
        ("Keys and values", [limits.MAX_NODES]),
        ("Nesting", [limits.MAX_DEPTH]),
        ("Accents", [MARKS]),
    ],
)
def test_the_limits_are_those_of_the_documents(row: str, numbers: list[int]) -> None:
    text = (ROOT / "docs" / "seeds.md").read_text("utf-8")
    (line,) = re.findall(rf"^\| {re.escape(row)}.*\| ([^|]*) \|$", text.partition("| Limit |")[2], re.MULTILINE)
    assert [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*\d|\d", line)] == numbers

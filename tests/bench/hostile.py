"""What a seed made to do harm costs: time of the processor, memory, and how long nothing else runs.

Run with `make bench`. Each file is read in a process of its own, in a thread beside an event loop.
"""

import asyncio
import resource
import sys
from collections.abc import Callable
from multiprocessing import get_context
from time import perf_counter, process_time
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from digests.errors import SeedError
from digests.seeds.limits import MAX_SEED_BYTES
from digests.seeds.parser import SeedReader
from tests.build import HOST, mention_text, related_text, seed_text

TICK = 0.001
TRIES = 3  # of which the best counts: a busy machine has pauses of its own
MAX_CPU, MAX_MEMORY, MAX_PAUSE = 1.0, 100.0, 0.05  # seconds, MB, seconds


class Cost(NamedTuple):
    """What reading one file took: seconds of CPU, MB, and the event loop's longest pause in seconds."""

    cpu: float
    memory: float
    pause: float
    outcome: str


def fill(piece: str, before: str = "", after: str = "") -> str:
    """Return as many of a piece as a file may hold, between what stands before and after."""
    room = MAX_SEED_BYTES - len(f"{before}{after}".encode()) - 1_000
    return before + piece * (room // len(piece.encode())) + after


def numbered(write: Callable[[int], str], most: int = sys.maxsize) -> str:
    """Return as many numbered pieces as a file may hold."""
    pieces, size = [], 0
    for number in range(most):
        piece = write(number)
        size += len(piece.encode())
        if size > MAX_SEED_BYTES - 2_000:
            break
        pieces.append(piece)
    return "".join(pieces)


def field(text: str) -> str:
    """Return a seed with one more field."""
    return seed_text(extra=text)


def related(write: Callable[[int], str], most: int = sys.maxsize) -> str:
    """Return a seed with as many related articles as fit."""
    return seed_text(related=[]).replace(
        "topics:", f"related:\n{numbered(lambda n: related_text(write(n)), most)}topics:"
    )


def titled(title: str) -> str:
    return seed_text(title=title)


def addressed(write: Callable[[int], str]) -> Callable[[int], str]:
    """Return what writes an article of four addresses."""

    def written(number: int) -> str:
        others = (f'{name}: "{write(4 * number + n)}"' for n, name in enumerate(OTHER_ADDRESSES))
        return mention_text(HOST, extra="\n".join(others)).replace(
            f'webUrl: "{HOST}"', f'webUrl: "{write(4 * number + 3)}"'
        )

    return written


OTHER_ADDRESSES = ("originalUrl", "ampWebUrl", "cdnAmpWebUrl")
MARKS = "\u0301\u0316"
BOMB = "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
NINE = "a: &a [x]\n" + BOMB


def aliased(article: str, number: int = 1_000) -> str:
    """Return a seed that names one article as its related coverage again and again."""
    first, *others = article.splitlines(keepends=True)
    anchored = f"first: &a\n  {first}" + "".join(f"  {line}" for line in others)
    return seed_text(extra=f"{anchored}related: [{', '.join(['*a'] * number)}]")


FILES: dict[str, Callable[[], str]] = {
    "a usual seed": lambda: seed_text(related=[mention_text(f"{HOST}/{n}") for n in range(50)]),
    "marks in a title": lambda: titled(fill(MARKS, "a")),
    "marks in titles within the limit": lambda: related(
        lambda n: mention_text(f"{HOST}/{n}", title=f"a{MARKS * 499}")
    ),
    "marks in excerpts within the limit": lambda: related(
        lambda n: mention_text(f"{HOST}/{n}").replace("What happened.", f"{n}{MARKS * 2_490}")
    ),
    "letters with marks in excerpts": lambda: related(
        lambda n: mention_text(f"{HOST}/{n}").replace("What happened.", f"{n}{('a' + MARKS * 15) * 160}")
    ),
    "an excerpt that aliases repeat": lambda: aliased(
        mention_text().replace("What happened.", ("é" + MARKS * 15) * 160), 300
    ),
    "entities in excerpts": lambda: related(
        lambda n: mention_text(f"{HOST}/{n}").replace("What happened.", "&a" * 2_290)
    ),
    "an endless reference": lambda: titled(fill("9", "&#", ";")),
    "base 60": lambda: field(fill(":59", "n: 1")),
    "base 60 in a float": lambda: field(fill(":59", "n: 1", ".5")),
    "base 60 as a quality": lambda: seed_text().replace("quality: 50", fill(":59", "quality: 1")),
    "an endless number": lambda: seed_text().replace("quality: 50", fill("9", "quality: ")),
    "a hexadecimal number": lambda: seed_text().replace("quality: 50", fill("f", "quality: 0x")),
    "binary": lambda: field(fill("QUJD", 'n: !!binary "', '"')),
    "floats": lambda: field(fill("1.5,", "n: [", "]")),
    "few floats": lambda: field(f"n: [{'1.5e300,' * 19_900}]"),
    "times": lambda: field(f"n: [{'2020-01-01T00:00:00Z,' * 19_900}]"),
    "times of which the last can't exist": lambda: field(
        f"n: [{'2020-01-01T00:00:00Z,' * 19_900}2020-13-01T00:00:00Z]"
    ),
    "a flow list": lambda: field(fill("a,", "n: [", "]")),
    "flow mappings": lambda: field(fill("{},", "n: [", "]")),
    "empty pairs": lambda: field(fill(":,", "n: [", "]")),
    "a list within the limit": lambda: field(f"n: [{'a,' * 19_900}]"),
    "a list within the limit, and a fault": lambda: field(f"n: [{'a,' * 19_900}]").replace(
        "quality: 50", "quality: x"
    ),
    "deep flow lists": lambda: field(fill("[", "n: ")),
    "deep flow mappings": lambda: field(fill("{a: ", "n: ")),
    "deep block lists": lambda: field(fill("- ", "n:\n  ", "a")),
    "nearly deep blocks": lambda: field(fill(" " * 59 + "x", "n: ")),
    "900,000 keys": lambda: field(numbered(lambda n: f"{n:x}:\n")),
    "900,000 explicit keys": lambda: field(fill("? a\n")),
    "keys within the limit": lambda: field(numbered(lambda n: f"k{n}: 1\n", 9_900)),
    "long keys": lambda: field(fill("k", "? ", "\n: [2020-13-01T00:00:00Z]")),
    "a long key twice": lambda: field(f"? {'k' * 400_000}\n: 1\n? {'k' * 400_000}\n: 2"),
    "a long key over many values": lambda: field(
        f"? {'k' * 900_000}\n: [{'2020-01-01,' * 5_000}2020-13-01T00:00:00Z]"
    ),
    "a long anchor": lambda: field(fill("a", "n: &", " 1")),
    "a long alias": lambda: field(fill("a", "n: *")),
    "a long tag": lambda: field(fill("a", "n: !", " 1")),
    "anchors": lambda: field(f"n: [{numbered(lambda n: f'&a{n} a,', 19_000)}]"),
    "aliases": lambda: field(fill("*a,", "m: &a x\nn: [", "]")),
    "an alias bomb": lambda: field(NINE),
    "aliased articles": lambda: aliased(mention_text()),
    "merges": lambda: field(
        "a: &a\n"
        + numbered(lambda n: f"  k{n}: 1\n", 2_000)
        + numbered(lambda n: f"m{n}:\n  <<: *a\n", 2_000)
    ),
    "merges within the limit": lambda: field(
        "a: &a\n" + numbered(lambda n: f"  k{n}: 1\n", 90) + numbered(lambda n: f"m{n}:\n  <<: *a\n", 100)
    ),
    "nested merges": lambda: field(
        "a: " + "{<<: " * 50 + f"{{{numbered(lambda n: f'k{n}: 1,', 9_000)}}}" + "}" * 50
    ),
    "directives": lambda: numbered(lambda n: f"%TAG !{n}! a\n"),
    "many documents": lambda: field("a: 1\n" + fill("---\n", "", "")),
    "many ends of documents": lambda: fill("...\n", "---\na: 1\n"),
    "blank lines": lambda: field(fill("\n")),
    "blank lines with spaces": lambda: field(fill("     \n")),
    "blank lines behind related": lambda: seed_text(related=[mention_text()], after=fill("\n")[:290_000]),
    "comments": lambda: field(fill("#\n")),
    "a long comment": lambda: field(fill("#")),
    "a long plain text": lambda: field(fill("word ", "n: ")),
    "a long quoted text": lambda: field(fill("word ", 'n: "', '"')),
    "a long escaped text": lambda: field(fill("\\u0041", 'n: "', '"')),
    "a long folded text": lambda: field(fill("  word\n\n", "n: >\n")),
    "a long literal text": lambda: field(fill("  word\n", "n: |\n")),
    "text that isn't closed": lambda: field(fill("word\n  ", 'n: "')),
    "a long title": lambda: titled(fill("word ")),
    "a long title outside of ASCII": lambda: titled(fill("wörd ")),
    "a long quality": lambda: seed_text().replace("quality: 50", fill("wörd ", "quality: ")),
    "control characters": lambda: titled(fill("\x01")),
    "escaped control characters": lambda: titled(fill("\\x01")),
    "one control character at the end": lambda: field(fill("a", "n: ", "\x01")),
    "a long address": lambda: seed_text(fill("a", f"{HOST}/"), title="A title"),
    "addresses outside of ASCII": lambda: related(addressed(lambda n: f"{HOST}/{n}/{'é' * 400}"), 290),
    "hosts outside of ASCII": lambda: related(addressed(lambda n: f"https://é{n}.{'é.' * 25}de:81/"), 290),
    "hosts of marks": lambda: related(addressed(lambda n: f"https://{n}{MARKS * 100}.de/"), 290),
    "parameters": lambda: related(addressed(lambda n: f"{HOST}/{n}?{'a=%c3&' * 49}"), 290),
    "dot segments": lambda: related(addressed(lambda n: f"{HOST}/{n}/{'../' * 130}"), 290),
    "pictures outside of ASCII": lambda: related(
        lambda n: mention_text(
            f"{HOST}/{n}",
            extra="images:\n" + "".join(f'  - url: "https://é{n}x{m}.{"é." * 24}é_!"\n' for m in range(20)),
        ),
        240,
    ),
    "small articles": lambda: related(lambda n: mention_text(f"{HOST}/{n}")),
    "small articles within the limit": lambda: related(lambda n: mention_text(f"{HOST}/{n}"), 300),
    "small articles, the last one at fault": lambda: related(
        lambda n: mention_text(f"{HOST}/{n}", quality=n if n < 299 else -1), 300
    ),
    "articles of many values": lambda: related(
        lambda n: mention_text(f"{HOST}/{n}", extra=f"odd: [{'a,' * 5_000}]")
    ),
    "items that are none": lambda: seed_text(related=[]).replace(
        "topics:", "related:\n" + fill("  - a\n") + "topics:"
    ),
    "fields of a second record": lambda: seed_text() + fill("title:\n"),
    "fences": lambda: fill("---x\n", "---\n"),
    "nothing but fences": lambda: fill("---\n"),
    "bytes that are no text": lambda: fill("\x00"),
}


def read(name: str) -> Cost:
    """Read one of the files beside an event loop, in this process."""
    return asyncio.run(_read(FILES[name]().encode()))


async def _read(content: bytes) -> Cost:
    SeedReader().read("warm.md", seed_text(extra="odd: [1]", related=[mention_text()]).encode())
    memory, cpu = _peak(), process_time()
    reading = asyncio.create_task(asyncio.to_thread(outcome, content))
    pauses = [0.0]
    while not reading.done():
        started = perf_counter()
        await asyncio.sleep(TICK)
        pauses.append(perf_counter() - started - TICK)
    said = await reading
    return Cost(process_time() - cpu, _peak() - memory, max(pauses), said)


def outcome(content: bytes) -> str:
    """Return what came of reading a file: "read", or what is wrong with it."""
    # A `.yaml` file need have no fences, so that its directives are read.
    try:
        said = SeedReader().read("seed.yaml" if content.startswith(b"%") else "seed.md", content)
    except SeedError as error:
        return str(error)
    return "read" if said else "passed over"


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str) -> Cost:
    """Return the least of what several processes took to read a file."""
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        costs = [pool.apply(read, (name,)) for _ in range(TRIES)]
    return Cost(
        min(cost.cpu for cost in costs),
        min(cost.memory for cost in costs),
        min(cost.pause for cost in costs),
        costs[0].outcome,
    )


def main() -> None:
    """Measure and print, the files named or all."""
    table = Table("file", "CPU s", "MB", "pause ms", "outcome")
    beyond = 0
    for name in sys.argv[1:] or FILES:
        cost = measure(name)
        is_beyond = cost.cpu > MAX_CPU or cost.memory > MAX_MEMORY or cost.pause > MAX_PAUSE
        beyond += is_beyond
        table.add_row(
            name,
            f"{cost.cpu:.2f}",
            f"{cost.memory:.0f}",
            f"{cost.pause * 1000:.0f}",
            cost.outcome[:60],
            style="bold" if is_beyond else None,
        )
    console = Console(width=140)
    console.print(table)
    console.print(
        f"{beyond} of {table.row_count} files cost more than {MAX_CPU} s, {MAX_MEMORY:.0f} MB or 50 ms"
    )


if __name__ == "__main__":
    main()

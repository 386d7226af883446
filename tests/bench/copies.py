"""How often copies are told from other reporting, on pairs of real articles labelled by hand.

copies.csv names each article by a key of its canonical address and says whether both are the same
text. It holds every pair that was folded when it was made, and those that came nearest. Run with
`make bench`.
"""

import asyncio
import csv
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from digests.stories.duplicates import is_copy, text_of
from digests.stories.urls import canonical
from storage.models import Article
from storage.sqlite.packing import key_of
from tests.bench.seeded import SHARED_CORPUS, all_stories, seeded

LABELS = Path(__file__).with_name("copies.csv")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The labelled pairs: whether each is the same text, and whether it was folded."""

    labelled: tuple[tuple[Article, Article, bool, bool], ...]

    @property
    def precision(self) -> float:
        """The share of folded pairs that are the same text."""
        folded = [same for _, _, same, found in self.labelled if found]
        return sum(folded) / len(folded)

    @property
    def recall(self) -> float:
        """The share of pairs with the same text that are folded."""
        found = [found for _, _, same, found in self.labelled if same]
        return sum(found) / len(found)


async def measure_copies(corpus: Path) -> Outcome:
    """Judge every labelled pair whose articles `corpus` holds."""
    async with seeded(corpus) as connection:
        articles = {
            f"{key_of(canonical(article.url) or '') % 2**64:016x}": article
            for story in await all_stories(connection)
            for article in story.articles
        }
    with LABELS.open(encoding="ascii", newline="") as lines:
        pairs = [
            (articles.get(row["one"]), articles.get(row["other"]), row["same"])
            for row in csv.DictReader(lines)
        ]
    return Outcome(
        tuple(
            (one, other, same == "1", is_copy(text_of(one), text_of(other)))
            for one, other, same in pairs
            if one and other
        )
    )


def main() -> None:
    """Print the figures, and the titles of what was judged wrong."""
    console = Console(width=110)
    if not SHARED_CORPUS.is_dir():
        console.print(f"{SHARED_CORPUS} is not there: copies not measured")
        return
    outcome = asyncio.run(measure_copies(SHARED_CORPUS))
    for one, other, same, folded in outcome.labelled:
        if same != folded:
            console.print("folded, but another text" if folded else "the same text, not folded")
            for article in (one, other):
                console.print(f"    {article.provider.name}: {article.title}")
    figures = f"precision {outcome.precision:.3f}, recall {outcome.recall:.3f}"
    console.print(f"Copies, in {len(outcome.labelled)} labelled pairs: {figures}")


if __name__ == "__main__":
    main()

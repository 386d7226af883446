"""A made-up corpus, shaped like a real one: few distinct articles, each repeated in many files."""

import random
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

# How many stories have how many articles: 6,000 files, 160,000 related entries, about 135 MB.
SIZES = {180: 2, 90: 4, 45: 12, 25: 40, 12: 80, 6: 150, 2: 70, 1: 1_740}
START = datetime(2020, 1, 1, tzinfo=UTC)
TOPICS = ("Harbours", "Orchards", "Railways", "Observatories", "Weather", "Bridges", "Archives")


@dataclass(frozen=True, slots=True)
class Text:
    """Words to write with: a few common, most of them rare, as in a language."""

    words: tuple[str, ...]
    weights: tuple[float, ...]

    def some(self, choice: random.Random, count: int) -> str:
        """Return `count` words."""
        return " ".join(choice.choices(self.words, self.weights, k=count))


def make_text(choice: random.Random, vocabulary: int = 8_000) -> Text:
    """Make up a vocabulary with Zipf's frequencies."""
    syllables = [a + b for a in "bdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "ai", "or", "en")]
    words = tuple("".join(choice.choices(syllables, k=choice.randint(1, 4))) for _ in range(vocabulary))
    return Text(words, tuple(1 / (rank + 1) for rank in range(vocabulary)))


def write_corpus(folder: Path, seed: int, scale: float = 1.0) -> int:
    """Write the corpus that `seed` decides, `scale` times as many stories; returns the bytes written."""
    choice = random.Random(seed)
    text = make_text(choice)
    written = number = 0
    for size, stories in SIZES.items():
        for _ in range(max(1, round(stories * scale))):
            topics = [TOPICS[(number + index + size) % len(TOPICS)] for index in range(size)]
            articles = [_article(choice, text, number + index, topics[index]) for index in range(size)]
            for index, (own, _) in enumerate(articles):
                related = "".join(block for other, (_, block) in enumerate(articles) if other != index)
                path = folder / f"{number % 64:02}" / f"{number:06}.md"
                path.parent.mkdir(parents=True, exist_ok=True)
                written += path.write_text(_seed(choice, own, related), "utf-8")
                number += 1
    return written


def _article(choice: random.Random, text: Text, number: int, topic: str) -> tuple[str, str]:
    """Return what a seed says of its own article, and the block that the others' `related` have of it."""
    outlet = choice.randrange(400)
    slug = text.some(choice, 9).replace(" ", "-")
    published = START + timedelta(minutes=choice.randrange(1_000_000))
    title = text.some(choice, choice.randint(7, 16)).capitalize()
    excerpt = text.some(choice, choice.randint(20, 52)).capitalize()
    url = f"https://www.outlet{outlet}.example/{published:%Y/%m/%d}/{slug}-{number}"
    head = [
        f'title: "{title}"',
        f'excerpt: "{excerpt}."',
        f"publishedDateTime: {published:%Y-%m-%dT%H:%M:%SZ}",
        f'webUrl: "{url}"',
    ]
    if choice.random() < 0.27:
        head += [f'ampWebUrl: "{url}/amp"', f'cdnAmpWebUrl: "https://cdn.example/c/s/{url[8:]}/amp"']
    head.append("type: article")
    provider = ["provider:", f"  name: Outlet {outlet}", f"  domain: outlet{outlet}.example"]
    quality = f"quality: {choice.randint(0, 120)}"
    images = []
    if choice.random() < 0.67:
        image = f"https://images.outlet{outlet}.example/{slug}-{number}.jpg?w=1200"
        images = [
            "images:",
            f'  - url: "{image}"',
            "    width: 1200",
            "    height: 630",
            "    isCached: true",
        ]
    own = ["category: news", *head, quality, "heat: -1", "published: false", "", *provider, ""]
    own += ["topics:", f"  - {topic}", "", *images, ""]
    block = "  - " + "\n    ".join([*head, *provider, quality, *images]) + "\n"
    return "\n".join(own), block


def _seed(choice: random.Random, own: str, related: str) -> str:
    secured = f"{b64encode(choice.randbytes(359)).decode()};{b64encode(choice.randbytes(16)).decode()}"
    coverage = f"related:\n{related}\n" if related else ""
    return f'---\n{own}{coverage}secured: "{secured}"\n---\n'

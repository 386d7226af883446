"""How good an article is that nobody has judged: its outlet's level, and what the article shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

USUAL = 35  # the level of an outlet of which nothing is known
WEIGHT = 5  # articles that an outlet needs for its own mean to count as much as the usual level
LARGE = 600  # pixels, the width of a picture that was chosen with care
LONG_TITLE = 110  # characters


class GivenBy(StrEnum):
    """Who says how good an outlet is."""

    FEED = "feed"  # the operator, of a feed
    OPERATOR = "operator"
    SEEDS = "seeds"
    KIND = "kind"
    NOBODY = "nobody"


# Kinds of outlets that are known for what they are: whoever pays is printed, or others' news are repeated.
_KINDS: Mapping[int, str] = {
    20: "accesswire.com benzinga.com businesswire.com einpresswire.com globenewswire.com insidermonkey.com"
    " investorplace.com marketbeat.com newswire.com openpr.com prlog.org prnewswire.co.uk prnewswire.com"
    " prweb.com seekingalpha.com simplywall.st stocktwits.com zacks.com",
    25: "alltop.com biztoc.com feedspot.com flipboard.com headtopics.com msn.com news.google.com"
    " news.ycombinator.com newsbreak.com reddit.com slashdot.org techmeme.com yahoo.com",
    50: "aws.amazon.com apple.com azure.microsoft.com blogs.microsoft.com blog.cloudflare.com blog.google"
    " cloud.google.com devblogs.microsoft.com engineering.fb.com github.blog huggingface.co ibm.com"
    " microsoft.com nvidia.com openai.com oracle.com",
}
KINDS = {domain: level for level, domains in _KINDS.items() for domain in domains.split()}


@dataclass(frozen=True, slots=True)
class Level:
    """How good an outlet usually is, and who says so; if seeds do, by how many articles."""

    quality: int
    given_by: GivenBy
    articles: int = 0


class Feature(StrEnum):
    """What an article shows that speaks for it or against it."""

    LARGE_PICTURE = "large picture"
    NO_PICTURE = "no picture"
    NO_EXCERPT = "no excerpt"
    LONG_TITLE = "long title"


# As the seeds of one site tell, in every other month; see docs/benchmarks.md.
POINTS: Mapping[Feature, int] = {
    Feature.LARGE_PICTURE: 4,
    Feature.NO_PICTURE: -5,
    Feature.NO_EXCERPT: -15,
    Feature.LONG_TITLE: -10,
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """How an article's quality was estimated: from its outlet's level, and by what it shows."""

    level: Level
    features: tuple[Feature, ...]

    @property
    def quality(self) -> int:
        """The estimated quality, at least 0."""
        return max(0, self.level.quality + sum(POINTS[feature] for feature in self.features))


def level_of(
    domain: str, given: Mapping[str, int], learned: Mapping[str, tuple[int, int]], own: int | None = None
) -> Level:
    """Return an outlet's level.

    `given` are the operator's levels by domain, `own` the one of the feed, which goes first; `learned` are
    the number of an outlet's articles in seeds and the sum of their qualities.
    """
    if own is not None:
        return Level(own, GivenBy.FEED)
    names = _and_those_above(domain)
    for name in names:
        if name in given:
            return Level(given[name], GivenBy.OPERATOR)
    articles, total = learned.get(domain, (0, 0))
    kind = next((KINDS[name] for name in names if name in KINDS), None)
    if articles:
        usual = USUAL if kind is None else kind
        return Level(round((total + WEIGHT * usual) / (articles + WEIGHT)), GivenBy.SEEDS, articles)
    return Level(USUAL, GivenBy.NOBODY) if kind is None else Level(kind, GivenBy.KIND)


def estimate(level: Level, title: str, excerpt: str, image_url: str, image_width: int) -> Estimate:
    """Return the quality of an article whose outlet has this level, and how it came about.

    That it's the earliest of its story counts as well: of articles as good as each other, that one is chosen.
    """
    shows = {
        Feature.LARGE_PICTURE: image_width >= LARGE,
        Feature.NO_PICTURE: not image_url and image_width < LARGE,
        Feature.NO_EXCERPT: not excerpt,
        Feature.LONG_TITLE: len(title) > LONG_TITLE,
    }
    return Estimate(level, tuple(feature for feature, shown in shows.items() if shown))


def _and_those_above(domain: str) -> list[str]:
    """Return a domain and those that it is part of, but for the last label: a.b.example, b.example."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))]

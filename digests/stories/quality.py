"""How good an article is that nobody has judged: its outlet's level, and what the article shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

USUAL = 35  # the level of an outlet of which nothing is known
WEIGHT = 5  # articles that an outlet needs for its own mean to count as much as the usual level
LARGE = 600  # pixels, the width of a picture that was chosen with care
LONG_TITLE = 110  # characters
PICTURE, NO_PICTURE, NO_EXCERPT, LONG = 3, -5, -15, -10  # points, as in the seeds of two sites


class GivenBy(StrEnum):
    """Who says how good an outlet is."""

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
    """How good an outlet usually is, and who says so."""

    quality: int
    given_by: GivenBy


def level_of(
    domain: str, given: Mapping[str, int], learned: Mapping[str, tuple[int, int]], own: int | None = None
) -> Level:
    """Return an outlet's level.

    `given` are the operator's levels by domain, `own` the one of the feed, which goes first; `learned` are
    the number of an outlet's articles in seeds and the sum of their qualities.
    """
    if own is not None:
        return Level(own, GivenBy.OPERATOR)
    names = _and_those_above(domain)
    for name in names:
        if name in given:
            return Level(given[name], GivenBy.OPERATOR)
    articles, total = learned.get(domain, (0, 0))
    kind = next((KINDS[name] for name in names if name in KINDS), None)
    if articles:
        usual = USUAL if kind is None else kind
        return Level(round((total + WEIGHT * usual) / (articles + WEIGHT)), GivenBy.SEEDS)
    return Level(USUAL, GivenBy.NOBODY) if kind is None else Level(kind, GivenBy.KIND)


def estimate(level: int, title: str, excerpt: str, image_url: str, image_width: int) -> int:
    """Return an article's quality, at least 0."""
    shown = PICTURE if image_width >= LARGE else 0 if image_url else NO_PICTURE
    told = 0 if excerpt else NO_EXCERPT
    return max(0, level + shown + told + (LONG if len(title) > LONG_TITLE else 0))


def _and_those_above(domain: str) -> list[str]:
    """Return a domain and those that it is part of, but for the last label: a.b.example, b.example."""
    labels = domain.split(".")
    return [".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))]

"""Estimated quality: the outlet's level, and what the article shows."""

import pytest

from digests.stories.quality import USUAL, Feature, GivenBy, Level, estimate, level_of
from tests.bench.quality import choose, read_corpus
from tests.bench.seeded import SHARED_CORPUS

CORPUS = SHARED_CORPUS / "azure"
PICTURE = "https://a.example/1.jpg"


@pytest.mark.parametrize(
    ("domain", "own", "level"),
    [
        ("quay.example", 80, Level(80, GivenBy.FEED)),
        ("given.example", None, Level(60, GivenBy.OPERATOR)),
        ("news.given.example", None, Level(60, GivenBy.OPERATOR)),
        ("learned.example", None, Level(70, GivenBy.SEEDS, 45)),
        ("prnewswire.com", None, Level(20, GivenBy.KIND)),
        ("sub.prnewswire.com", None, Level(20, GivenBy.KIND)),
        ("quay.example", None, Level(USUAL, GivenBy.NOBODY)),
        ("com", None, Level(USUAL, GivenBy.NOBODY)),
    ],
)
def test_a_level_is_the_operator_s_or_learned_or_that_of_its_kind(
    domain: str, own: int | None, level: Level
) -> None:
    assert level_of(domain, {"given.example": 60}, {"learned.example": (45, 45 * 74 - 10)}, own) == level


def test_a_few_articles_say_little_of_an_outlet() -> None:
    assert level_of("a.example", {}, {"a.example": (1, 95)}).quality == 45


@pytest.mark.parametrize(
    ("title", "excerpt", "image", "width", "features"),
    [
        ("Title", "Excerpt.", PICTURE, 0, ()),
        ("Title", "Excerpt.", PICTURE, 1200, (Feature.LARGE_PICTURE,)),
        ("Title", "Excerpt.", "", 0, (Feature.NO_PICTURE,)),
        ("Title", "", PICTURE, 0, (Feature.NO_EXCERPT,)),
        ("Title " * 30, "Excerpt.", PICTURE, 0, (Feature.LONG_TITLE,)),
        ("Title " * 30, "", "", 0, (Feature.NO_PICTURE, Feature.NO_EXCERPT, Feature.LONG_TITLE)),
    ],
)
def test_what_an_article_shows_counts(
    title: str, excerpt: str, image: str, width: int, features: tuple[Feature, ...]
) -> None:
    found = estimate(Level(40, GivenBy.NOBODY), title, excerpt, image, width)
    assert found.features == features
    speaks_for = Feature.LARGE_PICTURE in features
    assert (found.quality > 40, found.quality < 40) == (speaks_for, bool(features) and not speaks_for)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")
@pytest.mark.no_cover
async def test_the_best_article_of_real_stories_is_found_in_months_that_nothing_was_learned_from() -> None:
    corpus = await read_corpus(CORPUS)
    halves = [
        choose(corpus, lambda each, _, learned: corpus.estimate(each, learned).quality, learned_in_even=even)
        for even in (True, False)
    ]
    stories = sum(each.stories for each in halves)
    assert stories > 100
    assert sum(each.best for each in halves) >= 0.66 * stories
    assert sum(each.near for each in halves) >= 0.73 * stories


def test_no_quality_is_below_0() -> None:
    assert estimate(Level(0, GivenBy.NOBODY), "Title", "", "", 0).quality == 0

"""Estimated quality: the outlet's level, and what the article shows."""

import pytest

from digests.stories.quality import USUAL, GivenBy, Level, estimate, level_of


@pytest.mark.parametrize(
    ("domain", "own", "level"),
    [
        ("quay.example", 80, Level(80, GivenBy.OPERATOR)),
        ("given.example", None, Level(60, GivenBy.OPERATOR)),
        ("news.given.example", None, Level(60, GivenBy.OPERATOR)),
        ("learned.example", None, Level(70, GivenBy.SEEDS)),
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


def test_what_an_article_shows_counts() -> None:
    plain = estimate(40, "Title", "Excerpt.", "https://a.example/1.jpg", 0)
    assert plain == 40
    assert estimate(40, "Title", "Excerpt.", "https://a.example/1.jpg", 1200) > plain
    assert estimate(40, "Title", "Excerpt.", "", 0) < plain
    assert estimate(40, "Title", "", "https://a.example/1.jpg", 0) < plain
    assert estimate(40, "Title " * 30, "Excerpt.", "https://a.example/1.jpg", 0) < plain
    assert estimate(0, "Title", "", "", 0) == 0

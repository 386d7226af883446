"""An excerpt is left out if it says nothing of its article, and only then."""

from dataclasses import replace

import pytest

from digests.stories.boilerplate import says_nothing
from storage.models import Provider
from tests.build import article

LAMPS = replace(
    article(title="Lamps go out; the town stays up"), provider=Provider("The Apsis Daily", "apsis.example")
)


@pytest.mark.parametrize(
    "excerpt",
    [
        "Lamps go out: the town stays up",
        "Before it’s here, it’s in The Apsis Daily.",
        "The Apsis Daily: news and views since 1901",
    ],
)
def test_the_title_again_and_a_slogan_say_nothing(excerpt: str) -> None:
    assert says_nothing(replace(LAMPS, excerpt=excerpt))


@pytest.mark.parametrize(
    "excerpt",
    [
        "",
        "The keepers switched them off at midnight.",
        "The Apsis Daily asked the town, and nobody slept.",
        "As The Apsis Daily has learnt, " + "the keepers knew of it a week before and kept quiet. " * 2,
    ],
)
def test_what_tells_of_the_article_stays(excerpt: str) -> None:
    assert not says_nothing(replace(LAMPS, excerpt=excerpt))

"""Why an article of a feed has its quality and topics, in words, for Discord and the command line."""

from collections.abc import Callable

from bot.locale import _, n_
from bot.locale.cldr import enumerated
from digests.feeds.records import Judged
from digests.stories.quality import POINTS, Estimate, Feature, GivenBy, Level


def level_words(level: Level) -> str:
    """Return an outlet's level and where it comes from: "level 62 from 14 articles in your seeds"."""
    if level.given_by is GivenBy.SEEDS:
        return n_(
            "level {level} from {number:,} article in your seeds",
            "level {level} from {number:,} articles in your seeds",
            level.articles,
            level=level.quality,
        )
    return {
        GivenBy.FEED: _("level {level}, as you set for its feed", level=level.quality),
        GivenBy.OPERATOR: _("level {level}, as you set for the outlet", level=level.quality),
        GivenBy.KIND: _("level {level} for outlets of its kind", level=level.quality),
        GivenBy.NOBODY: _("level {level}, as nothing is known of the outlet", level=level.quality),
    }[level.given_by]


def estimate_words(estimate: Estimate) -> str:
    """Return what a quality was estimated from: its outlet's level; then what the article shows."""
    points = [f"{POINTS[each]:+d} {_feature(each)}".replace("-", "\u2212") for each in estimate.features]
    return "; ".join([level_words(estimate.level), *points])


def topic_words(judged: Judged, shown: Callable[[str], str]) -> str:
    """Return an article's topics, with the keywords that were found; `shown` escapes words for the place."""
    keywords = {match.topic: match.keyword for match in judged.found}
    return enumerated(
        [
            _("{topic} (by “{keyword}”)", topic=shown(topic), keyword=shown(keywords[topic]))
            if topic in keywords
            else shown(topic)
            for topic in judged.topics
        ]
    )


def _feature(feature: Feature) -> str:
    return {
        Feature.LARGE_PICTURE: _("large picture"),
        Feature.NO_PICTURE: _("no picture"),
        Feature.NO_EXCERPT: _("no excerpt"),
        Feature.LONG_TITLE: _("very long title"),
    }[feature]

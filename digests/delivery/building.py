"""Building each edition once for all subscriptions that get the same."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from digests.delivery.owe import Due, StoredEdition
from digests.editions.candidates import EditionOptions
from digests.editions.edition import Choice, Edition
from digests.editions.issue import Issue, edition_options
from digests.editions.window import Window
from storage.models import Shown

# The same for all that get one issue: the topics' ids or the words, the window, the options, the viewer.
IssueKey: TypeAlias = tuple[tuple[int, ...] | str, Window, EditionOptions, int]


class Known(NamedTuple):
    """What a place's edition depends on: what was shown there, and what is new of stories followed there."""

    shown: frozenset[Shown]
    news: tuple[Choice, ...] = ()


@dataclass(slots=True)
class IssueEditions:
    """An issue and the editions built for it so far, by what places know."""

    issue: Issue
    editions: dict[Known, StoredEdition] = field(default_factory=dict)


def key_of(due: Due) -> IssueKey:
    """Return what tells the issue of a subscription from others."""
    subject = due.subscription.subject
    about = subject.words or subject.topic_ids
    return about, due.window, edition_options(due.subscription.options), due.viewer


def build(issue: Issue, known: Iterable[Known]) -> dict[Known, tuple[Edition, str]]:
    """Return the edition for what each place knows, also as JSON."""
    editions = {each: issue.edition(each.shown).with_followed(each.news) for each in known}
    return {each: (edition, edition.to_json()) for each, edition in editions.items()}

"""What can be wrong with a feed: stored by its value and a detail, and worded later."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from digests.errors import BroadsheetError


class FeedProblem(StrEnum):
    """Why a feed couldn't be fetched or read."""

    NO_ADDRESS = "no address"  # a text that no browser could open
    UNKNOWN_HOST = "unknown host"
    PRIVATE = "private address"  # its detail is the host
    UNREACHABLE = "unreachable"  # its detail is in the system's words
    CERTIFICATE = "certificate"  # one that doesn't fit, its detail is in the system's words
    TOO_SLOW = "too slow"
    BROKEN_OFF = "broken off"  # an answer that isn't HTTP, or ended before it began
    REDIRECTS = "redirects"  # more than are followed, or to what is no web address
    LOGIN = "login"  # 401
    FORBIDDEN = "forbidden"  # 403
    MISSING = "missing"  # 404
    GONE = "gone"  # 410
    TOO_MANY = "too many requests"  # 429
    SERVER = "server error"  # its detail is the status, 500 and up
    STATUS = "status"  # its detail is any other status
    TOO_LARGE = "too large"
    EMPTY = "empty"  # an answer without a single character
    PAGE = "page"  # HTML, where a feed should be
    NO_FEEDS = "page without feeds"  # one that was searched for them
    NO_FEED = "no feed"  # neither HTML nor a feed
    NO_ENTRIES = "no entries"  # a feed that breaks off or is damaged, and nothing is left of it
    NO_LINKS = "no links"  # entries, none of which leads anywhere
    TOO_COMPLEX = "too complex"  # takes longer or more memory to read than it may
    INTERNAL = "internal error"  # told in the log


@dataclass(eq=False)
class FeedError(BroadsheetError):
    """A feed that couldn't be fetched or read.

    `detail` says more, in nobody's words; `retry_after` is how long its server asks to be left alone.
    """

    problem: FeedProblem
    detail: str = ""
    retry_after: timedelta | None = None

    @property
    def stored(self) -> str:
        """The problem as it is stored."""
        return f"{self.problem.value}: {self.detail}" if self.detail else self.problem.value


def problem_of(stored: str) -> tuple[FeedProblem, str]:
    """Return a problem and its detail as they were stored; what another version stored is internal."""
    kind, _, detail = stored.partition(": ")
    try:
        return FeedProblem(kind), detail
    except ValueError:
        return FeedProblem.INTERNAL, stored

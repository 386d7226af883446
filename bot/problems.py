"""What is wrong with a feed, worded: what happened, and what to do."""

from collections.abc import Callable

from bot.locale import _
from digests.feeds.problems import FeedProblem, problem_of


def problem_text(stored: str, escape: Callable[[str], str] = str) -> str:
    """Return a problem, as it is stored, as one or two sentences; strangers' words are escaped."""
    problem, detail = problem_of(stored)
    texts = _connection(escape(detail)) | _answers(escape(detail)) | _contents()
    return texts[problem]


def _connection(detail: str) -> dict[FeedProblem, str]:
    return {
        FeedProblem.NO_ADDRESS: _("This isn't a web address. Copy it from your browser."),
        FeedProblem.UNKNOWN_HOST: _("There's no host {host}. Check the address.", host=detail),
        FeedProblem.PRIVATE: _(
            "{host} is a private address, so I don't fetch it. To allow it, add it to PRIVATE_SOURCES.",
            host=detail,
        ),
        FeedProblem.UNREACHABLE: _(
            "The server can't be reached ({reason}). Try again later, or check the address.", reason=detail
        ),
        FeedProblem.CERTIFICATE: _(
            "The server's certificate can't be trusted ({reason}). Check the address, or tell its owner.",
            reason=detail,
        ),
        FeedProblem.TOO_SLOW: _("The server took longer than 20 seconds. Try again later."),
        FeedProblem.BROKEN_OFF: _("The server's answer broke off or isn't HTTP. Try again later."),
        FeedProblem.REDIRECTS: _(
            "The address leads from one to the next without end, or off the web. Use the last one that works."
        ),
    }


def _answers(detail: str) -> dict[FeedProblem, str]:
    return {
        FeedProblem.LOGIN: _(
            "The server wants a login (401). Write name and password before the host: name:password@host."
        ),
        FeedProblem.FORBIDDEN: _(
            "The server refuses me (403). Some do until SOURCES_CONTACT says who is asking."
        ),
        FeedProblem.MISSING: _("There's nothing at this address (404). Look for the feed on its site."),
        FeedProblem.GONE: _("The feed is gone for good (410), so I stopped checking it. Remove it."),
        FeedProblem.TOO_MANY: _("The server wants fewer requests (429). I'll wait as long as it asks."),
        FeedProblem.SERVER: _("The server has a fault of its own ({status}). I'll try again.", status=detail),
        FeedProblem.STATUS: _("The server answered {status}. Check the address.", status=detail),
        FeedProblem.TOO_LARGE: _("The document is larger than 4 MiB. Look for a shorter feed on the site."),
        FeedProblem.EMPTY: _("The server sent nothing. Check the address, or try again later."),
    }


def _contents() -> dict[FeedProblem, str]:
    return {
        FeedProblem.PAGE: _("There's a web page where the feed should be. Check whether the feed has moved."),
        FeedProblem.NO_FEEDS: _(
            "I found no feed on this page. Look on the site for “RSS” or “Feed”, and use that address."
        ),
        FeedProblem.NO_FEED: _("This is no feed: neither RSS, Atom nor JSON Feed. Check the address."),
        FeedProblem.NO_ENTRIES: _("The feed is damaged, and no article is left of it. Tell its owner."),
        FeedProblem.NO_LINKS: _("None of the feed's articles has an address, so there's nothing to link."),
        FeedProblem.TOO_COMPLEX: _("Reading the feed takes too much time or memory. Look for a simpler one."),
        FeedProblem.INTERNAL: _("Something went wrong on my side; the log says more. I'll try again."),
    }

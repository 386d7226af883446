"""Why digests, reloads and parts of stories didn't come, in words for people."""

from collections.abc import Callable

from bot.access.permissions import permission_text
from bot.errors import ADDRESS, NAMES, worded
from bot.locale import _
from bot.locale.cldr import listed
from digests import errors
from digests.subscriptions.losses import Loss, RoleLoss, TopicLoss
from digests.text import shorten
from storage.models import NOT_PUBLIC, PieceKind, Refusal, Trouble


def reason_text(stored: str) -> str:
    """Return why a digest doesn't come, as its row says, in words that follow on a colon.

    What is no Trouble is shown as it is: an answer of Discord's, or what an earlier version stored.
    """
    code, _colon, detail = stored.partition(": ")
    try:
        trouble = Trouble(code)
    except ValueError:
        return stored
    match trouble:
        case Trouble.PAUSED:
            return _("it was paused")
        case Trouble.EXPIRED:
            return _("it waited too long, and the next digest has its stories")
        case Trouble.TOO_LATE:
            return _("it was too late to post it")
        case Trouble.UNREADABLE:
            return _("I can't read what I had stored for it")
        case Trouble.INTERNAL:
            return _("an internal error; see the bot's log")
        case Trouble.NOT_PUBLISHED:
            return _("not published to followers: {reason}", reason=reason_text(detail))
        case Trouble.UNPUBLISHED:
            return _("not published to followers yet: {reason}", reason=reason_text(detail))
        case Trouble.UNKNOWN_ZONE:
            return _("I no longer know the time zone {zone}; pick another one", zone=detail)
        case Trouble.UNKNOWN_TIME:
            return _("I can't read its time “{time}”; set another one", time=detail)
    return _of_discord(trouble, detail)


def _of_discord(trouble: Trouble, detail: str) -> str:
    """Return what Discord, or the way there, has against an edition."""
    match trouble:
        case Trouble.LACKING:
            names = listed([permission_text(each) for each in detail.split(",")])
            return _("I lack {permissions} there", permissions=names)
        case Trouble.REFUSED:
            status, _space, code = detail.partition(" ")
            return _("Discord answered {status}, code {code}", status=status, code=code)
        case Trouble.UNANSWERED:
            return _("Discord didn't answer ({error})", error=detail)
    texts = {
        Trouble.NO_CHANNEL: _("the channel no longer exists"),
        Trouble.NO_SERVER: _("I'm no longer in the server"),
        Trouble.NO_FORUM: _("the channel isn't a forum any more"),
        Trouble.NO_POST: _("its post was deleted or closed before it was complete"),
        Trouble.NO_TAG: _("the forum requires a tag, and has none that I may use"),
        Trouble.LOCKED: _("the thread is locked, and I lack Manage Threads there"),
        Trouble.DMS_CLOSED: _("DMs from me are turned off"),
        Trouble.NO_SHARED_SERVER: _("we no longer share a server, so I can't send DMs"),
        Trouble.STALLED: _("I was stalled for a while"),
        Trouble.LIMITED: _("Discord allows no more of this for now"),
    }
    return texts[trouble]


def refusal_text(refusal: errors.ReloadError | str, escape: Callable[[str], str] = str) -> str:
    """Return why a reload changed nothing; a text is what an earlier version stored."""
    return escape(shorten(refusal, NAMES)) if isinstance(refusal, str) else worded(refusal, escape)


def loss_text(loss: Loss, name: Callable[[str], str] = str) -> str:
    """Return what a digest has lost, to follow on a colon; `name` writes a topic's name."""
    match loss:
        case TopicLoss(topic, heir) if heir:
            return _(
                "{topic} has no stories any more; {heir} has them",
                topic=name(topic.name),
                heir=name(heir.name),
            )
        case TopicLoss(topic):
            return _("{topic} has no stories any more", topic=name(topic.name))
        case RoleLoss():
            return _("the role it pings was deleted; pick another with `/digest edit`")


def refused_text(refusal: Refusal, escape: Callable[[str], str] = str) -> str:
    """Return what isn't shown of a story, and why: it names no address that Discord might refuse again."""
    piece, is_public = refusal.piece, refusal.reason != NOT_PUBLIC
    places = {
        "number": piece.story_id,
        "address": escape(shorten(piece.value, ADDRESS)),
        "reason": escape(shorten(refusal.reason, NAMES)),
    }
    match piece.kind:
        case PieceKind.PICTURE if is_public:
            return _("Discord refused the picture of story {number}: {reason}", **places)
        case PieceKind.PICTURE:
            return _("I left out the picture of story {number}: {address} isn't a public address", **places)
        case PieceKind.LINKS if is_public:
            return _("Discord refused the links of story {number}: {reason}", **places)
        case PieceKind.LINKS:
            return _("I left out the links of story {number}: {address} isn't a public address", **places)
        case PieceKind.STORY:
            return _("Discord refused story {number}: {reason}", **places)

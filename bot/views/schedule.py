"""When a digest comes, in words."""

from bot.locale import _
from bot.views.text import plain
from digests.editions.timetable import DAYS, EVERY_DAY
from storage.models import DigestOptions


def posting_times(options: DigestOptions, clock: str) -> str:
    """Return on which days a digest comes, and at what time: `clock`."""
    days = options.days
    if days == EVERY_DAY:
        return _("Every day at {time}", time=clock)
    if days == DAYS["weekdays"]:
        return _("Every weekday at {time}", time=clock)
    if days == DAYS["weekends"]:
        return _("On weekends at {time}", time=clock)
    return _(
        "Every {days} at {time}", days=", ".join(_weekdays()[day - 1] for day in sorted(days)), time=clock
    )


def clock_of(options: DigestOptions) -> str:
    """Return a digest's time of day, with its zone: "09:00 UTC", "09:00 (Europe/Berlin)"."""
    zone = "UTC" if options.zone == "UTC" else f"({plain(options.zone)})"
    return f"{options.issue_time} {zone}"


def _weekdays() -> list[str]:
    return [
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    ]

"""When a digest comes, in words."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.locale import _
from bot.locale.cldr import enumerated, weekdays, written_date
from bot.views.text import on_clock, plain
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
        "Every {days} at {time}", days=enumerated([weekdays()[day - 1] for day in sorted(days)]), time=clock
    )


def clock_of(options: DigestOptions) -> str:
    """Return a digest's time of day, with its zone: "09:00 UTC", "09:00 (Europe/Berlin)"."""
    zone = "UTC" if options.zone == "UTC" else f"({plain(options.zone)})"
    return f"{options.issue_time} {zone}"


def on_its_clock(moment: datetime, zone: str, now: datetime) -> str:
    """Return `moment` on the clock of a digest's zone: "today at 09:00", "Monday at 09:00".

    If this machine doesn't know the zone, it is in the reader's.
    """
    try:
        clock = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return on_clock(moment)
    local, today = moment.astimezone(clock), now.astimezone(clock).date()
    time, date = f"{local:%H:%M}", written_date(local.date())
    match (local.date() - today).days:
        case 0:
            return _("today at {time}", time=time)
        case 1:
            return _("tomorrow at {time}", time=time)
        case days if 1 < days < len(weekdays()):
            return _("{weekday} at {time}", weekday=weekdays()[local.weekday()], time=time)
    return _("{date} at {time}", date=date, time=time)

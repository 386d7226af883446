"""Turns: what several processes do one after the other, each at its time, for example requests to Discord."""

from datetime import datetime, timedelta

from storage.engine import Connection

FAR = timedelta(minutes=10)  # more than anybody waits for a turn: it was given by a clock that was ahead


async def take(connection: Connection, name: str, interval: timedelta, n: int, now: datetime) -> float:
    """Take the next `n` turns, each as long as `interval`; return the seconds until the first one."""
    at = _milliseconds(now)
    rows = await connection.execute_fetchall(
        "INSERT INTO turn (name, next) VALUES (:name, :now + :length) ON CONFLICT (name) DO UPDATE SET"
        " next = CASE WHEN turn.next > :now AND turn.next < :far THEN turn.next ELSE :now END + :length"
        " RETURNING next",
        {
            "name": name,
            "now": at,
            "length": round(interval / timedelta(milliseconds=1) * n),
            "far": _milliseconds(now + FAR),
        },
    )
    ends = int(next(iter(rows))[0])
    return (ends - at) / 1000 - interval.total_seconds() * n


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)

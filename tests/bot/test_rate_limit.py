"""Requests go evenly, within what Discord allows, and none begins when its time is over."""

import asyncio
import random
from collections.abc import Callable

import pytest

from bot.rate_limit import RATE, Bounds, NotBegunError, Pace, RepeatedError


async def test_no_second_has_more_requests_than_the_rate_and_the_slack_allow() -> None:
    pace, times = Pace(400), []

    async def request() -> None:
        await pace.wait()
        times.append(asyncio.get_running_loop().time())

    await asyncio.gather(*(request() for _ in range(200)))
    # The first of a window may be up to the slack late.
    assert all(
        later - earlier >= 99 / 400 - 0.02 - 1e-6 for earlier, later in zip(times, times[99:], strict=False)
    )


ALLOWED = 50  # requests in any second, as Discord counts them


def arrivals(number: int, noise: Callable[[], float], stall: Callable[[], float]) -> list[float]:
    """Return when requests that all wait at once reach the server.

    Each passes the pace when a timer says so, which is late by up to 5 ms; then the program may stand still;
    then `noise` is how long the request is on its way.
    """
    choice, pace, now, times = random.Random(9), Pace(), 0.0, []
    for _ in range(number):
        if (left := pace.left(now)) > 0:
            now += left + choice.uniform(0, 0.005)
        pace.begin(now)
        now += stall()  # nothing else goes out meanwhile, this request neither
        times.append(now + noise())
    return sorted(times)


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", ["at most", "usually"])
@pytest.mark.parametrize("stalls", [False, True])
def test_the_server_counts_fifty_in_no_second_whatever_the_noise(seed: int, kind: str, stalls: bool) -> None:
    choice = random.Random(seed)

    def noise() -> float:
        return choice.uniform(0, 0.005) if kind == "at most" else choice.gauss(0.05, 0.005)

    def stall() -> float:
        return choice.uniform(0, 0.5) if stalls and choice.random() < 0.002 else 0.0

    times = arrivals(5_000, noise, stall)
    shortest = min(later - earlier for earlier, later in zip(times, times[ALLOWED:], strict=False))
    assert shortest > 1, f"{ALLOWED + 1} requests in {shortest:.4f} s"
    if not stalls:
        assert (len(times) - 1) / (times[-1] - times[0]) >= 46
    assert RATE >= 46


async def test_there_is_no_burst_at_the_start() -> None:
    pace = Pace(100)
    started = asyncio.get_running_loop().time()
    for _ in range(8):
        await pace.wait()
    assert asyncio.get_running_loop().time() - started >= 7 / 100 - 0.02 - 1e-6


def test_a_request_that_may_have_been_carried_out_is_not_repeated_unseen() -> None:
    bounds = Bounds(until=10, once=True)
    bounds.begin(5)
    with pytest.raises(RepeatedError):
        bounds.begin(6)


def test_what_was_held_up_for_too_long_does_not_begin() -> None:
    with pytest.raises(NotBegunError):
        Bounds(until=10, once=False).begin(11)
    begun = Bounds(until=10, once=False)
    begun.begin(5)
    begun.begin(9)
    with pytest.raises(RepeatedError):
        begun.begin(11)

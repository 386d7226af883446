"""Requests go evenly, within what Discord allows, and none begins when its time is over."""

import asyncio

import pytest

from bot.rate_limit import Bounds, NotBegunError, Pace, RepeatedError


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

"""An interaction that takes no answer any more is nobody's fault, and no error in the log."""

import json
import logging
from collections.abc import Iterator

import pytest

from bot.logs import set_up_logs
from bot.settings import LogFormat, LogLevel
from tests.conftest import World

ANSWERED, TOO_LATE = 40060, 10062
CALLBACK = "/interactions/*/*/callback"


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    """Put the log's handlers back: those of a test write to a stderr that is gone after it."""
    handlers = logging.getLogger().handlers
    yield
    logging.getLogger().handlers = handlers


@pytest.mark.parametrize(("status", "code", "outcome"), [(400, ANSWERED, "done"), (404, TOO_LATE, "failed")])
@pytest.mark.parametrize("what", ["command", "button"])
async def test_an_answer_that_is_refused_as_given_or_late_is_one_line(
    world: World, capsys: pytest.CaptureFixture[str], status: int, code: int, outcome: str, what: str
) -> None:
    preview = await world.member.slash(world.channel, "digest preview", topic="ai")
    set_up_logs(LogLevel.INFO, LogFormat.JSON)
    world.env.inject_error("POST", CALLBACK, status=status, code=code)
    if what == "command":
        await world.member.slash(world.channel, "stories latest")
    else:
        await world.member.click(preview.response, label="Why these?")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {line["level"] for line in lines} == {"info"}
    said = [line["event"] for line in lines]
    assert len([each for each in said if "answer" in each]) == 1
    assert len([each for each in said if f": {outcome} in" in each]) == 1
    answers = [request for request in world.env.http_requests if "/interactions/" in request.path]
    assert len(answers) == 2  # the preview's and this one: what went wrong isn't sent after it


@pytest.mark.parametrize(("status", "code"), [(400, ANSWERED), (404, TOO_LATE)])
async def test_choices_that_come_too_late_are_one_line(
    world: World, capsys: pytest.CaptureFixture[str], status: int, code: int
) -> None:
    set_up_logs(LogLevel.INFO, LogFormat.JSON)
    world.env.inject_error("POST", CALLBACK, status=status, code=code)
    await world.member.autocomplete(world.channel, "stories latest", "topic", "a")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["level"], line["event"]) for line in lines] == [("info", "a list of choices came too late")]

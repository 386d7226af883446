"""Every error of digests/ and storage/ has words for Discord and terminals; strangers' stay words."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from bot.errors import NoticeError, unexpected, worded
from bot.problems import problem_text
from bot.reasons import reason_text, refusal_text
from bot.views.text import plain
from digests import errors
from digests.errors import BroadsheetError, FolderProblem, refusal_from_json, refusal_to_json
from digests.feeds.problems import FeedError, FeedProblem
from storage import errors as stored_errors
from storage.errors import StorageError
from storage.models import Trouble

FAMILIES = {errors.NotFoundError, errors.InvalidInputError, errors.ReloadError}
STRANGE = "*<@1> {x}*"
SAMPLES: dict[object, list[object]] = {
    str: [STRANGE, "x" * 6_000],
    int: [0, 1, 2_000],
    bool: [True, False],
    Path: [Path("some/file"), Path("x" * 4_000)],
    FolderProblem: list(FolderProblem),
    tuple[str, ...]: [(), (STRANGE,), tuple(f"{number} {STRANGE}" for number in range(100))],
    int | None: [None, 7],
    Path | str: [Path("some/file"), "postgresql://somebody@some.host/news"],
    Path | None: [None, Path("some/file")],
}
TERMINAL_ONLY = (
    errors.RecordNotFoundError,
    errors.NothingToExportError,
    errors.ExportExistsError,
    errors.ExportUnwritableError,
    errors.ImportUnreadableError,
    errors.ImportTooLargeError,
    errors.ImportFaultsError,
    errors.ImportLimitError,
    errors.ListUnreadableError,
    errors.ListTooLongError,
    errors.NotAnOutletError,
    errors.ReplacedError,
    errors.OtherLayoutError,
    errors.TooManyGroupsError,
    StorageError,
)
FOR_ALL = (stored_errors.UnreachableError, stored_errors.UnwritableError)  # of those


def is_terminal_only(kind: type[Exception]) -> bool:
    return issubclass(kind, TERMINAL_ONLY) and kind not in FOR_ALL


def leaves(family: type[Exception]) -> Iterator[type[Exception]]:
    """Yield the errors of a family that reach a person; a reload makes ReloadRunningError another one."""
    for each in family.__subclasses__():
        if each.__module__ in {errors.__name__, stored_errors.__name__} and each not in {
            *FAMILIES,
            stored_errors.ReloadRunningError,
        }:
            yield each
        yield from leaves(each)


def made(kind: type[Exception]) -> Iterator[Exception]:
    """Yield errors of a kind with several values for each of its fields, the first ones for the others."""
    if "__dataclass_fields__" not in vars(kind):
        yield kind()
        return
    values = [SAMPLES.get(each.type) or list(get_args(each.type)) for each in fields(kind)]  # type: ignore[arg-type]
    for number in range(max(map(len, values))):
        yield kind(*(each[min(number, len(each) - 1)] for each in values))


KINDS = sorted({*leaves(BroadsheetError), *leaves(StorageError)}, key=lambda kind: kind.__name__)


def test_there_are_errors() -> None:
    assert len(KINDS) > 30


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("terminal", [False, True])
def test_every_error_is_worded(kind: type[Exception], terminal: bool) -> None:
    if is_terminal_only(kind) and not terminal:
        assert {worded(error, plain) for error in made(kind)} == {unexpected()}
        return
    for error in made(kind):
        said = worded(error, str if terminal else plain, terminal=terminal)
        own = said.replace(STRANGE, "").replace(plain(STRANGE), "")
        assert said != unexpected()
        assert own.rstrip().endswith((".", "?", "…")) or kind is errors.ImportFaultsError
        assert len(re.findall(r"[.?](?= [A-Z`])", own)) <= 1, "more than two sentences"
        assert "!" not in own
        if not is_terminal_only(kind):
            assert "broadsheet" not in own or terminal
            assert "--" not in own or terminal
            assert len(said) < 1_000 or terminal


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not is_terminal_only(kind)])
def test_what_strangers_wrote_neither_formats_nor_pings_in_discord(kind: type[Exception]) -> None:
    for error in made(kind):
        assert STRANGE not in worded(error, plain)


def test_a_long_text_is_not_repeated_in_full() -> None:
    for kind in (errors.NotATimeError, errors.NotDaysError, errors.UnknownZoneError):
        assert len(worded(kind("x" * 6_000), terminal=True)) < 200
    assert len(worded(errors.NotADateError("x" * 6_000, past=False), terminal=True)) < 200


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errors.NotATimeError("99:99"), "“99:99” isn't a time. Try 09:00 or 9 pm."),
        (
            errors.NotADateError("foo", past=True),
            "I don't understand the date “foo”. Try 2026-01-31, 3 days or last week.",
        ),
        (
            errors.TopicNotFoundError("Banana", (), ("AI", "Climate")),
            "No topic called “Banana”. You can pick AI, Climate.",
        ),
        (
            errors.TopicNotFoundError("Banana", (), tuple("ABCDEFGHIJ")),
            "No topic called “Banana”. You can pick A, B, C, D, E, F, G, H, …",
        ),
        (
            errors.NothingNewError("AI"),
            "Nothing new on AI since the last digest, so I didn't send one.",
        ),
        (
            errors.NothingChangedError(),
            "Nothing to change yet. Fill in at least one option, for example `time: 18:30`.",
        ),
        (NoticeError("As it is."), "As it is."),
    ],
)
def test_an_error_says_what_happened_and_what_to_do_next(error: BroadsheetError, said: str) -> None:
    assert worded(error) == said


def test_what_to_do_next_is_a_command_of_the_place() -> None:
    empty = errors.NothingLoadedError()
    assert (
        worded(empty)
        == "No news has been loaded yet. Whoever runs this bot can add a feed with `/admin source add`."
    )
    assert "broadsheet source add" in worded(empty, terminal=True)
    refused = errors.ReloadRefusedError(Path("seeds"), 2, 3)
    assert "remove 2 of 3 records" in worded(refused)
    assert "`force:True`" in worded(refused)
    assert "--force" in worded(refused, terminal=True)


@pytest.mark.parametrize("problem", FeedProblem)
def test_every_problem_of_a_feed_is_worded(problem: FeedProblem) -> None:
    said = worded(FeedError(problem, STRANGE), plain)
    assert STRANGE not in said
    assert said.endswith(".")
    own = said.replace(plain(STRANGE), "")
    assert len(re.findall(r"[.?](?= [A-Z`])", own)) <= 1, "more than two sentences"
    assert said == problem_text(FeedError(problem, STRANGE).stored, plain)


def test_a_problem_that_another_version_stored_is_no_riddle() -> None:
    assert "log" in problem_text("something new: of a later version")


def test_a_fault_of_the_program_is_not_explained() -> None:
    assert worded(RuntimeError("secret")) == unexpected()


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_is_worded(trouble: Trouble) -> None:
    said = reason_text(trouble.about("Mars/Olympus"))
    assert said != trouble.about("Mars/Olympus")
    assert not said.endswith(".")
    assert reason_text(Trouble.UNKNOWN_ZONE.about("Mars/Olympus")).startswith(
        "I no longer know the time zone M"
    )


@pytest.mark.parametrize(
    "stored",
    [
        "it waited for too long, and the next one has its stories",
        "not published to followers: the channel is gone",
        "the forum wants a tag: let the bot use one",
        "The time zone Mars/Olympus isn't known any more: set another with /digest edit timezone",
        "",
    ],
)
def test_what_an_earlier_version_stored_is_shown_as_it_is(stored: str) -> None:
    assert reason_text(stored) == stored
    assert refusal_text(stored) == stored


@pytest.mark.parametrize(
    "error",
    [
        errors.FolderError(Path("a/b"), FolderProblem.UNREADABLE, "Permission denied"),
        errors.ReloadRefusedError(Path("a/b"), 2, 3),
    ],
)
def test_why_a_reload_changed_nothing_is_said_again_later(
    error: errors.FolderError | errors.ReloadRefusedError,
) -> None:
    stored = refusal_from_json(refusal_to_json(error))
    assert not isinstance(stored, str)
    assert refusal_text(stored) == worded(error)
    assert refusal_from_json("in words") == "in words"
    assert refusal_from_json({"kind": "of a later version"}) == "{'kind': 'of a later version'}"

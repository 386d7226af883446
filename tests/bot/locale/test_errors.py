"""Whatever goes wrong is said in the language of whoever reads it."""

import pytest

from bot.errors import worded
from bot.locale import in_language
from bot.problems import problem_text
from bot.reasons import reason_text
from bot.views.text import plain
from digests.feeds.problems import FeedProblem
from storage.models import Trouble
from tests.bot.locale.pseudo import FOREIGN, LANGUAGE, Pseudo, english_in, replace_catalog
from tests.bot.test_errors import KINDS, STRANGE, TERMINAL_ONLY, made

DETAILS = ("send_messages,invitation", "403 50013", "9")


@pytest.fixture(autouse=True)
def foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    replace_catalog(monkeypatch, Pseudo())


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not issubclass(kind, TERMINAL_ONLY)])
def test_errors_are_in_the_readers_language(kind: type[Exception]) -> None:
    for error in made(kind):
        with in_language(LANGUAGE):
            said = worded(error, plain)
        own = said.replace(plain(STRANGE), "").replace("x" * 30, "")
        assert [words for words in english_in(own) if set(words) != {"x"}] == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not issubclass(kind, TERMINAL_ONLY)])
def test_in_a_terminal_and_in_the_log_they_are_in_english(kind: type[Exception]) -> None:
    for error in made(kind):
        with in_language(LANGUAGE):
            assert FOREIGN.search(worded(error, terminal=True)) is None


@pytest.mark.parametrize("trouble", Trouble)
@pytest.mark.parametrize("detail", DETAILS)
def test_why_a_digest_does_not_come_is_in_the_readers_language(trouble: Trouble, detail: str) -> None:
    with in_language(LANGUAGE):
        said = reason_text(trouble.about(detail)).replace(detail, "")
    assert english_in(said) == []


@pytest.mark.parametrize("problem", FeedProblem)
def test_what_is_wrong_with_a_feed_is_in_the_readers_language(problem: FeedProblem) -> None:
    with in_language(LANGUAGE):
        assert english_in(problem_text(f"{problem}: 7")) == []

"""Whatever a message holds, it fits Discord's limits in the longest translation of every text, too."""

import pytest

import bot.locale
from tests.bot.locale.pseudo import Longest
from tests.bot.views.test_views import (  # noqa: F401 - they run again here
    test_a_card_of_any_articles_fits_one_message,
    test_a_confirmation_fits_one_message,
    test_a_page_of_any_stories_fits_one_message,
    test_a_page_of_any_subscriptions_fits_one_message_and_leaves_none_out,
    test_a_page_of_any_topics_fits_one_message,
    test_a_report_and_a_status_fit_one_message_however_much_is_wrong,
    test_an_edition_keeps_discords_limits_and_holds_each_choice_once_in_order,
    test_every_page_of_a_story_with_over_a_hundred_articles_fits_one_message,
    test_help_fits_one_message_and_names_every_command,
    test_the_reasons_tell_the_verdict_on_every_candidate_in_pages_that_fit,
)


@pytest.fixture(autouse=True)
def longest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody read the longest texts that there are."""
    monkeypatch.setattr(bot.locale, "catalog", lambda _language: Longest())

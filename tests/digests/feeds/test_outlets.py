"""Whose article an entry is."""

import pytest

from digests.feeds.entries import Entry
from digests.feeds.identity import keyed
from digests.feeds.outlets import Outlets, domain_of
from digests.feeds.records import without_boilerplate
from storage.models import Provider

SITE = "https://www.quay.example/"
OWN = Provider("The Quay", "quay.example")


def entry(url: str, **said: str) -> Entry:
    return Entry("", url, said.pop("title", "News"), **said)  # type: ignore[arg-type]


def whose(*entries: Entry, known: dict[str, str] | None = None) -> list[Provider]:
    found = Outlets("The Quay", SITE, "https://feeds.example/quay", entries, known or {})
    return [found.outlet_of(each) for each in entries]


def test_an_entry_is_its_feed_s_site_s() -> None:
    assert whose(entry("https://quay.example/1"), entry("https://blog.quay.example/2")) == [OWN, OWN]


def test_an_outlet_keeps_the_name_that_it_has() -> None:
    assert whose(entry("https://quay.example/1"), known={"quay.example": "Quay Times"}) == [
        Provider("Quay Times", "quay.example")
    ]


def test_an_entry_of_an_aggregator_is_that_of_where_it_leads() -> None:
    found = whose(
        entry("https://dock.example/1"), entry("https://pier.example/2"), known={"pier.example": "The Pier"}
    )
    assert found == [Provider("dock.example", "dock.example"), Provider("The Pier", "pier.example")]


def test_a_feed_that_leads_to_one_other_site_is_that_site_s() -> None:
    entries = [entry(f"https://dock.example/{number}") for number in range(5)]
    assert set(whose(*entries)) == {Provider("The Quay", "dock.example")}


def test_an_entry_may_name_its_source() -> None:
    named = entry(
        "https://quay.example/1", outlet="The Harbour", outlet_url="https://www.harbour.example/rss"
    )
    assert whose(named, entry("https://quay.example/2")) == [Provider("The Harbour", "harbour.example"), OWN]


def test_what_only_redirects_is_no_outlet() -> None:
    assert whose(entry("http://feedproxy.google.com/~r/quay/1"), entry("https://quay.example/2")) == [
        OWN,
        OWN,
    ]


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.quay.example/x", "quay.example"),
        ("http://M.Quay.Example:8080", "quay.example"),
        ("https://www.example", "www.example"),
        ("http://[::1]/", "::1"),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_a_domain_is_what_people_know_a_site_by(url: str, domain: str) -> None:
    assert domain_of(url) == domain


def test_an_excerpt_that_says_nothing_of_its_article_is_left_out() -> None:
    same = [entry(f"https://quay.example/{n}", title=f"News {n}", excerpt="Read it here.") for n in range(3)]
    slogan = entry("https://quay.example/slogan", excerpt="News of the quay")
    title = entry("https://quay.example/title", title="The tide", excerpt="The tide.")
    good = entry("https://quay.example/good", excerpt="Something happened.")
    found = without_boilerplate(keyed([*same, slogan, title, good]), "News of the Quay", {})
    assert [each.excerpt for each in found] == ["", "", "", "", "", "Something happened."]
    [told] = keyed([good])
    assert without_boilerplate([told], "", {told.keys.excerpt: 3})[0].excerpt == ""

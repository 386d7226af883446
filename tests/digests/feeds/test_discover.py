"""Finding a page's feeds."""

from hypothesis import given
from hypothesis import strategies as st

from digests.feeds.discover import FoundFeed, linked_feeds, usual_places

PAGE = "https://quay.example/news/today"


def link(href: str, kind: str = "application/rss+xml", title: str = "", rel: str = "alternate") -> str:
    return f'<link rel="{rel}" type="{kind}" title="{title}" href="{href}">'


def found(*links: str) -> list[str]:
    return [each.url for each in linked_feeds(f"<html><head>{''.join(links)}</head></html>".encode(), PAGE)]


def test_linked_feeds_of_every_kind_are_found_where_the_page_says() -> None:
    kinds = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
    assert found(*(link(f"/{n}", kind) for n, kind in enumerate(kinds))) == [
        f"https://quay.example/{n}" for n in range(4)
    ]
    assert found("<base href='https://other.example/a/'>", link("b")) == ["https://other.example/a/b"]
    assert found("<LINK REL=alternate TYPE=application/rss+xml HREF=/x>") == ["https://quay.example/x"]
    assert linked_feeds(link("/a?b=1&amp;c=2", title="The &quot;Quay&quot;").encode(), PAGE) == [
        FoundFeed("https://quay.example/a?b=1&c=2", 'The "Quay"')
    ]


def test_what_is_no_feed_is_not_taken_for_one() -> None:
    assert (
        found(
            link("/style.css", "text/css", rel="stylesheet"),
            link("/wp-json/1", "application/json"),
            link("/oembed", "application/json+oembed"),
            link("javascript:1"),
            link("", title="none"),
            "<!--" + link("/old") + "-->",
            link("/fr", "text/html"),
        )
        == []
    )


def test_the_feed_of_the_comments_comes_last() -> None:
    links = (link("/comments/feed"), link("/a", title="Quay » Comments Feed"), link("/feed"))
    assert found(*links)[0] == "https://quay.example/feed"


def test_without_a_link_the_usual_places_are_tried() -> None:
    places = usual_places(PAGE)
    assert places[:2] == ["https://quay.example/news/today/feed", "https://quay.example/feed"]
    assert {
        "https://quay.example/rss",
        "https://quay.example/atom.xml",
        "https://quay.example/feed.json",
    } < set(places)
    assert len(usual_places("https://quay.example/")) == len(set(usual_places("https://quay.example/")))


@given(st.binary(max_size=200))
def test_any_page_can_be_looked_at(page: bytes) -> None:
    linked_feeds(page, PAGE)
    linked_feeds(b"<link rel=alternate " + page, PAGE)

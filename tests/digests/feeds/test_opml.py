"""OPML: what readers exchange comes in and goes out, and nothing hidden in it works."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.feeds.opml import ListedFeed, read_opml, write_opml
from digests.feeds.outline import OutlineError

LIST = """<?xml version="1.0"?><opml version="1.0"><body>
<outline text="News"><outline title="Ports" text="x">
<outline type="rss" text="The &quot;Quay&quot;" xmlUrl="https://quay.example/feed?a=1&b=2" htmlUrl="https://quay.example/"/>
</outline></outline>
<outline text="https://dock.example/rss" xmlurl="https://dock.example/rss"/>
<outline text="again" xmlUrl="https://dock.example/rss"/>
<outline text="a folder of nothing"/>
</body></opml>"""
TEXT = st.text("abcXYZ09<>\"'éß/?.", min_size=1, max_size=9)


def test_folders_become_topics_and_each_feed_comes_once() -> None:
    assert read_opml(LIST.encode()) == [
        ListedFeed(
            "https://quay.example/feed?a=1&b=2", 'The "Quay"', "https://quay.example/", ("News", "Ports")
        ),
        ListedFeed("https://dock.example/rss"),
    ]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("<!DOCTYPE opml [<!ENTITY a 'b'>]><opml><body/></opml>", "declares entities"),
        ("<!DOCTYPE opml [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><opml/>", "declares entities"),
        ("<opml><body>", "no element found"),
        ("hello", "syntax error"),
        ("", "no element found"),
        ("<rss/>", "is no OPML"),
        ("<opml>" + "<outline text='x'>" * 200 + "</outline>" * 200 + "</opml>", "nested too deep"),
    ],
)
def test_what_is_no_list_is_refused_with_its_line(document: str, reason: str) -> None:
    with pytest.raises(OutlineError) as raised:
        read_opml(document.encode())
    assert (raised.value.reason, raised.value.line) == (reason, 1)


@given(
    st.lists(
        st.builds(
            ListedFeed,
            url=TEXT.map("https://quay.example/{}".format),
            title=TEXT,
            topics=st.lists(TEXT, max_size=3, unique=True).map(tuple),
            quality=st.none() | st.integers(0, 100),
            language=st.sampled_from(["", "en", "de-AT"]),
            paused=st.booleans(),
            servers=st.lists(st.integers(1, 2**60), max_size=2).map(tuple),
        ),
        max_size=5,
        unique_by=lambda feed: feed.url,
    )
)
def test_what_goes_out_comes_in_again(feeds: list[ListedFeed]) -> None:
    def key(feed: ListedFeed) -> str:
        return feed.url

    assert sorted(read_opml(write_opml(feeds, "Feeds")), key=key) == sorted(feeds, key=key)

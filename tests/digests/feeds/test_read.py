"""Reading feeds: every kind, whole or damaged, each text clean and cut."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.feeds.entries import MAX_ENTRIES, MAX_EXCERPT, Entry, ReadFeed, feed_from_json, feed_to_json
from digests.feeds.problems import FeedError, FeedProblem
from digests.feeds.read import read_feed
from tests.build import SHARED
from tests.feed_server import item, rss

URL = "https://quay.example/feed"
MORNING = datetime(2026, 3, 10, 8, tzinfo=UTC)
FEEDS = SHARED / "feeds"
REAL = sorted(file for file in FEEDS.glob("*") if file.suffix != ".tsv")


def read(body: bytes | str, **headers: str) -> ReadFeed:
    return read_feed(body.encode() if isinstance(body, str) else body, URL, **headers)


def one(body: bytes | str, **headers: str) -> Entry:
    (entry,) = read(body, **headers).entries
    return entry


def problem(body: bytes | str) -> FeedProblem:
    with pytest.raises(FeedError) as raised:
        read(body)
    return raised.value.problem


def atom(entry: str, attributes: str = "") -> str:
    head = f"<feed xmlns='http://www.w3.org/2005/Atom' {attributes}><title>Quay</title>"
    return f"{head}<link href='https://quay.example/'/><entry>{entry}</entry></feed>"


def test_an_item_says_what_an_article_needs() -> None:
    media = "<media:content url='/one.jpg' width='1200' medium='image'/>"
    text = "<description>It &lt;b&gt;leaks&lt;/b&gt;.</description>"
    feed = read(rss(item(1, extra=media + text), extra="<language>en-GB</language><ttl>30</ttl>"))
    assert (feed.title, feed.site, feed.language, feed.ttl) == (
        "The Quay Times",
        "https://quay.example/",
        "en-GB",
        1800,
    )
    assert feed.entries == (
        Entry(
            guid="guid-1",
            url="https://quay.example/1",
            title="News 1",
            excerpt="It leaks.",
            published=MORNING,
            image_url="https://quay.example/one.jpg",
            image_width=1200,
            language="en-GB",
        ),
    )


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("<![CDATA[AT&amp;T <b>rises</b>]]>", "AT&T rises"),
        ("&lt;i&gt;Tide&lt;/i&gt;s", "Tides"),
        ("5 &lt; 6 and 7 &gt; 6", "5 < 6 and 7 > 6"),
        ("  Many \n spaces ", "Many spaces"),
        ("<![CDATA[One<br/>two]]>", "One two"),
        ("<![CDATA[<p>Para</p><p>graphs</p>]]>", "Para graphs"),
        ("It&amp;#8217;s", "It\u2019s"),
        ("<![CDATA[a<script>alert(1)</script>b]]>", "ab"),
    ],
)
def test_a_title_is_without_markup_and_entities(written: str, shown: str) -> None:
    body = (
        rss()
        .decode()
        .replace("</channel>", f"<item><title>{written}</title><link>/1</link></item></channel>")
    )
    assert one(body).title == shown


def test_a_text_that_atom_calls_plain_is_taken_as_it_is() -> None:
    plain = atom("<title>The &lt;blink&gt; tag &amp;amp; more</title><link href='/1'/>")
    marked = atom("<title type='html'>The &lt;b&gt;quay&lt;/b&gt; &amp;amp; more</title><link href='/1'/>")
    assert one(plain).title == "The <blink> tag &amp; more"
    assert one(marked).title == "The quay & more"


def test_an_excerpt_is_the_summary_or_the_first_sentences_of_the_content() -> None:
    long = "A sentence of some length about the quay. " * 30
    entry = one(
        atom(f"<title>x</title><link href='/1'/><content type='html'>&lt;p&gt;{long}&lt;/p&gt;</content>")
    )
    assert MAX_EXCERPT / 2 < len(entry.excerpt) <= MAX_EXCERPT
    assert entry.excerpt.endswith("the quay.")
    both = atom("<title>x</title><link href='/1'/><summary>Short.</summary><content>Long</content>")
    assert one(both).excerpt == "Short."


def test_what_blogs_add_to_an_excerpt_is_cut_off() -> None:
    tail = "[&#8230;] The post &lt;a&gt;Tide&lt;/a&gt; appeared first on &lt;a&gt;Quay&lt;/a&gt;."
    body = f"<description>The tide turns. {tail}</description>"
    assert one(rss(item(extra=body))).excerpt == "The tide turns."


def test_an_entry_leads_to_the_original_of_feedburner() -> None:
    body = rss(item(extra="<f:origLink>https://quay.example/original</f:origLink>")).decode()
    body = body.replace("<rss ", "<rss xmlns:f='http://rssnamespace.org/feedburner/ext/1.0' ")
    assert one(body).url == "https://quay.example/original"


def test_addresses_are_seen_from_their_base() -> None:
    entry = "<title>x</title><link href='b'/><content type='html'>&lt;img src='c.png'&gt;</content>"
    found = one(atom(entry, "xml:base='https://other.example/a/'"))
    assert (found.url, found.image_url) == ("https://other.example/a/b", "https://other.example/a/c.png")


def test_an_address_in_short_is_seen_from_the_site_of_an_rss_feed() -> None:
    found = read_feed(rss(item(link="/news/1")), "https://feeds.example/quay").entries
    assert found[0].url == "https://quay.example/news/1"


def test_an_entry_without_a_link_leads_to_its_guid_or_to_what_it_encloses() -> None:
    assert (
        one("<rss version='2.0'><channel><item><guid>https://a.example/1</guid></item></channel></rss>").url
        == "https://a.example/1"
    )
    enclosed = "<item><title>x</title><enclosure url='https://a.example/1.mp3' type='audio/mpeg'/></item>"
    assert one(f"<rss version='2.0'><channel>{enclosed}</channel></rss>").url == "https://a.example/1.mp3"
    assert one("<rss version='2.0'><channel><item><title>x</title></item></channel></rss>").url == ""


def test_an_entry_names_its_own_source() -> None:
    found = one(rss(item(extra="<source url='https://harbour.example/rss'>The Harbour</source>")))
    assert (found.outlet, found.outlet_url) == ("The Harbour", "https://harbour.example/rss")


@pytest.mark.parametrize(
    ("markup", "picture"),
    [
        (
            "<img src='https://a.example/1.gif' width='1' height='1'><img src='/2.jpg'>",
            "https://quay.example/2.jpg",
        ),
        ("<img src='data:image/png;base64,AAAA'>", ""),
        ("<img alt='none'>", ""),
        ("<img src='/3.jpg' width=640>", "https://quay.example/3.jpg"),
    ],
)
def test_the_first_picture_of_fair_size_is_taken(markup: str, picture: str) -> None:
    assert one(rss(item(extra=f"<description><![CDATA[{markup}]]></description>"))).image_url == picture


def test_the_widest_picture_that_is_named_is_taken() -> None:
    sizes = "".join(
        f"<media:content url='https://a.example/{w}.jpg' width='{w}' medium='image'/>"
        for w in (100, 800, 300)
    )
    film = "<media:content url='https://a.example/film.mp4' width='1920' medium='video'/>"
    assert one(rss(item(extra=sizes + film))).image_url == "https://a.example/800.jpg"


@pytest.mark.parametrize("date", [None, "soon", "Thu, 01 Jan 1970 00:00:00 GMT", "0000-00-00", "99999-01-01"])
def test_a_date_that_is_none_is_none(date: str | None) -> None:
    assert one(rss(item(date=date))).published is None


def test_of_many_entries_the_newest_are_read_wherever_they_stand() -> None:
    for numbers in (range(5_000), range(5_000, 0, -1)):
        items = [
            item(n, date=f"Tue, 10 Mar {2026 + n // 1000} 08:{n % 1000 // 60:02}:{n % 60:02} GMT")
            for n in numbers
        ]
        feed = read(rss(*items))
        assert len(feed.entries) == MAX_ENTRIES
        assert max(entry.guid for entry in feed.entries) == f"guid-{max(numbers)}"


def test_an_empty_feed_is_no_problem_but_what_is_left_of_a_broken_one_is() -> None:
    assert read(rss()).entries == ()
    assert problem(rss()[:-30]) is FeedProblem.NO_ENTRIES
    assert problem("<html><head><title>Gone</title></head></html>") is FeedProblem.PAGE
    assert problem("<?xml version='1.0'?>\n<!-- x --><!DOCTYPE html><p>") is FeedProblem.PAGE
    for other in ("hello", "<note><to>you</to></note>", "{}", "[1]", '{"items": 1}', "{", "<", "\0\0\0"):
        assert problem(other) is FeedProblem.NO_FEED


def test_truncated_xml_yields_what_is_whole_in_it() -> None:
    whole = rss(*(item(number, extra="<description>Long enough.</description>") for number in range(9)))
    feed = read(whole)
    for end in range(len(whole) - 900, len(whole) - 1, 7):
        try:
            left = read(whole[:end])
        except FeedError:
            continue
        told = {(entry.guid, entry.title, entry.url) for entry in feed.entries}
        assert {(entry.guid, entry.title, entry.url) for entry in left.entries} <= told
        assert len(left.entries) >= 4


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", ""),
        ("utf-8", "text/xml"),
        ("utf-8", "text/xml; charset=iso-8859-1"),
        ("utf-16", "application/xml"),
        ("iso-8859-1", "text/xml; charset=iso-8859-1"),
        ("windows-1252", ""),
        ("koi8-r", ""),
        ("shift_jis", ""),
    ],
)
def test_encodings_are_read_as_declared(encoding: str, content_type: str) -> None:
    title = {"koi8-r": "Новости", "shift_jis": "港の新聞"}.get(encoding, "Café am Kai")
    body = rss(item(title=title)).decode().replace("?>", f" encoding='{encoding}'?>", 1)
    assert one(body.encode(encoding), content_type=content_type).title == title


def test_a_json_feed_is_read_and_a_bad_item_costs_itself_alone() -> None:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Quay <3",
        "home_page_url": "https://quay.example/",
        "items": [
            {
                "id": 7,
                "url": "/7",
                "title": "5 < 6 &amp; more",
                "content_html": "<p>Text <img src='a.png'></p>",
                "date_published": "2026-03-10T09:00:00+01:00",
            },
            "nonsense",
            {
                "id": "https://quay.example/8",
                "title": ["no"],
                "content_text": "Plain.",
                "date_published": 5,
                "attachments": [{"url": "/p.png", "mime_type": "image/png"}, 3],
            },
        ],
    }
    feed = read(json.dumps(document))
    first, second = feed.entries
    assert feed.title == "Quay <3"
    assert (first.guid, first.url, first.title) == ("7", "https://quay.example/7", "5 < 6 &amp; more")
    assert (first.excerpt, first.published, first.image_url) == (
        "Text",
        MORNING,
        "https://quay.example/a.png",
    )
    assert (second.url, second.title, second.excerpt) == ("https://quay.example/8", "", "Plain.")
    assert second.image_url == "https://quay.example/p.png"
    assert read('{"version": "https://jsonfeed.org/version/1", "items": []}').entries == ()
    assert problem('{"version": "https://jsonfeed.org/version/1", "items": [1]}') is FeedProblem.NO_ENTRIES


def test_a_news_sitemap_is_read() -> None:
    news = (
        "<url><loc>https://quay.example/1</loc><news:news><news:publication><news:name>The Quay</news:name>"
        "<news:language>en</news:language></news:publication><news:publication_date>2026-03-10T08:00:00Z"
        "</news:publication_date><news:title>Tide &amp; time</news:title></news:news>"
        "<image:image><image:loc>https://quay.example/1.jpg</image:loc></image:image></url>"
    )
    spaces = "xmlns:news='http://www.google.com/schemas/sitemap-news/0.9' xmlns:image='x'"
    assert one(f"<urlset {spaces}>{news}</urlset>") == Entry(
        guid="https://quay.example/1",
        url="https://quay.example/1",
        title="Tide & time",
        published=MORNING,
        outlet="The Quay",
        image_url="https://quay.example/1.jpg",
        language="en",
    )
    assert problem("<urlset><url><loc>https://quay.example/1</loc></url></urlset>") is FeedProblem.NO_FEED
    assert (
        problem("<!DOCTYPE x [<!ENTITY a 'b'>]><urlset><url><loc>&a;</loc></url></urlset>")
        is FeedProblem.NO_ENTRIES
    )


def test_entities_fetch_no_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    body = rss(item(title="&x;")).replace(
        b"<rss", f"<!DOCTYPE rss [<!ENTITY x SYSTEM '{secret.as_uri()}'>]><rss".encode(), 1
    )
    assert "hunter2" not in repr(read(body))
    assert problem(str(secret)) is FeedProblem.NO_FEED  # the name of a file is a text as others are


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_comes_is_a_feed_or_a_problem(body: bytes) -> None:
    for document in (body, b"<rss version='2.0'><channel><item>" + body, b'{"version":"x","items":[' + body):
        try:
            read(document)
        except FeedError:
            continue


def test_a_feed_survives_the_way_out_of_the_worker() -> None:
    feed = read(rss(item(1), item(2, date=None)))
    assert feed_from_json(json.loads(json.dumps(feed_to_json(feed)))) == feed


@pytest.mark.skipif(not REAL, reason="the real feeds aren't here")
def test_real_feeds_yield_what_others_find_in_them() -> None:
    found = expected = 0
    problems = set()
    for file in REAL:
        body = file.read_bytes()
        try:
            found += len(read(body).entries)
        except FeedError as error:
            problems.add(error.problem)
        is_json = body.lstrip().startswith(b"{")
        expected += len(
            json.loads(body).get("items", ()) if is_json else feedparser.parse(io.BytesIO(body)).entries
        )
    assert found >= 0.99 * expected > 400

"""What makes two links the same article, and which links can be opened at all."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digests.stories.urls import MAX_ADDRESS, MAX_PARAMETERS, _canonical, canonical, is_openable, is_showable

SAME = "https://news.example/2026/story"


@pytest.mark.parametrize(
    "url",
    [
        "http://news.example/2026/story",
        "HTTPS://News.EXAMPLE/2026/story",
        "https://news.example:443/2026/story",
        "http://news.example:80/2026/story",
        "https://news.example/2026/story/",
        "https://news.example/2026/story#comments",
        "https://news.example/2026/story?",
        "  https://news.example/2026/story\n",
        "https://news.example/2026/story?utm_source=feed&utm_medium=rss",
        "https://news.example/2026/story/?fbclid=abc#top",
        "https://news.example/2026/story?gclid=1&msclkid=2&mc_cid=3&ref=rss",
    ],
)
def test_the_same_page_has_the_same_address(url: str) -> None:
    assert canonical(url) == canonical(SAME)


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/2026/Story",
        "https://www.news.example/2026/story",
        "https://news.example/2026/story/2",
        "https://news.example:8443/2026/story",
        "https://news.example/2026/story?id=7",
        "https://news.example/2026/story?id=8",
        "https://news.example/2026/story?gameId=401",
        "https://news.example/2026/story?keyword=ai",
        "https://news.example/2026/story?reference=1",
        "https://news.example/2026/story?p=",
        "https://news.example/2026/story?v=abc&list=def",
    ],
)
def test_another_page_has_another_address(url: str) -> None:
    assert canonical(url) not in {None, canonical(SAME)}


def test_parameters_that_say_what_is_read_all_count() -> None:
    assert canonical(f"{SAME}?id=7&utm_source=x") == canonical(f"{SAME}?id=7")
    assert len({canonical(f"{SAME}?id={n}") for n in range(5)}) == 5


def test_the_order_of_parameters_does_not_matter() -> None:
    assert canonical(f"{SAME}?b=2&a=1") == canonical(f"{SAME}?a=1&b=2")


def test_an_internationalized_host_is_the_same_in_both_forms() -> None:
    assert canonical("https://bücher.example/a") == canonical("https://xn--bcher-kva.example/a")
    assert canonical("https://BÜCHER.example:8080/a") == canonical("https://xn--bcher-kva.example:8080/a")


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "news.example/story",
        "//news.example/story",
        "javascript:alert(1)",
        "JavaScript://news.example/%0aalert(1)",
        "data:text/html,x",
        "ftp://news.example/story",
        "mailto:news@news.example",
        "https://",
        "https:///story",
        "https://[::1/story",
        "https://news.example:99999/story",
        "https://news.example:port/story",
        "https://a b.example/",
        "https://news..example/",
        "https://" + "a" * 64 + ".example/",
        "https://" + "a." * 125 + "example/",
        "https://" + "é." * 30 + "example/",
        "https://" + "a\u0301\u0316" * 600 + "/",
        "not a link at all",
    ],
)
def test_what_no_browser_opens_has_no_address(url: str) -> None:
    assert canonical(url) is None
    assert not is_openable(url)


@pytest.mark.parametrize(
    "url",
    [
        f"{SAME}/{'a' * (MAX_ADDRESS - len(SAME))}",
        f"{SAME}?{'&'.join(f'p{n}=1' for n in range(MAX_PARAMETERS + 1))}",
    ],
)
def test_an_address_beyond_the_limits_is_none_and_is_not_remembered(url: str) -> None:
    assert canonical(url[: MAX_ADDRESS - 1].rpartition("&")[0] or url[:MAX_ADDRESS])
    size = _canonical.cache_info().currsize
    assert canonical(url) is None
    assert len(url) <= MAX_ADDRESS or _canonical.cache_info().currsize == size


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("news.example", True),
        ("NEWS.Example:8443", True),
        ("bücher.example", True),
        ("b%C3%BCcher.example", True),
        ("xn--bcher-kva.xn--p1ai", True),
        ("новости.рф", True),
        ("9.9.9.9", True),
        ("[2620:fe::fe]", True),
        ("localhost", False),
        ("localhost:8080", False),
        ("LOCALHOST.", False),
        ("app.localhost", False),
        ("intranet", False),
        ("news.example:port", False),
        ("127.0.0.1", False),
        ("10.0.0.5:3000", False),
        ("192.168.1.20", False),
        ("169.254.169.254", False),
        ("[::1]", False),
        ("[fd00::1]", False),
        ("1.2.3", False),
        ("", False),
    ],
)
def test_only_what_can_be_reached_from_outside_is_shown(host: str, *, public: bool) -> None:
    assert is_showable(f"https://{host}/a.jpg?x=1") == public
    assert not is_showable(f"ftp://{host}/a.jpg")


URLS = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP", "javascript", "ftp", ""]),
    st.sampled_from(
        ["a.example", "A.Example", "bücher.example", "127.0.0.1", "[::1]", "u:p@a.example", "a..b"]
    )
    | st.text(max_size=8),
    st.sampled_from(["", ":", ":80", ":443", ":8080", ":x"]),
    st.text(max_size=12).map(lambda path: f"/{path}") | st.sampled_from(["", "/", "//", "/a//", "/%zz/%2F/"]),
    st.sampled_from(
        ["", "?", "?utm_source=x", "?b=2&a=1&a=0", "?&&=", "#x", "?q=%ff", "?q=a+b%20c", "?%26=%3D"]
    )
    | st.text(max_size=10).map(lambda query: f"?{query}"),
)


def test_what_is_escaped_need_not_be_utf_8() -> None:
    assert canonical("https://one.example/s?q=%E9") != canonical("https://one.example/s?q=%E8")
    assert canonical("https://one.example/s?q=%C3%A9&utm_source=x") == "one.example/s?q=%C3%A9"


@given(URLS | st.text(max_size=30))
@example("http://a.example:443/")
@example("https://a.example/ /")
@example("https://a.example/?/")
@settings(deadline=None, max_examples=500)
def test_an_address_read_as_a_link_is_its_own_address(url: str) -> None:
    address = canonical(url)
    assert address is None or canonical(f"https://{address}") == address


@given(URLS | st.text(max_size=30))
@settings(deadline=None, max_examples=300)
def test_a_link_has_an_address_exactly_when_it_can_be_opened(url: str) -> None:
    assert (canonical(url) is not None) == is_openable(url)

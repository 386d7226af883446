"""Fetching: polite, bounded, and never from a private address that nobody allowed."""

import gzip
import ssl
import subprocess
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from digests.feeds.fetch import MAX_BYTES, Fetcher, Validators, unpack
from digests.feeds.hosts import AllowedHosts, allowed_hosts, is_public
from digests.feeds.problems import FeedError, FeedProblem
from tests.feed_server import (
    Answer,
    Asked,
    FeedServer,
    Names,
    conditional,
    feed_server,
    gzipped,
    item,
    moved,
    rss,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HERE = allowed_hosts(["127.0.0.1"])
BODY = rss(item(1))
NOON = "Tue, 10 Mar 2026 12:00:00 GMT"
PACKED = {"Content-Encoding": "gzip"}


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with feed_server() as opened:
        yield opened


@asynccontextmanager
async def fetcher(allowed: AllowedHosts = HERE, **options: Any) -> AsyncIterator[Fetcher]:
    async with Fetcher("Broadsheet/1 (+mail@quay.example)", allowed, lambda: NOW, **options) as opened:
        yield opened


async def problem(url: str, allowed: AllowedHosts = HERE, **options: Any) -> FeedError:
    async with fetcher(allowed, **options) as opened:
        with pytest.raises(FeedError) as raised:
            await opened.fetch(url)
    return raised.value


async def test_a_document_comes_with_what_its_server_says_of_it(server: FeedServer) -> None:
    server.pages["/feed"] = Answer(
        BODY,
        headers={
            "ETag": '"7"',
            "Last-Modified": "then",
            "Content-Type": "text/xml",
            "Cache-Control": "max-age=60",
        },
    )
    async with fetcher() as opened:
        found = await opened.fetch(server.url() + "#part")
    assert (found.body, found.url, found.moved_to) == (BODY, server.url(), None)
    assert found.validators == Validators('"7"', "then")
    assert (found.content_type, found.fresh_for) == ("text/xml", timedelta(minutes=1))
    assert server.asked[0].headers["user-agent"] == "Broadsheet/1 (+mail@quay.example)"
    assert server.asked[0].headers["accept-encoding"] == "gzip, deflate"


async def test_what_is_unchanged_is_not_sent_again(server: FeedServer) -> None:
    server.pages["/feed"] = conditional(BODY)
    async with fetcher() as opened:
        first = await opened.fetch(server.url())
        again = await opened.fetch(server.url(), first.validators)
    assert (first.body, again.body) == (BODY, None)


async def test_unchanged_without_a_question_is_a_problem(server: FeedServer) -> None:
    server.pages["/feed"] = Answer(status=304)
    assert (await problem(server.url())).stored == "status: 304"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, "login"), (403, "forbidden"), (404, "missing"), (410, "gone"), (429, "too many requests"),
        (500, "server error: 500"), (503, "server error: 503"), (402, "status: 402"), (418, "status: 418"),
    ],
)  # fmt: skip
async def test_each_refusal_is_told_apart(server: FeedServer, status: int, expected: str) -> None:
    server.pages["/feed"] = Answer(b"no", status=status)
    assert (await problem(server.url())).stored == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("120", timedelta(minutes=2)),
        ("Tue, 10 Mar 2026 13:00:00 GMT", timedelta(hours=1)),
        ("Tue, 10 Mar 2026 11:00:00 GMT", timedelta()),
        ("99999999", timedelta(days=2)),
        ("9" * 5000, timedelta(days=2)),
        ("soon", None),
        ("-5", None),
    ],
)
async def test_how_long_to_wait_is_heard_up_to_two_days(
    server: FeedServer, said: str, expected: timedelta | None
) -> None:
    server.pages["/feed"] = Answer(status=429, headers={"Retry-After": said})
    assert (await problem(server.url())).retry_after == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, timedelta()),
        ({"Cache-Control": "public, max-age=3600"}, timedelta(hours=1)),
        ({"Cache-Control": "max-age=3600", "Age": "600"}, timedelta(minutes=50)),
        ({"Cache-Control": "no-cache, max-age=3600"}, timedelta()),
        ({"Cache-Control": "max-age=99999999999999999999"}, timedelta(days=1)),
        ({"Cache-Control": "max-age=soon"}, timedelta()),
        (
            {"Expires": "Tue, 10 Mar 2026 12:30:00 GMT", "Date": "Tue, 10 Mar 2026 12:00:00 GMT"},
            timedelta(minutes=30),
        ),
        ({"Expires": "0"}, timedelta()),
        ({"Expires": "-1", "Cache-Control": "max-age=60"}, timedelta(minutes=1)),
    ],
)
async def test_how_long_a_document_stays_fresh(
    server: FeedServer, headers: dict[str, str], expected: timedelta
) -> None:
    server.pages["/feed"] = Answer(BODY, headers=headers)
    async with fetcher() as opened:
        assert (await opened.fetch(server.url())).fresh_for == expected


async def test_redirects_are_followed_and_permanent_ones_named(server: FeedServer) -> None:
    server.pages |= {
        "/old": moved("/older"),
        "/older": moved("/feed", 308),
        "/feed": moved("/today", 302),
        "/today": Answer(BODY),
    }
    async with fetcher() as opened:
        found = await opened.fetch(server.url("/old"))
        later = await opened.fetch(server.url("/feed"))
    assert (found.url, found.moved_to) == (server.url("/today"), server.url("/feed"))
    assert later.moved_to is None


async def test_at_most_five_redirects_are_followed(server: FeedServer) -> None:
    server.pages |= {f"/{number}": moved(f"/{number + 1}") for number in range(9)}
    server.pages["/6"] = Answer(BODY)
    async with fetcher() as opened:
        assert (await opened.fetch(server.url("/1"))).body == BODY
    assert (await problem(server.url("/0"))).problem is FeedProblem.REDIRECTS


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "gopher://quay.example/", "http://", "http://[", "javascript:1"]
)
async def test_a_redirect_leads_nowhere_but_to_the_web(server: FeedServer, to: str) -> None:
    server.pages["/feed"] = moved(to)
    assert (await problem(server.url())).problem is FeedProblem.REDIRECTS


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "0.0.0.0", "2130706433",  # noqa: S104
        "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]",
        "169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "224.0.0.1", "192.0.0.9",
        "[fe80::1]", "[fec0::1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[::7f00:1]",
        "[fc00::1]", "[ff02::1]", "255.255.255.255", "[2001::1]",
    ],
)  # fmt: skip
async def test_private_addresses_are_refused_however_they_are_written(server: FeedServer, host: str) -> None:
    server.pages["/feed"] = Answer(BODY)
    found = await problem(server.url(host=host), AllowedHosts())
    assert found.problem in {FeedProblem.PRIVATE, FeedProblem.NO_ADDRESS}
    assert server.asked == []


async def test_a_redirect_to_a_private_address_is_refused(server: FeedServer) -> None:
    server.pages |= {"/feed": moved(server.url("/inner", host="127.0.0.2")), "/inner": Answer(BODY)}
    assert (await problem(server.url())).problem is FeedProblem.PRIVATE
    assert server.paths() == ["/feed"]


async def test_a_name_that_changes_between_look_up_and_connect_is_refused(server: FeedServer) -> None:
    server.pages["/feed"] = Answer(BODY)
    names = Names(rebind_example=["127.0.0.1", "127.0.0.2"])
    async with fetcher(resolver=names) as opened:
        assert (await opened.fetch(server.url(host="rebind.example"))).body == BODY
        with pytest.raises(FeedError, check=lambda error: error.problem is FeedProblem.PRIVATE):
            await opened.fetch(server.url(host="rebind.example"))


async def test_operators_allow_private_hosts_by_name_and_by_network(server: FeedServer) -> None:
    server.pages["/feed"] = Answer(BODY)
    for allowed in (["127.0.0.0/8"], ["LOCALHOST"], ["::1", "127.0.0.1"]):
        async with fetcher(allowed_hosts(allowed)) as opened:
            assert (await opened.fetch(server.url(host="localhost"))).body == BODY


@pytest.mark.parametrize("text", ["10.0.0.0/99", "http://rsshub", "a b", "rsshub:1200"])
def test_what_is_no_host_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        allowed_hosts([text])


@pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450:4001::1", "2606:4700::1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


async def test_a_proxy_is_asked_but_not_for_private_hosts(server: FeedServer) -> None:
    server.pages["http://127.0.0.1:1/feed"] = Answer(BODY)
    async with fetcher(proxy_for=lambda _: server.url("")) as opened:
        assert (await opened.fetch("http://127.0.0.1:1/feed")).body == BODY
    found = await problem("http://127.0.0.2:1/feed", proxy_for=lambda _: server.url(""))
    assert found.problem is FeedProblem.PRIVATE
    assert len(server.asked) == 1


async def test_a_gzip_bomb_is_cut_off(server: FeedServer) -> None:
    bomb = gzip.compress(bytes(200 * 2**20), 9)
    server.pages |= {
        "/bomb": Answer(bomb, headers={"Content-Encoding": "gzip"}),
        "/large": Answer(bytes(5 * 2**20)),
    }
    assert (await problem(server.url("/bomb"))).problem is FeedProblem.TOO_LARGE
    assert (await problem(server.url("/large"))).problem is FeedProblem.TOO_LARGE


async def test_an_endless_answer_is_cut_off(server: FeedServer) -> None:
    server.pages["/feed"] = Answer(length=None, pieces=(bytes(2**18) for _ in range(1_000)))
    assert (await problem(server.url())).problem is FeedProblem.TOO_LARGE


async def test_a_slow_drip_is_given_up(server: FeedServer) -> None:
    server.pages["/feed"] = Answer(length=None, pieces=[b"x"] * 1_000, pause=0.01)
    assert (await problem(server.url(), seconds=0.2)).problem is FeedProblem.TOO_SLOW


async def test_a_length_that_is_too_long_is_not_believed(server: FeedServer) -> None:
    server.pages["/feed"] = Answer(BODY, length=len(BODY) + 5_000, headers={"ETag": '"1"'})
    async with fetcher() as opened:
        found = await opened.fetch(server.url())
    assert found.body == BODY
    assert found.validators == Validators()  # perhaps it isn't all, so that is asked for again


async def test_a_length_that_is_too_short_is_no_http(server: FeedServer) -> None:
    server.pages["/feed"] = Answer(BODY, length=len(BODY) - 10)
    assert (await problem(server.url())).problem is FeedProblem.BROKEN_OFF


@pytest.mark.parametrize(
    "raw", [b"", b"hello\r\n\r\n", b"HTTP/1.1 200\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"]
)
async def test_what_is_no_http_is_a_problem(server: FeedServer, raw: bytes) -> None:
    server.pages["/feed"] = Answer(raw=raw)
    assert (await problem(server.url())).problem is FeedProblem.BROKEN_OFF


async def test_an_empty_answer_is_a_problem(server: FeedServer) -> None:
    server.pages |= {"/feed": Answer(b" \n"), "/none": Answer(status=204)}
    assert (await problem(server.url())).problem is FeedProblem.EMPTY
    assert (await problem(server.url("/none"))).problem is FeedProblem.EMPTY


async def test_packed_documents_are_unpacked(server: FeedServer) -> None:
    raw = zlib.compressobj(wbits=-15)
    deflated = raw.compress(BODY) + raw.flush()
    server.pages |= {
        "/gzip": gzipped(BODY),
        "/unsaid": Answer(gzip.compress(BODY)),
        "/lie": Answer(BODY, headers={"Content-Encoding": "gzip"}),
        "/zlib": Answer(zlib.compress(BODY), headers={"Content-Encoding": "deflate"}),
        "/raw": Answer(deflated, headers={"Content-Encoding": "deflate"}),
        "/two": Answer(gzip.compress(BODY[:50]) + gzip.compress(BODY[50:])),
        "/cut": Answer(gzip.compress(BODY)[:-9], headers=PACKED | {"ETag": '"1"'}),
    }
    async with fetcher() as opened:
        for path in server.pages:
            found = await opened.fetch(server.url(path))
            assert found.body == BODY or path == "/cut"
    assert found.validators == Validators()  # of the one that was cut short


def test_damaged_packing_is_a_problem() -> None:
    with pytest.raises(FeedError):
        unpack(b"\x1f\x8bnonsense", "gzip")
    assert len(unpack(gzip.compress(bytes(MAX_BYTES)), "")[0]) == MAX_BYTES


async def test_hosts_that_are_not_there(server: FeedServer) -> None:
    found = await problem("http://nowhere.example/", resolver=Names())
    assert found.stored == "unknown host: nowhere.example"
    assert (await problem("http://127.0.0.1:1/")).problem is FeedProblem.UNREACHABLE
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "quay",
        "ftp://quay.example/",
        "http://",
        "http://[::",
        "file:///etc/passwd",
        "http://a/" + "x" * 3_000,
        "http://a:99999/",
    ],
)
async def test_what_is_no_web_address_is_a_problem(address: str) -> None:
    assert (await problem(address)).problem is FeedProblem.NO_ADDRESS


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate of another host, signed by nobody, with its key."""
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    made = ["-keyout", str(file), "-out", str(file.with_suffix(".crt"))]
    subject = ["-subj", "/CN=other.example", "-days", "2"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, *made]
    subprocess.run(command, check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + file.with_suffix(".crt").read_bytes())
    return file


async def test_a_certificate_that_does_not_fit_is_refused(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with feed_server(context) as server:
        server.pages["/feed"] = Answer(BODY)
        found = await problem(server.url())
    assert found.problem is FeedProblem.CERTIFICATE
    assert "self-signed" in found.detail


async def test_credentials_of_an_address_go_to_its_host_alone(server: FeedServer) -> None:
    server.pages |= {
        "/feed": moved(server.url("/there", host="127.0.0.2"), 302),
        "/there": Answer(BODY),
    }
    address = server.url().replace("//", "//me:secret@")
    async with fetcher(allowed_hosts(["127.0.0.0/8"])) as opened:
        await opened.fetch(address)
    first, second = server.asked
    assert first.headers["authorization"].startswith("Basic ")
    assert "authorization" not in second.headers


async def test_cookies_are_not_kept(server: FeedServer) -> None:
    def page(asked: Asked) -> Answer:
        assert "cookie" not in asked.headers
        return Answer(BODY, headers={"Set-Cookie": "a=b"})

    server.pages["/feed"] = page
    async with fetcher() as opened:
        await opened.fetch(server.url())
        await opened.fetch(server.url())

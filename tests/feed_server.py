"""A small server of feeds that does whatever a server can do wrong, and remembers what it was asked."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from time import monotonic

from aiohttp.abc import AbstractResolver, ResolveResult


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its path, its headers by lower-case name, when it came by the monotonic clock."""

    path: str
    headers: dict[str, str]
    at: float


@dataclass(slots=True)
class Answer:
    """What the server says.

    `length` is what it claims as the length (None: none at all), `pause` the seconds before each piece of
    `pieces`; `raw` is sent instead of everything else.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = -1
    pieces: Iterable[bytes] = ()
    pause: float = 0.0
    raw: bytes | None = None


@dataclass(slots=True)
class FeedServer:
    """Serves `pages` by path; what it has no page for is 404."""

    port: int
    pages: dict[str, "Answer | Callable[[Asked], Answer]"] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    scheme: str = "http"

    def url(self, path: str = "/feed", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [each.path for each in self.asked]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip()
                for name, _, value in (line.partition(":") for line in lines if line)
            }
            asked = Asked(first.split(" ")[1], headers, monotonic())
            self.asked.append(asked)
            page = self.pages.get(asked.path.partition("?")[0], Answer(status=404))
            await self._send(page(asked) if callable(page) else page, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _send(self, answer: Answer, writer: asyncio.StreamWriter) -> None:
        if answer.raw is not None:
            writer.write(answer.raw)
            await writer.drain()
            return
        length = len(answer.body) if answer.length == -1 else answer.length
        headers = {"Connection": "close", "Date": format_datetime(datetime.now(UTC), usegmt=True)}
        headers |= {} if length is None else {"Content-Length": str(length)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in (headers | answer.headers).items())
        writer.write(f"HTTP/1.1 {answer.status} x\r\n{lines}\r\n".encode() + answer.body)
        await writer.drain()
        for piece in answer.pieces:
            await asyncio.sleep(answer.pause)
            writer.write(piece)
            await writer.drain()


@asynccontextmanager
async def feed_server(certificate: ssl.SSLContext | None = None) -> AsyncIterator[FeedServer]:
    """Run a server on a free port of 127.0.0.1 and every other address of this machine's own."""
    found: FeedServer | None = None

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert found
        await found.answer(reader, writer)

    server = await asyncio.start_server(answer, "0.0.0.0", 0, ssl=certificate)  # noqa: S104
    found = FeedServer(server.sockets[0].getsockname()[1], scheme="https" if certificate else "http")
    async with server:
        yield found


class Names(AbstractResolver):
    """Looks names up in a table: each time the next of a name's addresses, the last of which stays."""

    def __init__(self, **addresses: list[str]) -> None:
        self._addresses = {name.replace("_", "."): list(found) for name, found in addresses.items()}

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        if host not in self._addresses:
            raise OSError(f"{host} isn't known")
        found = self._addresses[host]
        address = found.pop(0) if len(found) > 1 else found[0]
        return [ResolveResult(hostname=host, host=address, port=port, family=family or 2, proto=0, flags=0)]

    async def close(self) -> None:
        pass


def conditional(body: bytes, etag: str = '"1"') -> Callable[[Asked], Answer]:
    """Return a page that is sent in full only to those who don't know this version of it."""

    def page(asked: Asked) -> Answer:
        if asked.headers.get("if-none-match") == etag:
            return Answer(status=304, headers={"ETag": etag})
        return Answer(body, headers={"ETag": etag, "Content-Type": "application/rss+xml"})

    return page


def gzipped(body: bytes) -> Answer:
    return Answer(gzip.compress(body), headers={"Content-Encoding": "gzip"})


def moved(to: str, status: int = 301) -> Answer:
    return Answer(status=status, headers={"Location": to})


def item(
    number: int = 1,
    *,
    title: str | None = None,
    link: str | None = None,
    guid: str | None = None,
    date: str | None = "Tue, 10 Mar 2026 08:00:00 GMT",
    extra: str = "",
) -> str:
    """Return an item of an RSS feed."""
    parts = [
        f"<title>{title or f'News {number}'}</title>",
        f"<link>{link or f'https://quay.example/{number}'}</link>",
        f"<guid isPermaLink='false'>{guid or f'guid-{number}'}</guid>",
        f"<pubDate>{date}</pubDate>" if date else "",
        extra,
    ]
    return f"<item>{''.join(parts)}</item>"


def rss(
    *items: str, title: str = "The Quay Times", site: str = "https://quay.example/", extra: str = ""
) -> bytes:
    """Return an RSS feed of these items."""
    return (
        f"<?xml version='1.0'?><rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel>"
        f"<title>{title}</title><link>{site}</link><description>News of the quay</description>{extra}"
        f"{''.join(items)}</channel></rss>"
    ).encode()

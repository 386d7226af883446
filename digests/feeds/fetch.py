"""Address to bytes: one document over HTTP, or that it is unchanged; FeedError says what is wrong."""

import asyncio
import socket
import zlib
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from digests.feeds.addresses import redirected, web_url
from digests.feeds.freshness import fresh_for, retry_after
from digests.feeds.hosts import AllowedHosts, PrivateAddressError
from digests.feeds.problems import FeedError, FeedProblem
from digests.feeds.resolver import Resolver

MAX_BYTES = 4 * 2**20  # of a document, as it was sent and unpacked
SECONDS = 20.0  # for everything, redirects included
MAX_REDIRECTS = 5
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml,"
    " application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.7, */*;q=0.5"
)
PERMANENT = {301, 308}
REDIRECTS = {*PERMANENT, 302, 303, 307}
STATUSES = {
    401: FeedProblem.LOGIN,
    403: FeedProblem.FORBIDDEN,
    404: FeedProblem.MISSING,
    410: FeedProblem.GONE,
    429: FeedProblem.TOO_MANY,
}
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server calls the version of a document that it sent."""

    etag: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What an address holds.

    `url` is where it was found in the end, `moved_to` where permanent redirects lead, if any did. `body` is
    None where it is unchanged. `fresh_for` is how long the server says not to ask again.
    """

    url: str
    moved_to: str | None
    body: bytes | None
    content_type: str
    language: str
    validators: Validators
    fresh_for: timedelta


class Fetcher:
    """Fetches documents from public hosts, and from private ones that are allowed; an async context."""

    def __init__(
        self,
        user_agent: str,
        allowed: AllowedHosts,
        clock: Callable[[], datetime],
        *,
        proxy_for: Callable[[str], str | None] = lambda _: None,
        resolver: AbstractResolver | None = None,
        seconds: float = SECONDS,
    ) -> None:
        """`proxy_for` returns the proxy for an address, if there is one; `seconds` is the time for each."""
        self._headers = {"User-Agent": user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"}
        self._allowed = allowed
        self._clock = clock
        self._proxy_for = proxy_for
        self._resolver = resolver or Resolver()
        self._seconds = seconds
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Open what connections are made with."""
        self._guarded = await self._session(self._allowed.open_socket)
        self._open = await self._session(None)  # to proxies, and to hosts that are allowed by name
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        await self._stack.aclose()
        await self._resolver.close()

    async def fetch(self, address: str, known: Validators = Validators()) -> Document:
        """Return the document at an address, without its body if the version that is known is current.

        Raises FeedError.
        """
        try:
            async with asyncio.timeout(self._seconds):
                return await self._follow(web_url(address), known)
        except TimeoutError as error:
            raise FeedError(FeedProblem.TOO_SLOW) from error
        except aiohttp.ClientConnectorDNSError as error:
            raise FeedError(FeedProblem.UNKNOWN_HOST, error.host) from error
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError) as error:
            raise FeedError(FeedProblem.CERTIFICATE, _reason(error)) from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, PrivateAddressError):
                raise FeedError(FeedProblem.PRIVATE, error.host) from error
            raise FeedError(FeedProblem.UNREACHABLE, error.os_error.strerror or "") from error
        except aiohttp.InvalidURL as error:  # a host such as 127.1, that browsers read as an address
            raise FeedError(FeedProblem.NO_ADDRESS) from error
        except (aiohttp.ClientError, OSError, ValueError, EOFError) as error:
            raise FeedError(FeedProblem.BROKEN_OFF, type(error).__name__) from error

    async def _session(self, open_socket: Callable[..., socket.socket] | None) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            socket_factory=open_socket,
            resolver=self._resolver,
            happy_eyeballs_delay=None,  # one address after the other, so that a refusal stays what it is
            use_dns_cache=False,
            limit=0,  # whoever asks limits how much is asked at once
        )
        return await self._stack.enter_async_context(
            aiohttp.ClientSession(
                connector=connector,
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None),
            )
        )

    async def _follow(self, url: URL, known: Validators) -> Document:
        headers = {}
        if known.etag:
            headers["If-None-Match"] = known.etag
        if known.modified:
            headers["If-Modified-Since"] = known.modified
        moved_to: URL | None = None
        permanent = True
        for _ in range(MAX_REDIRECTS + 1):
            async with await self._get(url, headers) as response:
                if response.status not in REDIRECTS or "Location" not in response.headers:
                    return await self._document(response, moved_to, asked=bool(headers))
                permanent = permanent and response.status in PERMANENT
                url = redirected(url, response.headers["Location"])
                if permanent:
                    moved_to = url
        raise FeedError(FeedProblem.REDIRECTS)

    async def _get(self, url: URL, headers: dict[str, str]) -> aiohttp.ClientResponse:
        host = url.host or ""
        proxy = self._proxy_for(str(url))
        if proxy and not self._allowed.has_name(host):
            await self._require_public(host, url.port or 0)
        session = self._open if proxy or self._allowed.has_name(host) else self._guarded
        return await session.get(url, headers=headers, proxy=proxy, allow_redirects=False)

    async def _require_public(self, host: str, port: int) -> None:
        """Raise FeedError if a host that a proxy is to be asked for is private, or can't be looked up."""
        try:
            found = await self._resolver.resolve(host, port, socket.AF_UNSPEC)
        except OSError as error:
            raise FeedError(FeedProblem.UNKNOWN_HOST, host) from error
        if not all(self._allowed.has_address(each["host"]) for each in found):
            raise FeedError(FeedProblem.PRIVATE, host)

    async def _document(
        self, response: aiohttp.ClientResponse, moved_to: URL | None, *, asked: bool
    ) -> Document:
        headers, status = response.headers, response.status
        unchanged = status == 304 and asked
        if not unchanged and not 200 <= status < 300:
            raise self._refusal(status, headers)
        body, whole = (None, True) if unchanged else await _read(response)
        # Of a document that was cut short the server is asked for the whole again.
        validators = Validators(headers.get("ETag"), headers.get("Last-Modified")) if whole else Validators()
        return Document(
            url=str(response.url),
            moved_to=str(moved_to) if moved_to else None,
            body=body,
            content_type=headers.get("Content-Type", ""),
            language=headers.get("Content-Language", ""),
            validators=validators,
            fresh_for=fresh_for(headers, self._clock()),
        )

    def _refusal(self, status: int, headers: Mapping[str, str]) -> FeedError:
        wait = retry_after(headers.get("Retry-After", ""), self._clock())
        if status in STATUSES:
            return FeedError(STATUSES[status], retry_after=wait)
        return FeedError(FeedProblem.SERVER if status >= 500 else FeedProblem.STATUS, str(status), wait)


async def _read(response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
    """Return a body unpacked, and whether it came whole; a server's idea of its length isn't believed."""
    received = bytearray()
    whole = True
    try:
        async for chunk in response.content.iter_any():
            received += chunk
            if len(received) > MAX_BYTES:
                raise FeedError(FeedProblem.TOO_LARGE)
    except aiohttp.ClientError:
        whole = False
    body, ended = unpack(bytes(received), response.headers.get("Content-Encoding", ""))
    if not body.strip():
        raise FeedError(FeedProblem.EMPTY if whole else FeedProblem.BROKEN_OFF)
    return body, whole and ended


def unpack(data: bytes, encoding: str) -> tuple[bytes, bool]:
    """Return data unpacked, as far as it can be, and whether that is all of it; raises FeedError.

    What is packed shows in its first bytes: headers are often wrong about it.
    """
    if data.startswith(GZIP):
        kind = zlib.MAX_WBITS | 16
    elif "deflate" in encoding.lower():
        has_header = len(data) > 1 and data[0] & 15 == zlib.DEFLATED and (data[0] << 8 | data[1]) % 31 == 0
        kind = zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS
    else:
        return data, True
    body = b""
    ended = True
    while data and (not body or data.startswith(GZIP)):  # gzip may be several in a row
        unpacker = zlib.decompressobj(kind)
        try:
            body += unpacker.decompress(data, MAX_BYTES + 1 - len(body))
        except zlib.error as error:
            if body:
                return body, False
            raise FeedError(FeedProblem.BROKEN_OFF, type(error).__name__) from error
        if len(body) > MAX_BYTES:
            raise FeedError(FeedProblem.TOO_LARGE)
        ended = unpacker.eof
        if not unpacker.unused_data or len(unpacker.unused_data) >= len(data):
            break
        data = unpacker.unused_data
    return body, ended


def _reason(error: aiohttp.ClientConnectorError | aiohttp.ClientConnectorCertificateError) -> str:
    """Return what is wrong with a certificate, in the words of the TLS library."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause: Exception = error.certificate_error
    else:
        cause = error.os_error
    return str(getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or type(cause).__name__)

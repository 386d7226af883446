"""Web addresses of feeds, as they are typed, stored and shown."""

from yarl import URL

from digests.feeds.problems import FeedError, FeedProblem

MAX_ADDRESS = 2_048  # characters


def as_address(text: str) -> str:
    """Return a web address as it is typed or copied, also without its scheme; raises FeedError."""
    text = text.strip()
    if text.lower().startswith("feed:"):
        text = text[len("feed:") :].removeprefix("//")
    if "://" not in text:
        text = f"https://{text}"
    url = web_url(text)
    if "." not in (url.host or "") and ":" not in (url.host or "") and url.host != "localhost":
        raise FeedError(FeedProblem.NO_ADDRESS)
    return str(url)


def web_url(address: str) -> URL:
    """Return a web address without what browsers keep to themselves; raises FeedError."""
    try:
        if len(address) > MAX_ADDRESS:
            raise FeedError(FeedProblem.NO_ADDRESS)
        url = URL(address.strip()).with_fragment(None)
        if url.scheme in {"http", "https"} and url.host:
            return url
    except ValueError:
        pass
    raise FeedError(FeedProblem.NO_ADDRESS)


def redirected(url: URL, location: str) -> URL:
    """Return where a redirect leads; raises FeedError."""
    try:
        return web_url(str(url.join(URL(location.strip()))))
    except (FeedError, ValueError) as error:
        raise FeedError(FeedProblem.REDIRECTS) from error


def host_of(url: str) -> str:
    """Return the host that an address is fetched from, empty without one."""
    try:
        return URL(url).host or ""
    except ValueError:
        return ""


def without_credentials(url: str) -> str:
    """Return an address without the name and password that it may hold."""
    scheme, slashes, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{host.rpartition('@')[2]}{slash}{path}"

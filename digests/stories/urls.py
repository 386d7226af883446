"""Canonical addresses: what makes two links the same article."""

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

MAX_ADDRESS = 2_048  # characters
MAX_FOREIGN_HOST = 63  # characters of a host that isn't in ASCII, each of which takes Python microseconds
MAX_PARAMETERS = 50
LONG_HOST = re.compile(r"[^/?#]*//[^/?#]{254}")  # DNS has none
HOST = re.compile(r"[a-z0-9_.:-]+", re.IGNORECASE)  # in ASCII; colons in IPv6 addresses
PUBLIC_NAME = re.compile(r"(?!(?:.+\.)?localhost$).+\.(?:[^\W\d]+|xn--[a-z0-9-]+)\.?", re.IGNORECASE)
DEFAULT_PORT = re.compile(r":(80|443)?$")

# Parameters that say where a reader came from, not what is read. Whole names only: a pattern that
# also takes `gameId` or `keyword` would make one article out of many.
TRACKING = re.compile(
    r"(utm_|mtm_|pk_|piwik_|matomo_|itm_|vero_|oly_|_hs|__hs|hsa_|at_)\w+"
    r"|(ga|mc|cm)_(source|medium|term|content|campaign|cid|eid|place|sw|mmc|re|sp)"
    r"|_g[al]|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|twclid|ttclid|msclkid|yclid|ysclid|li_fat_id"
    r"|igshid?|mkt_tok|hsctatracking|spm|wt\.mc_id|wt_mc|xtor|s_cid|ref|ref_src|ref_url|referr?er"
    r"|cmp|cmpid|ncid|ocid|icid|smid|smtyp|sr_share|ftag|guccounter|guce_\w+|outputtype|taid|__twitter_impression",
    re.IGNORECASE,
)


# Most addresses are in canonical form but for the scheme: no query, nothing escaped, no dot segments.
ORIGIN = r"https?://(?![a-z0-9.-]{64})"
DOMAIN = r"[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]+"
PLAIN = re.compile(rf"{ORIGIN}({DOMAIN}(?:/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*)?)*)")
USUAL = re.compile(rf"{ORIGIN}{DOMAIN}(?:[/?#]|\Z)")  # a host that can exist, and no port


def canonical(url: str) -> str | None:
    """Return the identity of the page behind `url`, or None where no browser can open it.

    Scheme, host case, default port, fragment, tracking parameters, the order of the others and a
    trailing slash don't tell pages apart; the parameters themselves do. An address of more than
    MAX_ADDRESS characters or MAX_PARAMETERS parameters is none.
    """
    return _canonical(url) if len(url) <= MAX_ADDRESS else None


@lru_cache(maxsize=16_384)
def _canonical(url: str) -> str | None:
    if plain := PLAIN.fullmatch(url):
        return plain[1].rstrip("/")  # shortcut: the code below would return the same
    if not is_openable(url) or url.count("&") >= MAX_PARAMETERS:
        return None
    from w3lib.url import canonicalize_url  # noqa: PLC0415 - takes a while, and usual addresses need it not

    parts = urlsplit(canonicalize_url(_with_ascii_host(url.strip()), keep_blank_values=True))
    host = DEFAULT_PORT.sub("", parts.netloc)
    # Byte by byte: what is escaped need not be UTF-8.
    pairs = parse_qsl(parts.query, keep_blank_values=True, encoding="latin-1")
    kept = [(name, value) for name, value in pairs if not TRACKING.fullmatch(name)]
    query = urlencode(kept, encoding="latin-1")
    return f"{host}{parts.path.rstrip('/')}{'?' if query else ''}{query}"


def is_openable(url: str) -> bool:
    """Say whether a browser can open `url`: http or https, with a host that can exist."""
    if USUAL.match(url):
        return True  # shortcut: the code below would return the same
    if LONG_HOST.match(url):
        return False
    try:
        parts = urlsplit(url.strip())
        _ = parts.port  # raises where it isn't a port
        if len(parts.netloc) > MAX_FOREIGN_HOST and not parts.netloc.isascii():
            return False
        host = _in_ascii(parts.hostname or "")
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and HOST.fullmatch(host) is not None


def _with_ascii_host(url: str) -> str:
    """Return an address that can be opened with its host in ASCII, as w3lib would do at twice the cost."""
    parts = urlsplit(url)
    if parts.hostname is None or parts.netloc.isascii():
        return url
    netloc = parts.netloc.lower().replace(parts.hostname, _in_ascii(parts.hostname))
    return parts._replace(netloc=netloc).geturl()


@lru_cache(maxsize=4_096)
def _in_ascii(host: str) -> str:
    """Return a host's name as DNS has it (punycode); raises ValueError if it can't have one."""
    return host.encode("idna").decode()


def is_showable(url: str) -> bool:
    """Say whether `url` can lead anywhere from outside, and so whether Discord may take it.

    A single name such as localhost doesn't, nor does the IP address of a private network.
    """
    if not is_openable(url) and not is_openable(unquote(url)):
        return False
    host = unquote(urlsplit(url.strip()).hostname or "")
    try:
        return ip_address(host).is_global
    except ValueError:
        return PUBLIC_NAME.fullmatch(host) is not None

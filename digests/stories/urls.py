"""Canonical addresses: what makes two links the same article."""

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from w3lib.url import canonicalize_url

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


@lru_cache(maxsize=65_536)
def canonical(url: str) -> str | None:
    """Return the identity of the page behind `url`, or None where no browser can open it.

    Scheme, host case, default port, fragment, tracking parameters, the order of the others and a
    trailing slash don't tell pages apart; the parameters themselves do.
    """
    if plain := PLAIN.fullmatch(url):
        return plain[1].rstrip("/")  # what the rest would come to
    if not is_openable(url):
        return None
    parts = urlsplit(canonicalize_url(url.strip(), keep_blank_values=True))
    host = DEFAULT_PORT.sub("", parts.netloc)
    # Byte by byte: what is escaped need not be UTF-8.
    pairs = parse_qsl(parts.query, keep_blank_values=True, encoding="latin-1")
    kept = [(name, value) for name, value in pairs if not TRACKING.fullmatch(name)]
    query = urlencode(kept, encoding="latin-1")
    return f"{host}{parts.path.rstrip('/')}{'?' if query else ''}{query}"


def is_openable(url: str) -> bool:
    """Say whether a browser can open `url`: http or https, with a host that can exist."""
    if USUAL.match(url):
        return True  # what the rest would come to
    try:
        parts = urlsplit(url.strip())
        _ = parts.port  # raises where it isn't a port
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and HOST.fullmatch(host) is not None


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

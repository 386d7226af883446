"""OPML, the lists of feeds that readers exchange, with attributes of our own for what it can't say."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET  # nosec B405

from digests.feeds.outline import Element, OutlineError, read_outline
from digests.text import clean

MAX_BYTES = 8 * 2**20
MAX_FEEDS = 5_000
NAMESPACE = "https://broadsheet.example/ns/opml"
PREFIX = "broadsheet"
STRAY = re.compile(rb"&(?!#?\w{1,20};)")  # in addresses, where "&amp;" is often forgotten


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed as a list names it; `topics` are the folders that it is in, and what is said besides."""

    url: str
    title: str = ""
    site: str = ""
    topics: tuple[str, ...] = ()
    quality: int | None = None
    language: str = ""
    paused: bool = False
    servers: tuple[int, ...] = ()
    general: bool = False


def read_opml(data: bytes) -> list[ListedFeed]:
    """Return the feeds that a document lists, each once; raises OutlineError."""
    root = read_outline(STRAY.sub(b"&amp;", data))
    if root.name != "opml":
        raise OutlineError("is no OPML", 1)
    found: dict[str, ListedFeed] = {}
    for feed in _walk(root, ()):
        found.setdefault(feed.url, feed)
    return list(found.values())


def write_opml(feeds: Iterable[ListedFeed], title: str) -> bytes:
    """Return a document that lists feeds, in a folder for the first topic of each."""
    # ElementTree only writes here: what strangers wrote is read by outline.py.
    ET.register_namespace(PREFIX, NAMESPACE)
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    folders: dict[str, ET.Element] = {}
    for feed in sorted(feeds, key=lambda feed: (feed.topics[:1], feed.title.casefold(), feed.url)):
        parent = body
        if feed.topics:
            name = feed.topics[0]
            if name not in folders:
                folders[name] = ET.SubElement(body, "outline", text=name, title=name)
            parent = folders[name]
        ET.SubElement(parent, "outline", _attributes(feed))
    ET.indent(root)
    text = ET.tostring(root, "unicode")
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n".encode()


def _attributes(feed: ListedFeed) -> dict[str, str]:
    title = feed.title or feed.url
    said = {"type": "rss", "text": title, "title": title, "xmlUrl": feed.url, "htmlUrl": feed.site}
    ours = {
        "topics": json.dumps(feed.topics, ensure_ascii=False) if len(feed.topics) != 1 else "",
        "quality": "" if feed.quality is None else str(feed.quality),
        "language": feed.language,
        "general": "true" if feed.general else "",
        "paused": "true" if feed.paused else "",
        "servers": " ".join(map(str, feed.servers)),
    }
    said |= {f"{{{NAMESPACE}}}{name}": value for name, value in ours.items()}
    return {name: value for name, value in said.items() if value}


def _walk(root: Element, topics: tuple[str, ...]) -> Iterator[ListedFeed]:
    waiting = [(root, topics)]
    while waiting:
        element, within = waiting.pop()
        said = {name.lower(): value for name, value in element.attributes.items()}
        name = clean(said.get("title", "") or said.get("text", ""))
        if element.name == "outline" and (url := said.get("xmlurl", "").strip()):
            yield _listed(url, name, said, within)
        elif element.name == "outline" and name:
            within = (*within, name)
        waiting += [(child, within) for child in reversed(element.children)]


def _listed(url: str, name: str, said: dict[str, str], topics: tuple[str, ...]) -> ListedFeed:
    ours = {key.partition(":")[2]: value for key, value in said.items() if key.startswith(f"{PREFIX}:")}
    quality = ours.get("quality", "")
    return ListedFeed(
        url=url,
        title="" if name == url else name,
        site=said.get("htmlurl", "").strip(),
        topics=_topics(ours["topics"]) if "topics" in ours else tuple(dict.fromkeys(topics)),
        quality=int(quality) if quality.isdecimal() and len(quality) < 7 else None,
        language=clean(ours.get("language", "")),
        paused=ours.get("paused") == "true",
        general=ours.get("general") == "true",
        servers=tuple(int(each) for each in ours.get("servers", "").split() if each.isdecimal()),
    )


def _topics(text: str) -> tuple[str, ...]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return tuple(clean(each) for each in found if isinstance(each, str)) if isinstance(found, list) else ()

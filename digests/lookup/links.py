"""A link that somebody pastes, in place of words: it means the story of the article at that address."""

import re

from digests.stories.identity import variants
from digests.stories.urls import canonical
from storage import stories
from storage.engine import ReadConnection

LINK = re.compile(r"\s*<?(https?://[^\s<>]+)>?\s*", re.IGNORECASE)
BARE = re.compile(r"\s*((?:[\w-]+\.)+[^\W\d_]{2,}/[^\s<>]+)\s*")  # as browsers show it


def is_link(text: str) -> bool:
    """Say whether `text` is the address of a page, and no words to look for."""
    return LINK.fullmatch(text) is not None


def linked_story(reader: ReadConnection, text: str) -> int | None:
    """Return the id of the story with an article at the address `text`, None where there is none."""
    if match := LINK.fullmatch(text):
        address = canonical(match[1])
    elif match := BARE.fullmatch(text):
        address = canonical(f"https://{match[1]}")
    else:
        return None
    return stories.at_addresses(reader, variants(address)) if address else None

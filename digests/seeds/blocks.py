"""The blocks of a seed: a text for each related article, which many files repeat word for word."""

import re

from digests.seeds.front_matter import CLOSING, second_record
from digests.seeds.fast_path import LONGEST

# A seed as nearly every one is written: `related` has one block of lines for each article, two spaces deep.
OPENING = b"---\n"
RELATED = b"\nrelated:\n  - "
NEXT_ITEM = b"\n  - "
AFTER_RELATED = re.compile(r"\n(?=[^ \n]|\Z)")
# (*+ doesn't keep a way back from each line, which takes memory and time.)
BLOCK = re.compile(r"  - .*\n(?:(?:    .*)?\n)*+")
# What else may stand beside it: a mapping at the margin. Anchors, tags and merge keys reach across.
AT_MARGIN = re.compile(r"(?:(?:[A-Za-z]\w*:(?: .*)?|- .*|[ #].*)?\n)*+")
REACHES_ACROSS = re.compile(r"(?:^|[\s,\[{])[&*!]\S|<<")


def split(content: bytes, *, bare: bool) -> tuple[str, list[bytes], str] | None:
    """Return what stands before `related`, its items, and what follows; None where that's unusual.

    Bytes, as most of them stand in items that were seen before, and need no decoding. Raises
    UnicodeDecodeError.
    """
    start = content.find(RELATED)
    fenced = content.startswith(OPENING)
    if start < 0 or not (fenced or bare) or len(content) > LONGEST:
        return None
    head = content[len(OPENING) if fenced else 0 : start + 1].decode()
    *items, last = content[start + len(RELATED) :].split(NEXT_ITEM)
    # What follows stands behind the last item; behind another, that one isn't a plain block.
    rest = last.decode()
    after, closing = AFTER_RELATED.search(rest), CLOSING.search(rest)
    if after is None or (closing is not None) != fenced or (closing and second_record(rest, closing.end())):
        return None
    end = after.start()
    while rest[end - 1] == "\n":  # blank lines belong to what follows
        end -= 1
    return head, [*items, rest[:end].encode()], rest[end + 1 : closing.start() + 1 if closing else None]


def is_mapping(part: str) -> bool:
    """Say whether a text is an unindented mapping without anchors, aliases, tags or merge keys."""
    return not part.startswith(" ") and AT_MARGIN.fullmatch(part) is not None and not _reaches_across(part)


def is_plain(block: str) -> bool:
    """Say whether a related article's text is one block, of which nothing reaches into others."""
    return BLOCK.fullmatch(block) is not None and not _reaches_across(block)


def _reaches_across(text: str) -> bool:
    # Most texts hold none of these signs, which is quick to see.
    may = "&" in text or "*" in text or "!" in text or "<<" in text
    return may and REACHES_ACROSS.search(text) is not None

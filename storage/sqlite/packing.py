"""Small binary forms: texts compressed by what stands beside them, lists of ids, keys of addresses."""

import re
import zlib
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from hashlib import blake2b

# Words that every seed repeats. The stored texts can't be read without it: never change it, add a
# second one with a migration.
COMMON = b"""  - title: "
    excerpt: "
    publishedDateTime: 2020-0
    webUrl: "https://www.
    ampWebUrl: "https://amp.
    cdnAmpWebUrl: "https://-com.cdn.ampproject.org/c/s/
    type: article
    provider:
      name:\x20
      domain:\x20
    quality:\x20
    images:
      - url: "https://
        width: 1200
        height: 630
        isCached: true
category: news
title: "
excerpt: "
publishedDateTime: 2021-
webUrl: "https://www.
originalUrl: "https://www.
ampWebUrl: "https://amp.
cdnAmpWebUrl: "https://-com.cdn.ampproject.org/c/s/
type: article
quality:\x20
heat: -1
published: false

provider:
  name:\x20
  domain: .com
  images:
    - url: /assets/images/organizations/-50x50.jpg
      width: 50
      height: 50
    - url: /assets/images/organizations/-400x400.jpg
      width: 400
      height: 400

topics:
  -\x20

images:
  - url: "https://
    width: 1200
    height: 630
    isCached: true

secured: \""""
LEVEL = 6
MEMORY = 6  # and a window of 8 KB: small texts pack as small, several times faster
RAW_DEFLATE = -13


# What a seed says in ciphertext, a text and its first block in Base64, can't be compressed; as bytes it is
# a quarter shorter.
SEAL = b'\nsecured: "'
SEALED = re.compile(SEAL + rb'([A-Za-z0-9+/]+={0,2});([A-Za-z0-9+/]{22}==)"\n')
FIRST_BLOCK = 16  # bytes
UNSEALED = SEAL + b'"\n'


def compress(text: bytes, known: Iterable[str | None]) -> bytes:
    """Compress `text`, which repeats the strings that are `known` to the reader."""
    text, sealed = _cut(text)
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, RAW_DEFLATE, MEMORY, zdict=_dictionary(known))
    return packer.compress(text) + packer.flush() + sealed


def decompress(packed: bytes, known: Iterable[str | None]) -> bytes:
    """Return what compress() was given together with the same `known` strings."""
    unpacker = zlib.decompressobj(RAW_DEFLATE, zdict=_dictionary(known))
    return _with(unpacker.decompress(packed), unpacker.unused_data)


def _cut(text: bytes) -> tuple[bytes, bytes]:
    """Return a text without its ciphertext, and that as bytes: none if it can't be put back as it was."""
    at = text.find(SEAL)  # finds out sooner than the pattern that most texts have none
    match = SEALED.match(text, at) if at >= 0 else None
    if match and len(match[1]) % 4 == 0:
        cut = text[: match.start()] + UNSEALED + text[match.end() :]
        sealed = b64decode(match[2]) + b64decode(match[1])
        if _with(cut, sealed) == text:
            return cut, sealed
    return text, b""


def _with(cut: bytes, sealed: bytes) -> bytes:
    """Return a text with the ciphertext that was cut out of it."""
    if not sealed:
        return cut
    first, rest = b64encode(sealed[:FIRST_BLOCK]), b64encode(sealed[FIRST_BLOCK:])
    return cut.replace(UNSEALED, b'%b%b;%b"\n' % (SEAL, rest, first), 1)


def _dictionary(known: Iterable[str | None]) -> bytes:
    return COMMON + "\n".join(string for string in known if string).encode()


def pack_ids(ids: Iterable[int]) -> bytes:
    """Return row ids as bytes, four each."""
    return array("I", ids).tobytes()


def unpack_ids(packed: bytes) -> Sequence[int]:
    """Return the row ids in `packed`."""
    return array("I", packed)


def key_of(name: str) -> int:
    """Return a number of 64 bits that stands for a name: a path, a canonical address."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little", signed=True)


def pack_keys(keys: Iterable[int]) -> bytes:
    """Return address keys as bytes, eight each."""
    return array("q", keys).tobytes()


def unpack_keys(packed: bytes) -> Sequence[int]:
    """Return the address keys in `packed`."""
    return array("q", packed)


def unpack_key(packed: bytes, place: int) -> int:
    """Return the address key at this place in `packed`, counted from 0."""
    return int.from_bytes(packed[8 * place : 8 * place + 8], "little", signed=True)

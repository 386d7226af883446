"""The process that reads feeds: documents on stdin, what they say on stdout, until stdin ends.

A document may be made to take any time and memory, so it is read where that harms nobody: Parser in parse.py
starts this process without the bot's environment, and kills it.
"""

import json
import os
import resource
import signal
import sys
from contextlib import suppress
from typing import Any

from digests.feeds.entries import feed_to_json
from digests.feeds.problems import FeedError, FeedProblem
from digests.feeds.read import read_feed

MEMORY = 200 * 2**20  # bytes, everything counted
TIRING = 2**20  # bytes of a document, after which the next one has a better chance in a new process
NICENESS = 4
ALARM = 15  # seconds for a document; the parser kills sooner, unless it is gone itself


def main() -> None:
    """Answer each document, a line of JSON that says its length and then its bytes, with a line of JSON."""
    os.nice(NICENESS)  # whoever waits for the bot goes first
    with suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    given, taken = sys.stdin.buffer, sys.stdout.buffer
    while line := given.readline():
        asked = json.loads(line)
        body = given.read(asked["length"])
        signal.alarm(ALARM)
        answer = json.dumps(_answer(body, asked) | {"last": len(body) > TIRING})
        signal.alarm(0)
        taken.write(f"{answer}\n".encode())
        taken.flush()


def _answer(body: bytes, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"feed": feed_to_json(read_feed(body, asked["url"], asked["content_type"], asked["language"]))}
    except FeedError as error:
        return {"problem": error.problem, "detail": error.detail}
    except (MemoryError, RecursionError):
        return {"problem": FeedProblem.TOO_COMPLEX, "detail": ""}
    except Exception as error:  # noqa: BLE001 - whatever a document does to the parser is the document's fault
        return {"problem": FeedProblem.NO_FEED, "detail": type(error).__name__}


if __name__ == "__main__":
    main()

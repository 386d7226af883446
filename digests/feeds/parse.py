"""Bytes to entries, in worker processes that are killed if a document takes too long."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from typing import Any

from digests.feeds.entries import ReadFeed, feed_from_json
from digests.feeds.fetch import Document
from digests.feeds.problems import FeedError, FeedProblem

SECONDS = 10.0  # that a document may take
IDLE_SECONDS = 300.0  # after which a worker is ended
WORKERS = 2
LONGEST = 2**22  # bytes of an answer: 200 entries, their texts cut


class Parser:
    """Reads documents, two at a time; workers are started when needed, and ended when idle."""

    def __init__(self, *, seconds: float = SECONDS, idle_seconds: float = IDLE_SECONDS) -> None:
        self._seconds = seconds
        self._idle_seconds = idle_seconds
        self._places = asyncio.Semaphore(WORKERS)
        self._idle: list[Process] = []
        self._ending: dict[Process, asyncio.TimerHandle] = {}

    async def parse(self, document: Document) -> ReadFeed:
        """Return what a document says; raises FeedError, also where reading it takes too long."""
        async with self._places:
            answer = await self._answer(document)
        if "problem" in answer:
            raise FeedError(FeedProblem(answer["problem"]), answer["detail"])
        return feed_from_json(answer["feed"])

    async def _answer(self, document: Document) -> dict[str, Any]:
        """Return a worker's answer; raises FeedError if the document is why there is none."""
        has_rested = bool(self._idle)
        worker = await self._worker()
        try:
            answer = await asyncio.wait_for(_ask(worker, document), self._seconds)
        except BaseException as error:
            await _kill(worker)
            if has_rested and isinstance(error, EOFError | ConnectionError):
                return await self._answer(document)  # it may have died before it was asked
            # An answer too long, half of one or none at all: the worker is at its end.
            if isinstance(error, TimeoutError | OSError | ValueError | EOFError):
                raise FeedError(FeedProblem.TOO_COMPLEX) from error
            raise
        if answer["last"]:
            await _kill(worker)
        else:
            self._rest(worker)
        return answer

    async def close(self) -> None:
        """End the workers that wait for work; whoever parses keeps this open."""
        while self._idle:
            await _kill(self._take())

    @property
    def workers(self) -> list[int]:
        """The process ids of the workers that wait for work."""
        return [worker.pid for worker in self._idle]

    async def _worker(self) -> Process:
        while self._idle:
            worker = self._take()
            if worker.returncode is None and worker.stdout and not worker.stdout.at_eof():
                return worker
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "digests.feeds.worker",
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            limit=LONGEST,
            # It gets no token and no keys, and no Ctrl+C that is meant for the bot.
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,
        )

    def _take(self) -> Process:
        worker = self._idle.pop()  # the last one, so that the other one may come to rest
        self._ending.pop(worker).cancel()
        return worker

    def _rest(self, worker: Process) -> None:
        self._idle.append(worker)
        self._ending[worker] = asyncio.get_running_loop().call_later(self._idle_seconds, self._end, worker)

    def _end(self, worker: Process) -> None:
        self._idle.remove(worker)
        del self._ending[worker]
        _stop(worker)


async def _ask(worker: Process, document: Document) -> dict[str, Any]:
    body = document.body or b""
    asked = {
        "length": len(body),
        "url": document.url,
        "content_type": document.content_type,
        "language": document.language,
    }
    if worker.stdin is None or worker.stdout is None:
        raise OSError
    worker.stdin.write(json.dumps(asked).encode() + b"\n")
    worker.stdin.write(body)
    await worker.stdin.drain()
    line = await worker.stdout.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    answer: dict[str, Any] = json.loads(line)
    return answer


async def _kill(worker: Process) -> None:
    _stop(worker)
    await worker.wait()


def _stop(worker: Process) -> None:
    with suppress(ProcessLookupError):
        worker.kill()

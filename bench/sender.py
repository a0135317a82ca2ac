"""A platform that sends signed webhooks as fast as they are answered, over some kept-alive connections.

Requests are made before the clock starts, and answers are only looked at as far as their status line, so that one
process keeps a web process of Python busy and a good part of its core is left for Redis. Imported by the measurements
of the web edge.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter, time
from typing import Any, cast

import uvloop

from service.demo.stage import SECRET
from service.forums.websitetoolbox.signature import sign

HEAD = (
    "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {size}\r\n{headers}\r\n"
)
BODY_BYTES = 1024


def webhooks(number: int) -> list[bytes]:
    """So many different webhooks of a post that was just written, 1 kB each."""
    return [_webhook(post_id) for post_id in range(1, number + 1)]


def _webhook(post_id: int) -> bytes:
    post: dict[str, Any] = {
        "postId": post_id,
        "topicId": 501,
        "topic": {"topicId": 501, "title": "A quiet corner", "categoryId": 1, "firstPostId": 10**9},
        "category": {"categoryId": 1, "title": "General"},
        "author": {"userId": 101, "username": "wren"},
        "postTimestamp": int(time()),
        "pending": False,
        "message": "",
    }
    hook = {"type": "post.created", "data": {"object": post}}
    room = BODY_BYTES - len(json.dumps(hook).encode())
    post["message"] = ("<p>A post about nothing in particular, of the usual length. </p>" * 20)[:room]
    return json.dumps(hook).encode()


def signed(path: str, bodies: Sequence[bytes]) -> list[bytes]:
    """The requests, whole, with Website Toolbox's signature."""
    return [_request(path, body) for body in bodies]


def _request(path: str, body: bytes) -> bytes:
    headers = "".join(f"{name}: {value}\r\n" for name, value in sign(body, SECRET).items())
    return HEAD.format(path=path, size=len(body), headers=headers).encode() + body


@dataclass(slots=True)
class Answers:
    """What came back: seconds to each answer, in all, and the first answer that was not 200."""

    took: list[float] = field(default_factory=list)
    seconds: float = 0.0
    refused: bytes = b""

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.took) / self.seconds


def send(port: int, requests: Sequence[bytes], *, connections: int, seconds: float, per_second: float = 0) -> Answers:
    """Send until the time is over or the requests are; as fast as they are answered, or so many a second.

    Raises AssertionError if an answer is not 200.
    """
    answers = uvloop.run(_send(port, iter(requests), connections, seconds, per_second))
    assert not answers.refused, answers.refused
    return answers


async def _send(port: int, requests: Iterator[bytes], connections: int, seconds: float, per_second: float) -> Answers:
    loop, answers = asyncio.get_running_loop(), Answers()
    started = perf_counter()
    pace = _Pace(started, connections / per_second if per_second else 0.0, started + seconds)
    senders = [_Sender(requests, answers, pace) for _ in range(connections)]
    for number, sender in enumerate(senders):
        await loop.create_connection(lambda sender=sender: sender, "127.0.0.1", port)  # type: ignore[misc]
        sender.begin(number / connections * pace.every)
    await asyncio.gather(*(sender.ended for sender in senders))
    answers.seconds = perf_counter() - started
    return answers


@dataclass(frozen=True, slots=True)
class _Pace:
    """When each connection sends: without a break, or every so many seconds; `end` by `perf_counter`."""

    start: float
    every: float
    end: float


class _Sender(asyncio.Protocol):
    """One connection: a request, its answer, the next."""

    def __init__(self, requests: Iterator[bytes], answers: Answers, pace: _Pace) -> None:
        self._requests = requests
        self._answers = answers
        self._pace = pace
        self._due = 0.0
        self._answer = b""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def begin(self, after: float) -> None:
        """Send the first request so many seconds from now."""
        self._due = perf_counter() + after
        asyncio.get_running_loop().call_later(after, self._next)

    def data_received(self, data: bytes) -> None:
        """A part of an answer; it is whole when its JSON object is."""
        self._answer += data
        if self._answer.endswith(b"}"):
            self._answered(perf_counter())

    def _answered(self, now: float) -> None:
        self._answers.took.append(now - self._sent)
        if not self._answer.startswith(b"HTTP/1.1 200"):
            self._answers.refused = self._answer
        self._answer = b""
        self._due += self._pace.every
        if self._pace.every and self._due > now:
            asyncio.get_running_loop().call_later(self._due - now, self._next)
        else:
            self._next()

    def _next(self) -> None:
        request = next(self._requests, None) if perf_counter() < self._pace.end else None
        if request is None:
            self._transport.close()
            self.ended.set_result(None)
            return
        self._sent = perf_counter()
        self._transport.write(request)

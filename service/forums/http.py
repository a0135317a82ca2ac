"""The one way to a forum: an HTTP client whose transport takes a permit from the shared limiter before every request.

Platform clients make their requests with `ForumApi.call`; nothing else in modbot speaks HTTP to a forum. Retries and
redirects are off, since each would be an uncounted request; answers are read up to a bound; errors carry no URL query,
header or body. Imported by platform folders, `service.wiring` and tests.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import httpx

from rules.event import Post, Topic
from service import metrics, tracing
from service.forums.port import ForumFailure, KeyRefused, RateLimited, Refused, TryLater, Unsure

MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""Answers above this are refused: a hundred posts of 32 kB, the largest list page, fit."""

ANSWER_SECONDS = 10.0
"""How long the body of an answer may take to come, once it has begun."""

TIMEOUT = httpx.Timeout(connect=3.0, write=5.0, read=10.0, pool=1.0)
"""Seconds. Their sum bounds how long a request holds its permit and how long a lease must last."""


class Permit(Protocol):
    """A permit for one request: stale after a freeze, given back when it is answered or has failed."""

    def is_stale(self) -> bool:
        """Whether it is too old to be used."""

    def sent(self) -> None:
        """Say that the request has been written whole."""

    def release(self, *, answered: bool = False) -> None:
        """Give it back; `answered`: the reply has begun to come."""


class PermitSource(Protocol):
    """The limiter, as this module sees it. `acquire` raises TryLater when no permit is near."""

    def acquire(self, lane: str) -> Permit:
        """Wait for a permit."""

    def pause(self, seconds: float | None) -> None:
        """Stop everybody for a while."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was read whole: `body` is the decoded JSON, None where it is not JSON; `retry_after` in seconds.

    `operation` and `writes` say what it answers: a judge reads a broken answer to a write as Unsure.
    """

    status: int
    body: Any
    retry_after: float | None
    operation: str = "call"
    writes: bool = False


Judge = Callable[[Reply], ForumFailure | None]
"""A platform's reading of an answer: the failure it means, or None for success."""


class StalePermit(Exception):
    """This process was frozen between its permit and its request: the permit may be somebody else's by now."""


class LimitedTransport(httpx.BaseTransport):
    """Takes a permit, lets the caller look once more (`before_send`), sends, and gives the permit back."""

    def __init__(self, inner: httpx.BaseTransport, permits: PermitSource) -> None:
        self._inner = inner
        self._permits = permits

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request under a permit of its own."""
        permit = self._permits.acquire(request.extensions["lane"])
        answered = False
        try:
            request.extensions["before_send"]()
            _look_if_stale(permit)
            request.extensions["trace"] = partial(_follow, permit)
            response = self._inner.handle_request(request)
            answered = True
        finally:
            permit.release(answered=answered)
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def _follow(permit: Permit, event: str, _details: Mapping[str, Any]) -> None:
    """What httpx tells while it sends: the connection stands and the first byte is about to leave, and all has left.

    Setting a connection up takes time, so the permit's age is looked at again after it.
    """
    if event == "http11.send_request_headers.started":
        _look_if_stale(permit)
    elif event == "http11.send_request_body.complete":
        permit.sent()


def _look_if_stale(permit: Permit) -> None:
    if permit.is_stale():
        raise StalePermit


def open_client(
    base_url: str, headers: Mapping[str, str], permits: PermitSource, *, inner: httpx.BaseTransport | None = None
) -> httpx.Client:
    """A client for one forum account, kept alive for the life of the process; `inner` is replaced in tests only."""
    transport = LimitedTransport(inner or httpx.HTTPTransport(retries=0), permits)
    return httpx.Client(
        base_url=base_url, headers=dict(headers), transport=transport, timeout=TIMEOUT, follow_redirects=False
    )


Shown = Callable[[Topic | Post], None]
"""Told of the state in which a write has left its item."""


def unseen(_item: Topic | Post) -> None:
    """Nobody asks what a write has left."""


def _nothing() -> None:
    """Reads have no fence to check."""


@dataclass(frozen=True, slots=True)
class ForumApi:
    """A forum's API as one job uses it: in which lane it waits, and what it checks right before a write goes out.

    Platform clients tell `shown` how a write has left a topic or post, where the answer shows it.
    """

    client: httpx.Client
    permits: PermitSource
    judge: Judge
    lane: str = "urgent"
    before_write: Callable[[], None] = _nothing
    forum: str = "main"
    shown: Shown = unseen

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        headers: Mapping[str, bytes] | None = None,
        write: bool | None = None,
    ) -> Any:
        """Make one request and return the decoded body of a success.

        `operation` is the name for metrics and errors; `write` defaults to any method but GET. `body` goes out as JSON;
        with `files`, each a name and its content, as the fields of a multipart form. `headers` are beside the client's.
        Raises TryLater, RateLimited, Refused or Unsure; a write that may have arrived is never TryLater.
        """
        writes = method != "GET" if write is None else write
        counted = _counted(_Call(self.forum, operation, self.before_write if writes else _nothing))
        with tracing.span(f"forum {operation}", forum=self.forum, operation=operation), counted as call:
            reply = self._exchange(call, method, path, query, _payload(body, files, headers), writes)
            failure = self.judge(reply)
            call.count("rate_limited" if isinstance(failure, RateLimited) else str(reply.status))
        if isinstance(failure, RateLimited | KeyRefused):
            self.permits.pause(failure.after)
        if failure is not None:
            raise failure
        return reply.body

    def _exchange(
        self,
        call: _Call,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        payload: dict[str, Any],
        writes: bool,
    ) -> Reply:
        operation, extensions = call.operation, {"lane": self.lane, "before_send": call.before_send}
        request = self.client.build_request(method, path, params=query, extensions=extensions, **payload)
        try:
            response = self.client.send(request, stream=True)
            try:
                content = _content(operation, response, writes)
                return Reply(response.status_code, content, _retry_after(response), operation, writes)
            finally:
                response.close()
        except StalePermit:
            raise TryLater(f"{operation}: frozen before it was sent") from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise TryLater(f"{operation}: no connection to the forum ({type(error).__name__})") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            if writes:
                raise Unsure(f"{operation}: sent, but no answer ({type(error).__name__})") from None
            raise TryLater(f"{operation}: no answer from the forum ({type(error).__name__})") from None


def _payload(
    body: Mapping[str, Any] | None,
    files: Mapping[str, tuple[str, bytes]] | None,
    headers: Mapping[str, bytes] | None,
) -> dict[str, Any]:
    """The body and headers as httpx takes them."""
    content = {"data": body, "files": files} if files else {"json": body}
    return {**content, "headers": headers}


@dataclass(slots=True)
class _Call:
    """One request as it is counted: its time runs from its permit on."""

    forum: str
    operation: str
    look: Callable[[], None]
    granted_at: float = 0.0

    def before_send(self) -> None:
        """What the transport calls once it has the permit."""
        self.granted_at = time.perf_counter()
        tracing.mark("permit")
        self.look()

    def count(self, code: str) -> None:
        tracing.note(code=code)
        metrics.count_call(self.forum, self.operation, code, time.perf_counter() - self.granted_at)


@contextlib.contextmanager
def _counted(call: _Call) -> Iterator[_Call]:
    """Count one request by what came of it; a request that never left (no permit) is not counted."""
    try:
        yield call
    except ForumFailure as failure:
        if isinstance(failure.__context__, httpx.TimeoutException):
            call.count("timeout")
        elif isinstance(failure.__context__, httpx.TransportError):
            call.count("connect")
        raise


def _content(operation: str, response: httpx.Response, writes: bool) -> Any:
    """Read an answer up to the bound and decode it. Above it raises Refused, or Unsure for a write.

    An answer that drips is given up: the read timeout alone only bounds each wait.
    """
    chunks, latest = bytearray(), time.monotonic() + ANSWER_SECONDS
    for chunk in response.iter_bytes():
        chunks += chunk
        if time.monotonic() > latest:
            raise httpx.ReadTimeout("the answer takes too long")
        if len(chunks) > MAX_ANSWER_BYTES:
            failure = Unsure if writes else Refused
            raise failure(f"{operation}: the forum's answer is over {MAX_ANSWER_BYTES} bytes")
    return _decode(bytes(chunks))


def _decode(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds of a Retry-After header; its date form is rare and read as absent."""
    value = response.headers.get("retry-after")
    try:
        return max(0.0, float(value)) if value is not None else None
    except ValueError:
        return None

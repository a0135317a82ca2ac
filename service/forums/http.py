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
from typing import Any, Protocol

import httpx

from service import metrics
from service.forums.port import ForumFailure, KeyRefused, RateLimited, Refused, TryLater, Unsure

MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""Answers above this are refused: a hundred posts of 32 kB, the largest list page, fit."""

TIMEOUT = httpx.Timeout(connect=3.0, write=5.0, read=10.0, pool=1.0)
"""Seconds. Their sum bounds how long a request holds its permit and how long a lease must last."""


class Permit(Protocol):
    """A permit for one request: stale after a freeze, given back when the request has surely arrived."""

    def is_stale(self) -> bool:
        """Whether it is too old to be used."""

    def release(self) -> None:
        """Give it back."""


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
        try:
            request.extensions["before_send"]()
            if permit.is_stale():
                raise StalePermit
            return self._inner.handle_request(request)
        finally:
            permit.release()

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


def open_client(
    base_url: str, headers: Mapping[str, str], permits: PermitSource, *, inner: httpx.BaseTransport | None = None
) -> httpx.Client:
    """A client for one forum account, kept alive for the life of the process; `inner` is replaced in tests only."""
    transport = LimitedTransport(inner or httpx.HTTPTransport(retries=0), permits)
    return httpx.Client(
        base_url=base_url, headers=dict(headers), transport=transport, timeout=TIMEOUT, follow_redirects=False
    )


def _nothing() -> None:
    """Reads have no fence to check."""


@dataclass(frozen=True, slots=True)
class ForumApi:
    """A forum's API as one job uses it: in which lane it waits, and what it checks right before a write goes out."""

    client: httpx.Client
    permits: PermitSource
    judge: Judge
    lane: str = "urgent"
    before_write: Callable[[], None] = _nothing
    forum: str = "main"

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        write: bool | None = None,
    ) -> Any:
        """Make one request and return the decoded body of a success.

        `operation` is the name for metrics and errors; `write` defaults to any method but GET. `body` goes out as JSON;
        with `files`, each a name and its content, as the fields of a multipart form.
        Raises TryLater, RateLimited, Refused or Unsure; a write that may have arrived is never TryLater.
        """
        writes = method != "GET" if write is None else write
        with _counted(self.forum, operation) as count:
            reply = self._exchange(operation, method, path, query, _payload(body, files), writes)
            failure = self.judge(reply)
            count(reply, failure)
        if isinstance(failure, RateLimited | KeyRefused):
            self.permits.pause(failure.after)
        if failure is not None:
            raise failure
        return reply.body

    def _exchange(
        self,
        operation: str,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        payload: Mapping[str, Any],
        writes: bool,
    ) -> Reply:
        extensions = {"lane": self.lane, "before_send": self.before_write if writes else _nothing}
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
    body: Mapping[str, Any] | None, files: Mapping[str, tuple[str, bytes]] | None
) -> Mapping[str, Mapping[str, Any] | None]:
    """The body as httpx takes it."""
    return {"data": body, "files": files} if files else {"json": body}


@contextlib.contextmanager
def _counted(forum: str, operation: str) -> Iterator[Callable[[Reply, ForumFailure | None], None]]:
    """Count one request by what came of it; a request that never left (no permit) is not counted."""
    started = time.perf_counter()

    def count(code: str) -> None:
        metrics.forum_requests.labels(forum, operation, code).inc()
        metrics.forum_request_duration.labels(forum, operation).observe(time.perf_counter() - started)

    try:
        yield lambda reply, failure: count("rate_limited" if isinstance(failure, RateLimited) else str(reply.status))
    except ForumFailure as failure:
        if isinstance(failure.__context__, httpx.TimeoutException):
            count("timeout")
        elif isinstance(failure.__context__, httpx.TransportError):
            count("connect")
        raise


def _content(operation: str, response: httpx.Response, writes: bool) -> Any:
    """Read an answer up to the bound and decode it. Above it raises Refused, or Unsure for a write."""
    chunks = bytearray()
    for chunk in response.iter_bytes():
        chunks += chunk
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

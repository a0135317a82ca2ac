"""The one way to a forum: an HTTP client whose transport takes a permit from the shared limiter before every request.

Platform clients make their requests with `ForumApi.call`; nothing else in modbot speaks HTTP to a forum. Retries and
redirects are off, since each would be an uncounted request; answers are read up to a bound; errors carry no URL query,
header or body. Imported by platform folders, `service.wiring` and tests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from service.forums.port import ForumFailure, RateLimited, Refused, TryLater, Unsure

MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""Answers above this are refused: a hundred posts of 32 kB, the largest list page, fit."""

TIMEOUT = httpx.Timeout(connect=3.0, write=5.0, read=10.0, pool=1.0)
"""Seconds. Their sum bounds how long a request holds its permit and how long a lease must last."""


class Permit(Protocol):
    """A permit for one request; `release` says that the forum has surely received it, or never will."""

    def release(self) -> None: ...


class PermitSource(Protocol):
    """The limiter, as this module sees it. `acquire` raises TryLater when no permit is near."""

    def acquire(self, lane: str) -> Permit: ...
    def pause(self, seconds: float | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was read whole: `body` is the decoded JSON, None where it is not JSON; `retry_after` in seconds."""

    status: int
    body: Any
    retry_after: float | None


Judge = Callable[[Reply], ForumFailure | None]
"""A platform's reading of an answer: the failure it means, or None for success."""


class LimitedTransport(httpx.BaseTransport):
    """Takes a permit, lets the caller look once more (`before_send`), sends, and gives the permit back."""

    def __init__(self, inner: httpx.BaseTransport, permits: PermitSource) -> None:
        self._inner = inner
        self._permits = permits

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        permit = self._permits.acquire(request.extensions["lane"])
        try:
            request.extensions["before_send"]()
            return self._inner.handle_request(request)
        finally:
            permit.release()

    def close(self) -> None:
        self._inner.close()


def open_client(base_url: str, headers: Mapping[str, str], permits: PermitSource, *, inner: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client for one forum account, kept alive for the life of the process; `inner` is replaced in tests only."""
    transport = LimitedTransport(inner or httpx.HTTPTransport(retries=0), permits)
    return httpx.Client(base_url=base_url, headers=dict(headers), transport=transport, timeout=TIMEOUT, follow_redirects=False)


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

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        write: bool | None = None,
    ) -> Any:
        """Make one request and return the decoded body of a success.

        `operation` is the name for metrics and errors; `write` defaults to any method but GET.
        Raises TryLater, RateLimited, Refused or Unsure; a write that may have arrived is never TryLater.
        """
        writes = method != "GET" if write is None else write
        reply = self._exchange(operation, method, path, query, body, writes)
        failure = self.judge(reply)
        if isinstance(failure, RateLimited):
            self.permits.pause(failure.after)
        if failure is not None:
            raise failure
        return reply.body

    def _exchange(
        self, operation: str, method: str, path: str, query: Mapping[str, Any] | None, body: Mapping[str, Any] | None, writes: bool
    ) -> Reply:
        extensions = {"lane": self.lane, "before_send": self.before_write if writes else _nothing}
        request = self.client.build_request(method, path, params=query, json=body, extensions=extensions)
        try:
            response = self.client.send(request, stream=True)
            try:
                return _read(operation, response)
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise TryLater(f"{operation}: no connection to the forum ({type(error).__name__})") from None
        except httpx.TransportError as error:
            if writes:
                raise Unsure(f"{operation}: sent, but no answer ({type(error).__name__})") from None
            raise TryLater(f"{operation}: no answer from the forum ({type(error).__name__})") from None


def _read(operation: str, response: httpx.Response) -> Reply:
    """Read an answer up to the bound. Raises Refused above it."""
    chunks = bytearray()
    for chunk in response.iter_bytes():
        chunks += chunk
        if len(chunks) > MAX_ANSWER_BYTES:
            raise Refused(f"{operation}: the forum's answer is over {MAX_ANSWER_BYTES} bytes")
    return Reply(response.status_code, _decode(bytes(chunks)), _retry_after(response.headers.get("retry-after")))


def _decode(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _retry_after(value: str | None) -> float | None:
    """Seconds of a Retry-After header; its date form is rare and read as absent."""
    try:
        return max(0.0, float(value)) if value is not None else None
    except ValueError:
        return None

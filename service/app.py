"""The web process's two applications: webhooks on the public port, probes and metrics on the admin port.

Imported by `service.serve`, `workers` (admin only) and tests.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence

from prometheus_client import CONTENT_TYPE_LATEST
from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from service import metrics, tracing
from service.instruments import series
from service.intake import NOT_FOUND, Answer, Intake

Probe = Callable[[], Awaitable[str | None]]
"""None when all is well, else what is not."""

Page = Callable[[], Awaitable[bytes]]
"""What /metrics answers."""

Remarks = Callable[[], Sequence[str]]
"""What a person who reads a probe should know beside it."""


def webhook_app(intake: Intake, max_body_bytes: int) -> Starlette:
    """The public application: POST /webhooks/{forum}/{token} and nothing else; never a redirect."""
    app = Starlette(
        routes=[Route("/webhooks/{forum}/{token}", Webhooks(intake, max_body_bytes), methods=["POST"])],
        exception_handlers={HTTPException: _http_error},
    )
    app.router.redirect_slashes = False
    return app


class Webhooks:
    """Takes one delivery in and answers it: an ASGI application, since a burst feels each layer that is left out."""

    def __init__(self, intake: Intake, max_body_bytes: int) -> None:
        self._intake = intake
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = time.perf_counter()
        try:
            answer = await self._take_in(scope, receive)
        except Exception:
            series(metrics.webhook_requests, *metrics.UNFORESEEN).inc()
            raise
        series(metrics.webhook_duration, answer.outcome).observe(time.perf_counter() - started)
        await _send_json(send, answer)

    async def _take_in(self, scope: Scope, receive: Receive) -> Answer:
        name, token = scope["path_params"]["forum"], scope["path_params"]["token"]
        section = self._intake.forum(name, token)
        if section is None:
            return self._intake.refuse(None, "not_found", NOT_FOUND)
        headers = _headers(scope)
        try:
            body = await _body(receive, headers.get("content-length", ""), self._max_body_bytes)
        except _TooLarge:
            return self._intake.refuse(name, "body_too_large", Answer(413, {"error": "the body is over the limit"}))
        except ClientDisconnect:
            return self._intake.refuse(name, "body_malformed", Answer(400, {"error": "the body broke off"}))
        with tracing.span("receive", forum=name):
            answer = await self._intake.receive(name, section, headers, body)
            tracing.note(event=answer.body.get("id"), outcome=answer.outcome)
            return answer


class _TooLarge(Exception):
    """A body is over the limit."""


async def _body(receive: Receive, declared: str, most: int) -> bytes:
    """The whole body, of at most `most` bytes, as is its `declared` length if there is one.

    Raises _TooLarge once that is clear, ClientDisconnect where it broke off.
    """
    if declared.isdecimal() and int(declared) > most:
        raise _TooLarge
    parts, room, more = [], most, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        room -= len(parts[-1])
        if room < 0:
            raise _TooLarge
        more = message.get("more_body", False)
    return b"".join(parts)


def _headers(scope: Scope) -> dict[str, str]:
    """The headers by name, which is in lower case; the first of each. Looked up often, so they are decoded once."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}


async def _send_json(send: Send, answer: Answer) -> None:
    body = to_json(answer.body)
    headers = {"content-length": str(len(body)), "content-type": "application/json", **(answer.headers or {})}
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)


def admin_app(live: Probe, ready: Probe, page: Page, remarks: Remarks = list) -> Starlette:
    """The private application: /livez, /readyz (with remarks), /metrics."""

    def probe(check: Probe, remarks: Remarks = list) -> Callable[[Request], Awaitable[Response]]:
        async def answer(_: Request) -> Response:
            problem = await check()
            return PlainTextResponse(problem or "\n".join(["ok", *remarks()]), 503 if problem else 200)

        return answer

    async def metrics_page(_: Request) -> Response:
        return Response(await page(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/livez", probe(live)),
            Route("/readyz", probe(ready, remarks)),
            Route("/metrics", metrics_page),
        ],
    )

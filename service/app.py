"""The web process's two applications: webhooks on the public port, probes and metrics on the admin port.

Imported by `service.serve`, `workers` (admin only) and tests.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from service import metrics, tracing
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
        routes=[Route("/webhooks/{forum}/{token}", Webhooks(intake), methods=["POST"], max_body_size=max_body_bytes)],
        exception_handlers={HTTPException: _http_error},
    )
    app.router.redirect_slashes = False
    return app


class Webhooks:
    """Takes one delivery in and answers it: an ASGI application, since a burst feels each layer that is left out."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = time.perf_counter()
        try:
            answer = await _take_in(self._intake, Request(scope, receive))
        except Exception:
            metrics.webhook_requests.labels(*metrics.UNFORESEEN).inc()
            raise
        metrics.webhook_duration.labels(answer.outcome).observe(time.perf_counter() - started)
        await JSONResponse(answer.body, answer.status, answer.headers)(scope, receive, send)


async def _take_in(intake: Intake, request: Request) -> Answer:
    name, token = request.path_params["forum"], request.path_params["token"]
    section = intake.forum(name, token)
    if section is None:
        return intake.refuse(None, "not_found", NOT_FOUND)
    try:
        body = await request.body()
    except HTTPException as error:
        return intake.refuse(name, "body_too_large", Answer(error.status_code, {"error": "the body is over the limit"}))
    except ClientDisconnect:
        return intake.refuse(name, "body_malformed", Answer(400, {"error": "the body broke off"}))
    with tracing.span("receive", forum=name):
        answer = await intake.receive(name, section, _headers(request), body)
        tracing.note(event=answer.body.get("id"), outcome=answer.outcome)
        return answer


def _headers(request: Request) -> dict[str, str]:
    """The headers by name, which is in lower case; the first of each. Looked up often, so they are decoded once."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(request.headers.raw)}


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

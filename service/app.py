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

    async def webhook(request: Request) -> Response:
        started = time.perf_counter()
        try:
            answer = await _take_in(intake, request)
        except Exception:
            metrics.webhook_requests.labels(*metrics.UNFORESEEN).inc()
            raise
        metrics.webhook_duration.labels(answer.outcome).observe(time.perf_counter() - started)
        return JSONResponse(answer.body, answer.status, headers=dict(answer.headers))

    app = Starlette(
        routes=[Route("/webhooks/{forum}/{token}", webhook, methods=["POST"])],
        exception_handlers={HTTPException: _http_error},
        max_body_size=max_body_bytes,
    )
    app.router.redirect_slashes = False
    return app


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
        answer = await intake.receive(name, section, request.headers, body)
        tracing.note(event=answer.body.get("id"), outcome=answer.outcome)
        return answer


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

"""The stand-in's HTTP side: the API under /v1/api and /api, and what tests and demos ask under /_simulator.

Each API request is counted as it enters, held to the limit, may meet a fault that was ordered, and is checked against
the reference before it does anything. Imported by the platform's value and tests.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.forums.arrivals import Arrivals
from service.forums.faults import Dropped, Faults, parse
from service.forums.websitetoolbox.simulator.calls import Call
from service.forums.websitetoolbox.simulator.happenings import happen
from service.forums.websitetoolbox.simulator.operations import answer
from service.forums.websitetoolbox.simulator.reference import ApiError, Operation, check_body, find, read_query
from service.forums.websitetoolbox.simulator.seed import seeded
from service.forums.websitetoolbox.simulator.state import State

METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH"]


def simulator(*, faults: str | None = None, api_key: str | None = None, per_second: int = 3) -> Starlette:
    """A Website Toolbox forum in memory, with a few members and topics.

    `api_key` is the one that is accepted, any if None; `per_second` the most API requests served in any span of 1.0 s.
    Raises ValueError for a bad `faults` spec, whose words are those of `service.forums.faults`.
    """
    site = Site(seeded(), Arrivals(per_second), parse(faults, "pending"), api_key)
    routes = [
        Route("/_simulator/report", site.report, methods=["GET"]),
        Route("/_simulator/state", site.show, methods=["GET"]),
        Route("/_simulator/webhooks", site.webhooks, methods=["GET"]),
        Route("/_simulator/faults", site.struck, methods=["GET"]),
        Route("/_simulator/happen", site.happen, methods=["POST"]),
        Route("/{path:path}", site.api, methods=METHODS),
    ]
    return Starlette(routes=routes)


@dataclass(frozen=True, slots=True)
class Site:
    """One running simulator: its forum, what has arrived, and its faults."""

    state: State
    arrivals: Arrivals
    faults: Faults
    api_key: str | None

    async def api(self, request: Request) -> Response:
        """Serve one API request, or refuse it in the documented error shape."""
        within = self.arrivals.enter()
        path = request.url.path.removeprefix("/v1")
        found = find(request.method, path)
        self._note(request.method, path, found[0] if found else None)
        try:
            self._admit(request, within=within)
            return await self._serve(request, found)
        except ApiError as error:
            return JSONResponse(error.body, error.status)

    async def _serve(self, request: Request, found: tuple[Operation, dict[str, int]] | None) -> Response:
        if found is None:
            raise ApiError(404, "", "no such resource", "not_found")
        operation, numbers = found
        if self.faults.strikes("slow"):
            await asyncio.sleep(self.faults.delay)
        if self.faults.strikes("error"):
            raise ApiError(500, "", "something went wrong", "server_error")
        body = await _body(request, operation)
        query = read_query(operation, request.query_params.multi_items())
        done = answer(Call(self.state, operation, numbers, query, body, "pending" in self.faults.ignored))
        return Dropped() if self.faults.strikes("lost") else JSONResponse(done)

    def _note(self, method: str, path: str, operation: Operation | None) -> None:
        if operation is None:
            self.arrivals.unknown_request(method, path)
        else:
            self.arrivals.by_operation[operation.name] += 1

    def _admit(self, request: Request, *, within: bool) -> None:
        """Raises ApiError above the limit and without a good key."""
        if not within or self.faults.strikes("limit"):
            text = f"You have exceeded the limit of {self.arrivals.per_second} API requests per second"
            raise ApiError(400, "", text, "rate_limit_exceeded")
        key = request.headers.get("x-api-key", "")
        if not key or (self.api_key is not None and not hmac.compare_digest(key.encode(), self.api_key.encode())):
            raise ApiError(400, "x-api-key", "the API key is missing or wrong", "authentication")

    async def report(self, _: Request) -> Response:
        """What has arrived."""
        return JSONResponse(self.arrivals.report())

    async def show(self, _: Request) -> Response:
        """The forum as it is now."""
        return JSONResponse(self.state.snapshot())

    async def webhooks(self, _: Request) -> Response:
        """What the platform would have sent because of API writes, oldest first."""
        return JSONResponse({"webhooks": list(self.state.webhooks)})

    async def struck(self, _: Request) -> Response:
        """How often each ordered fault struck."""
        return JSONResponse(self.faults.struck)

    async def happen(self, request: Request) -> Response:
        """Let a member do something and return the webhook of it."""
        try:
            fields = _decoded(await request.body())
            return JSONResponse({"webhook": happen(self.state, fields)})
        except ApiError as error:
            return JSONResponse(error.body, error.status)


async def _body(request: Request, operation: Operation) -> dict[str, Any]:
    if not operation.body:
        return {}
    return check_body(operation, _decoded(await request.body() or b"{}"))


def _decoded(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ApiError(400, "", "the body must be a JSON object", "invalid_request")
    return value

"""The stand-in's HTTP side: the API under /v1/api and /api, and what tests and demos ask under /_simulator.

Each API request is counted as it enters, held to the limit, may meet a fault that was ordered, and is checked against
the reference before it does anything. Imported by the platform's value and tests.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.forums.arrivals import Arrivals
from service.forums.deliveries import Address, Deliveries, Resending
from service.forums.faults import parse
from service.forums.simulated import Simulated
from service.forums.websitetoolbox.simulator.calls import Call
from service.forums.websitetoolbox.simulator.happenings import happen
from service.forums.websitetoolbox.simulator.operations import answer
from service.forums.websitetoolbox.simulator.reference import ApiError, Operation, check_body, find, read_query
from service.forums.websitetoolbox.simulator.seed import seeded
from service.forums.websitetoolbox.simulator.state import State

RESENDING = Resending(every=3600, attempts=1 + 72, accepts=lambda status: 200 <= status < 300)  # noqa: PLR2004
"""Hourly for up to three days until any 2xx (platform-facts.md, 1.1); how long it waits for an answer is not told."""


def simulator(
    *, faults: str | None = None, api_key: str | None = None, per_second: int = 3, webhooks: Address | None = None
) -> Starlette:
    """A Website Toolbox forum in memory, with a few members and topics.

    `api_key` is the one that is accepted, any if None; `per_second` the most API requests served in any span of 1.0 s;
    `webhooks` is where what is done to the forum is told.
    Raises ValueError for a bad `faults` spec, whose words are those of `service.forums.faults`.
    """
    deliveries = Deliveries(webhooks, RESENDING) if webhooks else None
    ordered = parse(faults, *Site.ignorable)
    return Starlette(routes=Site(seeded(), Arrivals(per_second), ordered, api_key, deliveries).routes())


@dataclass(frozen=True, slots=True)
class Site(Simulated[State]):
    """The API of Website Toolbox."""

    ignorable: ClassVar[tuple[str, ...]] = ("pending",)

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
        if (broken := await self.faults.meet()) is not None:
            return broken
        if self.faults.strikes("error"):
            raise ApiError(500, "", "something went wrong", "server_error")
        body = await _body(request, operation)
        query = read_query(operation, request.query_params.multi_items())
        state = self.seen(writes=operation.method != "GET")
        return self.faults.send(answer(Call(state, operation, numbers, query, body, "pending" in self.faults.ignored)))

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

    async def happen(self, request: Request) -> Response:
        """Let a member do something and return the webhook of it."""
        try:
            fields = _decoded(await request.body())
            return JSONResponse({"webhook": happen(self.seen(writes=True), fields)})
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

"""The stand-in's HTTP side: the API under /api/v2, and what tests and demos ask under /_simulator.

Each API request is counted as it enters, held to the limit, may meet a fault that was ordered, and is checked against
the reference before it does anything. Imported by the platform's value and tests.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.forums.arrivals import Arrivals
from service.forums.faults import Dropped, Faults, parse
from service.forums.userecho.simulator.happenings import happen
from service.forums.userecho.simulator.operations import Call, answer
from service.forums.userecho.simulator.reference import ACTS_ON_BEHALF, ApiError, Operation, check_body, find
from service.forums.userecho.simulator.seed import seeded
from service.forums.userecho.simulator.state import Row, State

METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH"]
IGNORABLE = ("header", "category", "status", "group")

ROOT = "/api/v2/"

OWNER = 77
"""The user whom the key belongs to."""


def simulator(*, faults: str | None = None, api_key: str | None = None, per_second: int = 1) -> Starlette:
    """A UserEcho project in memory, with a few users and topics.

    `api_key` is the token that is accepted, any if None; `per_second` the most API requests served in a span of 1.0 s.
    Raises ValueError for a bad `faults` spec, whose words are those of `service.forums.faults`.
    """
    site = Site(seeded(), Arrivals(per_second), parse(faults, *IGNORABLE), api_key)
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
    """One running simulator: its project, what has arrived, and its faults."""

    state: State
    arrivals: Arrivals
    faults: Faults
    api_key: str | None

    async def api(self, request: Request) -> Response:
        """Serve one API request, or refuse it in the envelope."""
        within = self.arrivals.enter()
        path = request.url.path
        found = find(request.method, path.removeprefix(ROOT).removesuffix(".json")) if path.startswith(ROOT) else None
        if found is None:
            self.arrivals.unknown_request(request.method, path)
        else:
            self.arrivals.by_operation[found[0].name] += 1
        try:
            self._admit(request, within=within)
            return await self._serve(request, found)
        except ApiError as error:
            return JSONResponse(error.body, error.status, {"retry-after": "1"} if error.status == 429 else None)  # noqa: PLR2004

    async def _serve(self, request: Request, found: tuple[Operation, dict[str, str]] | None) -> Response:
        if found is None:
            raise ApiError("No such resource", 404)
        operation, values = found
        if self.faults.strikes("slow"):
            await asyncio.sleep(self.faults.delay)
        if self.faults.strikes("error"):
            raise ApiError("Something went wrong", 500)
        body, query = await _body(request), dict(request.query_params)
        user = self._user({**query, **body})
        call = Call(
            self.state, operation, values, query, check_body(operation, body), user, frozenset(self.faults.ignored)
        )
        done = answer(call)
        return Dropped() if self.faults.strikes("lost") else JSONResponse(done)

    def _admit(self, request: Request, *, within: bool) -> None:
        """Raises ApiError above the limit and without a good token."""
        if not within or self.faults.strikes("limit"):
            raise ApiError(f"Rate limit exceeded: {self.arrivals.per_second} requests per second", 429)
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        token = bearer if scheme.lower() == "bearer" else request.query_params.get("access_token", "")
        if not token or (self.api_key is not None and not hmac.compare_digest(token.encode(), self.api_key.encode())):
            raise ApiError("Wrong access token", 401)

    def _user(self, given: Row) -> Row:
        """In whose name the request is made: the token's owner, if that one does not exist and is not made by SSO."""
        told = {name: given[name] for name in ACTS_ON_BEHALF if name in given}
        guid, number = told.get("sso_token", told.get("user_sso_guid")), told.get("user_id")
        users = self.state.users
        found = (user for user in users.values() if guid is not None and user.get("sso_guid") == guid)
        known = next(found, None) or next((user for user in users.values() if str(user["id"]) == str(number)), None)
        if known is None and "sso_token" in told:
            known = self.state.add_user(f"{guid}@members.example", str(guid))
            known["sso_guid"] = guid
        return known or users[OWNER]

    async def report(self, _: Request) -> Response:
        """What has arrived."""
        return JSONResponse(self.arrivals.report())

    async def show(self, _: Request) -> Response:
        """The project as it is now."""
        return JSONResponse(self.state.snapshot())

    async def webhooks(self, _: Request) -> Response:
        """What the platform would have sent because of API writes, oldest first."""
        return JSONResponse({"webhooks": list(self.state.webhooks)})

    async def struck(self, _: Request) -> Response:
        """How often each ordered fault struck."""
        return JSONResponse(self.faults.struck)

    async def happen(self, request: Request) -> Response:
        """Let somebody do something and return the webhook of it."""
        try:
            return JSONResponse({"webhook": happen(self.state, await _body(request))})
        except ApiError as error:
            return JSONResponse(error.body, 400)


async def _body(request: Request) -> Row:
    """The fields of a request: of a form, its files by name and size, in bytes."""
    raw, content_type = await request.body(), request.headers.get("content-type", "")
    if content_type.startswith("multipart/form-data"):
        form = message_from_bytes(f"content-type: {content_type}\r\n\r\n".encode() + raw)
        return dict(_field(part) for part in form.walk() if not part.is_multipart())
    try:
        value = json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ApiError("The body must be a JSON object")
    return value


def _field(part: Message) -> tuple[str, Any]:
    """A field of a form: its name, and its text, or its file's name and size."""
    content, file = part.get_payload(decode=True), part.get_filename()
    raw = content if isinstance(content, bytes) else b""
    value = {"name": file, "size": len(raw)} if file else raw.decode("utf-8", "replace")
    return str(part.get_param("name", header="content-disposition")), value

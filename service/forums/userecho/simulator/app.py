"""The stand-in's HTTP side: the API under /api/v2, and what tests and demos ask under /_simulator.

Each API request is counted as it enters, held to the limit, may meet a fault that was ordered, and is checked against
the reference before it does anything. Imported by the platform's value and tests.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.forums.arrivals import Arrivals
from service.forums.deliveries import Address, Deliveries, Resending
from service.forums.faults import parse
from service.forums.simulated import Simulated
from service.forums.userecho.simulator.happenings import happen
from service.forums.userecho.simulator.operations import Call, answer
from service.forums.userecho.simulator.reference import ACTS_ON_BEHALF, ApiError, Operation, check_body, find
from service.forums.userecho.simulator.seed import seeded
from service.forums.userecho.simulator.state import Row, State

ROOT = "/api/v2/"

OWNER = 77
"""The user whom the key belongs to."""

RESENDING = Resending(every=300, attempts=1 + 288, accepts=lambda status: status == 200)  # noqa: PLR2004
"""Every five minutes until exactly 200 within 10 s (platform-facts.md, 2.1). How often is not told: here, for a day."""


def simulator(
    *, faults: str | None = None, api_key: str | None = None, per_second: int = 1, webhooks: Address | None = None
) -> Starlette:
    """A UserEcho project in memory, with a few users and topics.

    `api_key` is the token that is accepted, any if None; `per_second` the most API requests served in a span of 1.0 s;
    `webhooks` is where what is done to the project is told.
    Raises ValueError for a bad `faults` spec, whose words are those of `service.forums.faults`.
    """
    deliveries = Deliveries(webhooks, RESENDING) if webhooks else None
    ordered = parse(faults, *Site.ignorable)
    return Starlette(routes=Site(seeded(), Arrivals(per_second), ordered, api_key, deliveries).routes())


@dataclass(frozen=True, slots=True)
class Site(Simulated[State]):
    """The API of UserEcho."""

    ignorable: ClassVar[tuple[str, ...]] = ("header", "category", "status", "group")

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
        if (broken := await self.faults.meet()) is not None:
            return broken
        if self.faults.strikes("error"):
            raise ApiError("Something went wrong", 500)
        body, query = await _body(request), dict(request.query_params)
        user, fields = self._user({**query, **body}), check_body(operation, body)
        state, ignored = self.seen(writes=operation.method != "GET"), frozenset(self.faults.ignored)
        return self.faults.send(answer(Call(state, operation, values, query, fields, user, ignored)))

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

    async def happen(self, request: Request) -> Response:
        """Let somebody do something and return the webhook of it."""
        try:
            return JSONResponse({"webhook": happen(self.seen(writes=True), await _body(request))})
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

"""What every simulated forum has: its faults, what has arrived, and what tests and demos ask under /_simulator.

A platform's site adds its API and its happenings. Imported by platforms' simulators and tests.
"""

from __future__ import annotations

import copy
import json
import time
from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.forums.arrivals import Arrivals
from service.forums.deliveries import Deliveries
from service.forums.faults import Faults, parse

METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH"]

MOST_PAST = 100
"""Earlier states that reads may still see; with more writes at once, the oldest is seen no longer."""


Listener = Callable[[str, Mapping[str, Any]], None]
"""Told of a happening: its event, and its webhook's body."""


class Holding(Protocol):
    """All that a forum holds: a dataclass whose tables are dictionaries."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    webhooks: deque[dict[str, Any]]
    listeners: list[Listener]

    def snapshot(self) -> dict[str, Any]:
        """Everything there is, as JSON."""


S = TypeVar("S", bound=Holding)


@dataclass(frozen=True, slots=True)
class Simulated(Generic[S]):
    """One running simulator: its forum, what has arrived, its faults, and where its webhooks go."""

    state: S
    arrivals: Arrivals
    faults: Faults
    api_key: str | None
    deliveries: Deliveries | None = None
    past: deque[tuple[float, S]] = field(default_factory=lambda: deque(maxlen=MOST_PAST))
    """What reads still see, each until a moment (`time.monotonic`)."""

    ignorable: ClassVar[tuple[str, ...]] = ()
    """Fields that `FIELD=ignored` may name."""

    def __post_init__(self) -> None:
        """Deliver from now on."""
        if self.deliveries is not None:
            self.state.listeners.append(self.deliveries.take)

    def routes(self) -> list[Route]:
        """Everything that is served; the API comes last."""
        return [
            Route("/_simulator/report", self.report, methods=["GET"]),
            Route("/_simulator/state", self.show, methods=["GET"]),
            Route("/_simulator/webhooks", self.webhooks, methods=["GET"]),
            Route("/_simulator/faults", self.struck, methods=["GET"]),
            Route("/_simulator/faults", self.order, methods=["POST"]),
            Route("/_simulator/happen", self.happen, methods=["POST"]),
            Route("/{path:path}", self.api, methods=METHODS),
        ]

    @abstractmethod
    async def api(self, request: Request) -> Response:
        """Serve one API request."""

    @abstractmethod
    async def happen(self, request: Request) -> Response:
        """Let a member do something and return the webhook of it."""

    def seen(self, *, writes: bool) -> S:
        """The state that a request works on: a write the newest, a read what a stale forum still shows."""
        now = time.monotonic()
        while self.past and self.past[0][0] <= now:
            self.past.popleft()
        if writes and self.faults.strikes("stale"):
            self.past.append((now + self.faults.lag, _kept(self.state)))
        return self.past[0][1] if self.past and not writes else self.state

    async def report(self, _: Request) -> Response:
        """What has arrived, which faults struck how often, and what became of the webhooks where they are delivered."""
        faults = {name: times for name, times in self.faults.struck.items() if times}
        told = {"webhooks": self.deliveries.report()} if self.deliveries else {}
        return JSONResponse({**self.arrivals.report(), "faults": faults, **told})

    async def show(self, _: Request) -> Response:
        """The forum as it is now."""
        return JSONResponse(self.state.snapshot())

    async def webhooks(self, _: Request) -> Response:
        """What the platform would have sent because of API writes, oldest first."""
        return JSONResponse({"webhooks": list(self.state.webhooks)})

    async def struck(self, _: Request) -> Response:
        """How often each ordered fault struck."""
        return JSONResponse(self.faults.struck)

    async def order(self, request: Request) -> Response:
        """Order other faults from now on: `{"spec": "error=0.1"}`, an empty one for none."""
        try:
            self.faults.become(parse(_spec(await request.body()), *self.ignorable))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        self.past.clear()
        return await self.struck(request)


def _kept(state: S) -> S:
    """The state with tables of its own."""
    tables = {one.name: getattr(state, one.name) for one in fields(state)}
    return replace(state, **{name: copy.deepcopy(table) for name, table in tables.items() if isinstance(table, dict)})


def _spec(raw: bytes) -> str:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    match body:
        case {"spec": str(spec)}:
            return spec
    raise ValueError('the body must be {"spec": "error=0.1"}')

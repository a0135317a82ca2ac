"""The simulated forum, misbehaving on order: `python -m tests.faults.forum --port N --per-second N`.

The platform's own simulator with three things added: faults that strike once each when they are ordered, a way to the
forum that takes a random time, and lists that show what is new only after a while (a real forum's replicas and caches).
It is never one of the mutated copies, so what it has counted does not depend on what is tried.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.cli.simulate import _serve as serve
from service.forums.arrivals import Arrivals
from service.forums.faults import Dropped, Faults
from service.forums.simulated import METHODS
from service.forums.websitetoolbox.simulator.app import Site
from service.forums.websitetoolbox.simulator.reference import ApiError, Operation
from service.forums.websitetoolbox.simulator.seed import seeded
from service.serve import listen

HANG_SECONDS = 11.0
"""Above the client's read timeout."""

SLOW_SECONDS = 0.5
ONCE = frozenset({"POST /api/conversations", "POST /api/posts"})
"""Writes that must not be made twice."""

WRITES_ONLY = frozenset({"lost", "late", "silent"})
"""Faults that say something only about a write: whether it was applied is what nobody knows."""

ONCE_ONLY = frozenset({"held_before", "held_after", "lost_once"})
"""The same, of writes that must not be made twice. While one is held, whoever sent it is killed."""


@dataclass(slots=True)
class Orders:
    """The ordered faults, first come first struck, and what came of them."""

    waiting: deque[str] = field(default_factory=deque)
    struck: Counter[str] = field(default_factory=Counter)
    held: int = 0
    """How many answers have been held back: now is the time to kill who waits for it."""

    def next_for(self, operation: Operation) -> str | None:
        """The first ordered fault that this request can have."""
        unfit = frozenset() if operation.name in ONCE else ONCE_ONLY
        unfit |= WRITES_ONLY if operation.method == "GET" else frozenset()
        fault = next((name for name in self.waiting if name not in unfit), None)
        if fault:
            self.waiting.remove(fault)
            self.struck[fault] += 1
            self.held += fault.startswith("held")
        return fault


@dataclass(frozen=True, slots=True)
class FaultyForum(Site):
    """The simulator's site with orders, a way of random length (seconds at most), and the lag of its lists (seconds)."""

    orders: Orders = field(default_factory=Orders)
    way: float = 0.0
    lag: float = 0.0

    async def api(self, request: Request) -> Response:
        """Serve one API request after its way here."""
        if self.way:
            await asyncio.sleep(random.uniform(0, self.way))
        return await Site.api(self, request)

    async def _serve(self, request: Request, found: tuple[Operation, dict[str, int]] | None) -> Response:
        fault = self.orders.next_for(found[0]) if found else None
        match fault:
            case "error":
                raise ApiError(500, "", "something went wrong", "server_error")
            case "limit":
                raise ApiError(400, "", "You have exceeded the limit of API requests per second", "rate_limit_exceeded")
            case "cut":
                return Dropped()
            case "silent" | "held_before":
                await asyncio.sleep(HANG_SECONDS)
                return Dropped()
            case "slow":
                await asyncio.sleep(SLOW_SECONDS)
        answer = await Site._serve(self, request, found)
        if fault in ("late", "held_after"):
            await asyncio.sleep(HANG_SECONDS)
        if fault in ("lost", "lost_once", "late", "held_after"):
            return Dropped()
        return self._without_the_newest(answer)

    def _without_the_newest(self, answer: Response) -> Response:
        body = json.loads(bytes(answer.body))
        if not self.lag or body.get("object") != "list":
            return answer
        shown = self.state.clock() - self.lag
        stamps = ("postTimestamp", "dateTimestamp")
        body["data"] = [row for row in body["data"] if all((row.get(name) or 0) <= shown for name in stamps)]
        return JSONResponse(body)

    async def order(self, request: Request) -> Response:
        """Order faults, a list of their names."""
        self.orders.waiting.extend(json.loads(await request.body()))
        return JSONResponse({})

    async def cancel(self, _: Request) -> Response:
        """Let no further fault strike."""
        self.orders.waiting.clear()
        return JSONResponse({})

    async def told(self, _: Request) -> Response:
        """What has struck, how many calls were held, how many orders wait."""
        orders = self.orders
        return JSONResponse({"struck": orders.struck, "held": orders.held, "waiting": len(orders.waiting)})


def faulty_forum(per_second: int, way: float, lag: float) -> Starlette:
    """The whole stand-in."""
    site = FaultyForum(seeded(), Arrivals(per_second), Faults(), None, way=way, lag=lag)
    routes = [
        Route("/_simulator/report", site.report, methods=["GET"]),
        Route("/_simulator/state", site.show, methods=["GET"]),
        Route("/_simulator/webhooks", site.webhooks, methods=["GET"]),
        Route("/_simulator/happen", site.happen, methods=["POST"]),
        Route("/_faults", site.told, methods=["GET"]),
        Route("/_faults", site.order, methods=["POST"]),
        Route("/_faults", site.cancel, methods=["DELETE"]),
        Route("/{path:path}", site.api, methods=METHODS),
    ]
    return Starlette(routes=routes)


def main() -> None:
    """Serve until a signal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--per-second", type=int, default=3)
    parser.add_argument("--way", type=float, default=0.0)
    parser.add_argument("--lag", type=float, default=0.0)
    given: Any = parser.parse_args()
    asyncio.run(serve(faulty_forum(given.per_second, given.way, given.lag), listen("127.0.0.1", given.port)))


if __name__ == "__main__":
    main()

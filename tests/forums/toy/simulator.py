"""The toy's stand-in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.forums.arrivals import Arrivals
from service.forums.faults import Dropped, Faults, parse

PAGE = 100


@dataclass
class Site:
    """A toy forum in memory."""

    arrivals: Arrivals
    faults: Faults
    api_key: str | None
    topics: dict[int, dict[str, Any]] = field(default_factory=lambda: {501: {"id": 501, "title": "A quiet corner"}})
    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    users: dict[int, dict[str, Any]] = field(default_factory=lambda: {101: {"id": 101, "name": "wren"}})

    def __post_init__(self) -> None:
        self.posts[9001] = {"id": 9001, "topic": 501, "author": 101, "text": "Hello there"}

    async def answer(self, request: Request) -> Response:
        if not self.arrivals.enter() or self.faults.strikes("limit"):
            return JSONResponse({"problem": "too many requests"}, 429)
        if self.api_key and request.headers.get("x-toy-key") != self.api_key:
            return JSONResponse({"problem": "unauthorised"}, 401)
        if self.faults.strikes("error"):
            return JSONResponse({"problem": "broken"}, 500)
        found = self._serve(request, json.loads(await request.body() or b"{}"))
        if self.faults.strikes("lost"):
            return Dropped()
        return JSONResponse({"problem": "not found"}, 404) if found is None else JSONResponse(found)

    def _serve(self, request: Request, body: dict[str, Any]) -> dict[str, Any] | None:
        table, number = getattr(self, request.path_params["table"], {}), request.path_params["number"]
        row: dict[str, Any] | None = table.get(number)
        if row is None:
            return None
        if request.method == "DELETE":
            return dict(table.pop(number))
        if request.url.path.endswith("/posts"):
            return self._post(number, body) if body else self._page(number, int(request.query_params["page"]))
        row |= body
        return row

    def _post(self, topic: int, body: dict[str, Any]) -> dict[str, Any]:
        number = 10_000 + len(self.posts)
        self.posts[number] = {"id": number, "topic": topic, **body}
        return self.posts[number]

    def _page(self, topic: int, page: int) -> dict[str, Any]:
        newest = [post for post in reversed(self.posts.values()) if post["topic"] == topic]
        return {"items": newest[(page - 1) * PAGE : page * PAGE]}

    async def report(self, _: Request) -> Response:
        return JSONResponse(self.arrivals.report())


def simulator(*, faults: str | None = None, api_key: str | None = None, per_second: int = 5) -> Starlette:
    site = Site(Arrivals(per_second), parse(faults), api_key)
    methods = ["GET", "POST", "DELETE"]
    routes = [
        Route("/_simulator/report", site.report),
        Route("/toy/{table}/{number:int}", site.answer, methods=methods),
        Route("/toy/{table}/{number:int}/posts", site.answer, methods=methods),
    ]
    return Starlette(routes=routes)

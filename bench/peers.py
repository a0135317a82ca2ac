"""The web edges that modbot's is measured beside, on the same server with the same settings.

Each has one Starlette route that reads the body, verifies Website Toolbox's signature over it and parses it. `bare`
then answers; `enqueue` puts a job on an RQ queue first, as RQ's own examples do; `thread` does so in a thread, so that
the loop is free meanwhile. A program: `python -m bench.peers NAME PORT REDIS_URL`, started by `bench.ingest`.
"""

from __future__ import annotations

import hmac
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from redis import Redis
from rq import Queue
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from service.demo.stage import SECRET
from service.forums.websitetoolbox.signature import HEADER, signature
from service.serve import listen, make_server, run

Store = Callable[[dict[str, Any]], Awaitable[None]]


def _route(store: Store) -> Starlette:
    async def webhook(request: Request) -> JSONResponse:
        raw = await request.body()
        if not hmac.compare_digest(request.headers.get(HEADER, ""), signature(raw, SECRET)):
            return JSONResponse({"error": "the signature is wrong"}, 401)
        await store(json.loads(raw))
        return JSONResponse({"status": "accepted"})

    return Starlette(routes=[Route("/webhooks/{forum}/{token}", webhook, methods=["POST"])])


async def _nowhere(_: dict[str, Any]) -> None:
    """Touch no Redis."""


def _peers(url: str) -> dict[str, Store]:
    queue = Queue("bench", connection=Redis.from_url(url))

    async def enqueue(body: dict[str, Any]) -> None:
        queue.enqueue("bench.evaluate", body)

    async def thread(body: dict[str, Any]) -> None:
        await run_in_threadpool(queue.enqueue, "bench.evaluate", body)

    return {"bare": _nowhere, "enqueue": enqueue, "thread": thread}


def main(name: str, port: str, url: str) -> None:
    """Serve until a signal says stop."""
    run(make_server(_route(_peers(url)[name])).serve([listen("127.0.0.1", int(port))]))


if __name__ == "__main__":
    main(*sys.argv[1:])

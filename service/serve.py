"""The web process: two servers in one event loop, and a shutdown that loses nothing.

On SIGTERM readiness fails at once while webhooks are still taken in for `drain_seconds`, so that a load balancer can
take the process out of rotation; then the public server finishes its requests, and the admin server stops last.
Imported by `service.cli`.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import Coroutine, Iterable, Iterator
from typing import Any

import uvicorn
from redis import asyncio as redis_asyncio
from redis.exceptions import RedisError
from starlette.applications import Starlette

from service import exposition, readings, tracing
from service.app import admin_app, webhook_app
from service.bounded import Bounded
from service.connections import connect, connect_async
from service.durability import Watch
from service.enqueue import GroupCommit
from service.gauges import SharedState
from service.heartbeat import send_heartbeats
from service.instruments import Part
from service.intake import Intake
from service.settings import Settings
from service.trouble import Trouble

READY_SECONDS = 0.3
"""How long readiness may ask Redis."""

MEMORY_SHARE = 0.8
"""Above this share of Redis' maxmemory deliveries are answered 503."""

MEMORY_CHECK_SECONDS = 2.0


class PortTaken(Trouble):
    """An address cannot be listened on."""


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to `serve`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none: two servers share this loop, and their order of stopping matters."""
        yield


def make_server(app: Starlette) -> Server:
    """A server for `app`, which is given its socket: no access log, since the token is in the path."""
    config = uvicorn.Config(
        app,
        http=Bounded,
        access_log=False,
        proxy_headers=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=10,
        lifespan="off",
    )
    return Server(config)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises PortTaken, with what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise PortTaken(
            f"cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}; choose another port"
        ) from None
    # asyncio does not do this for sockets that it is given, and a head waits 40 ms for its body's acknowledgement
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def run(server: Coroutine[Any, Any, None]) -> None:
    """Run until the server ends, in the loop that uvicorn would choose: uvloop where there is one."""
    with asyncio.Runner(loop_factory=uvicorn.Config(admin_app, log_config=None).get_loop_factory()) as runner:
        runner.run(server)


async def serve(settings: Settings, host: str, port: int, admin_port: int) -> None:
    """Serve until SIGTERM or SIGINT; a second signal ends the drain, and requests under way. Raises PortTaken."""
    sockets = listen(host, port), listen(host, admin_port)
    redis = connect_async(settings.redis_url.get_secret_value())
    intake = Intake(settings.forums, GroupCommit(redis))
    shared = SharedState(redis, settings.forums)
    exposition.open_metrics(Part.WEB, settings.forums)
    tracing.start("web", on=settings.tracing)
    watch = Watch(connect(settings.redis_url.get_secret_value()))
    watch.start()
    stopping = _stop_events()
    _spare_the_collector()

    async def ready() -> str | None:
        return "shutting down" if stopping[0].is_set() else await redis_problem(redis)

    async def page() -> bytes:
        await shared.refresh()
        return exposition.page(Part.WEB)

    public = make_server(webhook_app(intake, settings.max_body_bytes))
    admin = make_server(admin_app(_alive, ready, page, watch.troubles))
    background = [asyncio.ensure_future(task) for task in (_watch_memory(redis, intake), send_heartbeats(redis))]
    servers = [asyncio.create_task(s.serve([at])) for s, at in zip((public, admin), sockets, strict=True)]
    stopped = asyncio.create_task(stopping[0].wait())
    await asyncio.wait([stopped, *servers], return_when=asyncio.FIRST_COMPLETED)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping[1].wait(), settings.drain_seconds if stopping[0].is_set() else 0)
    background.append(asyncio.ensure_future(_cut_off(stopping[1], (public, admin))))
    for server, task in zip((public, admin), servers, strict=True):
        server.should_exit = True
        await task
    stopped.cancel()
    for running in background:
        running.cancel()
    await redis.aclose()


def _spare_the_collector() -> None:
    """Keep what stays for good from the garbage collector, whose full rounds would stop the loop for 50 ms each."""
    gc.collect()
    gc.freeze()


def _stop_events() -> tuple[asyncio.Event, asyncio.Event]:
    """Events for the first signal and for the second."""
    first, second = asyncio.Event(), asyncio.Event()

    def stop() -> None:
        (second if first.is_set() else first).set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    return first, second


async def _cut_off(hurry: asyncio.Event, servers: Iterable[Server]) -> None:
    """At the second signal: leave requests that are under way. What is not answered was not acknowledged."""
    await hurry.wait()
    for server in servers:
        server.force_exit = True


async def _alive() -> str | None:
    return None


async def redis_problem(redis: redis_asyncio.Redis) -> str | None:
    """None if Redis answers within the readiness budget, else what is wrong."""
    try:
        await asyncio.wait_for(redis.ping(), READY_SECONDS)
    except (RedisError, OSError, TimeoutError) as error:
        readings.redis_up.set(0)
        return f"Redis is away ({type(error).__name__})"
    readings.redis_up.set(1)
    return None


async def _watch_memory(redis: redis_asyncio.Redis, intake: Intake) -> None:
    """Keep `intake.has_room` true to Redis' memory budget; while Redis is away the commits themselves fail."""
    while True:
        with contextlib.suppress(RedisError, OSError):
            memory = await redis.info("memory")
            limit = int(memory.get("maxmemory") or 0)
            intake.has_room = not limit or int(memory["used_memory"]) < limit * MEMORY_SHARE
        await asyncio.sleep(MEMORY_CHECK_SECONDS)

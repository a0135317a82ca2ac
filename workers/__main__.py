"""`python -m workers --role evaluate|urgent|bulk [--config FILE] [--admin-port N]`: one worker process.

Users start it as `modbot work`; exit status 0 after a clean stop, 1 if it cannot start.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
import threading

from rules.loading.faults import Invalid
from service import exposition, tracing
from service.app import admin_app
from service.configuration import find, read
from service.connections import connect, connect_async
from service.durability import Watch
from service.instruments import Part
from service.logs import configure
from service.queue import QUEUES
from service.rotation import Rotation
from service.serve import PortTaken, listen, make_server, redis_problem
from workers.worker import Process

STUCK_SECONDS = 180.0
"""Above the pop's block (20 s), a job's timeout (30 s) and RQ's longest reconnect wait (60 s) together."""


def main() -> int:
    """Run one worker process."""
    parser = argparse.ArgumentParser(prog="python -m workers")
    parser.add_argument("--role", choices=QUEUES, required=True)
    parser.add_argument("--config")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--admin-port", type=int, default=9091)
    options = parser.parse_args()
    try:
        configuration = read(find(options.config))
        configure(configuration.settings)
        exposition.open_metrics(Part.WORK, configuration.settings.forums)
        tracing.start(options.role, on=configuration.settings.tracing)
        process = Process(configuration, options.role)
    except Invalid as invalid:
        print(*invalid.lines(), sep="\n", file=sys.stderr)  # noqa: T201 - the reason why it does not start
        return 1
    url = configuration.settings.redis_url.get_secret_value()
    watch = Watch(connect(url))
    watch.start()
    Rotation(configuration).start()
    if options.admin_port:
        try:
            at = listen(options.host, options.admin_port)
        except PortTaken as taken:
            print(f"modbot: {taken}", file=sys.stderr)  # noqa: T201 - the reason why it does not start
            return 1
        threading.Thread(target=_serve_admin, args=[process, url, at, watch], name="admin", daemon=True).start()
    process.run()
    return 0


def _serve_admin(process: Process, url: str, at: socket.socket, watch: Watch) -> None:
    async def live() -> str | None:
        idle = process.idle_seconds()
        return f"the work loop has stood still for {idle:.0f} s" if idle > STUCK_SECONDS else None

    async def serve() -> None:
        redis = connect_async(url)

        async def ready() -> str | None:
            return await redis_problem(redis)

        async def page() -> bytes:
            await ready()  # tells modbot_redis_up
            return exposition.page(Part.WORK)

        await make_server(admin_app(live, ready, page, watch.troubles)).serve([at])

    asyncio.run(serve())


if __name__ == "__main__":
    sys.exit(main())

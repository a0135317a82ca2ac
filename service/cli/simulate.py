"""`modbot simulate`: run a platform's stand-in until it is stopped. Imported by `service.cli`."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from typing import Annotated

import typer
from starlette.applications import Starlette

from service.forums import PLATFORMS
from service.serve import listen, make_server


def simulate(
    platform: Annotated[str, typer.Argument(help="The platform: websitetoolbox.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port; 0 takes a free one and names it.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    faults: Annotated[str | None, typer.Option(help="What goes wrong: error=0.1,lost=0.1,slow=0.2:0.5,seed=7.")] = None,
    api_key: Annotated[str | None, typer.Option(help="The only API key to accept; any if left out.")] = None,
) -> None:
    """Run a stand-in for a platform's API that keeps a forum in memory and enforces the request limit.

    GET /_simulator/report says what it saw, GET /_simulator/state what its forum looks like now.

    Example: modbot simulate websitetoolbox --port 8099 --faults error=0.1,seed=7
    """
    if platform not in PLATFORMS:
        raise typer.BadParameter(f"there is no platform {platform!r}; known: {', '.join(sorted(PLATFORMS))}")
    try:
        app = PLATFORMS[platform].simulator(faults=faults, api_key=api_key)
    except ValueError as error:
        raise typer.BadParameter(f"--faults: {error}") from None
    at = listen(host, port)
    typer.echo(f"{platform} is simulated at http://{host}:{at.getsockname()[1]}; Ctrl-C stops it", err=True)
    asyncio.run(_serve(app, at))


async def _serve(app: Starlette, at: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM. uvicorn's complaint about a dropped connection is silenced: it was ordered."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    server = make_server(app)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
    await server.serve([at])

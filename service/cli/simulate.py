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
from service.forums.deliveries import Address, unsigned
from service.forums.faults import NAMES
from service.forums.platform import Platform
from service.serve import listen, make_server

KNOWN = ", ".join(sorted(PLATFORMS))


def simulate(
    platform: Annotated[str, typer.Argument(help=f"The platform: {KNOWN}.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="TCP port; 0 takes a free one and names it.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    faults: Annotated[str | None, typer.Option(help=f"What goes wrong: {NAMES}, seed=N.")] = None,
    api_key: Annotated[str | None, typer.Option(help="The only API key to accept; any if left out.")] = None,
    per_second: Annotated[int | None, typer.Option(min=1, help="Requests served a second; the platform's own.")] = None,
    webhooks: Annotated[
        str | None, typer.Option(help="Where to tell what is done to the forum: a webhook's URL.")
    ] = None,
    secret: Annotated[
        str | None, typer.Option(help="Sign the webhooks with this secret.", envvar="MODBOT_SEND_SECRET")
    ] = None,
    hurry: Annotated[float, typer.Option(min=1, help="Send again so many times sooner than the platform.")] = 1,
) -> None:
    """Run a stand-in for a platform's API that keeps a forum in memory and enforces the request limit.

    GET /_simulator/report says what it saw, GET /_simulator/state what its forum looks like now.
    POST /_simulator/happen lets a member do something, POST /_simulator/faults {"spec": "error=0.1"} changes faults.

    Example: modbot simulate websitetoolbox --port 8099 --faults error=0.1,seed=7

    Example: modbot simulate userecho --port 8098 --webhooks http://127.0.0.1:8080/webhooks/main/TOKEN --hurry 1000
    """
    if platform not in PLATFORMS:
        raise typer.BadParameter(f"there is no platform {platform!r}; known: {KNOWN}")
    on = PLATFORMS[platform]
    address = _address(on, webhooks, secret, hurry) if webhooks else None
    try:
        app = on.simulator(faults=faults, api_key=api_key, per_second=per_second or on.per_second, webhooks=address)
    except ValueError as error:
        raise typer.BadParameter(f"--faults: {error}") from None
    at = listen(host, port)
    typer.echo(f"{platform} is simulated at http://{host}:{at.getsockname()[1]}; Ctrl-C stops it", err=True)
    asyncio.run(_serve(app, at))


def _address(on: Platform, url: str, secret: str | None, hurry: float) -> Address:
    try:
        return Address(url, (lambda body: on.sign(body, secret)) if secret else unsigned, hurry)
    except ValueError as error:
        raise typer.BadParameter(f"--webhooks: {error}") from None


async def _serve(app: Starlette, at: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM. uvicorn's complaint about a dropped connection is silenced: it was ordered."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    server = make_server(app)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
    await server.serve([at])

"""`modbot send`: sign and post a sample webhook."""

from __future__ import annotations

import json
from typing import Annotated

import httpx
import typer

from service.forums import PLATFORMS


def send(
    sample: Annotated[str, typer.Argument(help="A sample's name, such as post.created; `list` prints them all.")],
    to: Annotated[str, typer.Option("--to", help="The webhook's address, token included.")] = "",
    secret: Annotated[
        str | None, typer.Option("--secret", help="Sign with this secret.", envvar="MODBOT_SEND_SECRET")
    ] = None,
    platform: Annotated[str, typer.Option(help="Whose sample.")] = "websitetoolbox",
) -> None:
    """Sign and post a sample webhook, and print the answer.

    Example: modbot send post.created --to http://127.0.0.1:8080/webhooks/main/TOKEN --secret S
    """
    if platform not in PLATFORMS:
        raise typer.BadParameter(f"there is no platform {platform!r}; known: {', '.join(sorted(PLATFORMS))}")
    on = PLATFORMS[platform]
    samples = {**on.samples, **on.own_samples}
    if sample == "list":
        typer.echo("\n".join(sorted(samples)))
        return
    if sample not in samples:
        raise typer.BadParameter(f"there is no sample {sample!r}; known: {', '.join(sorted(samples))}")
    if not to:
        raise typer.BadParameter("--to needs the webhook's address")
    body = json.dumps(samples[sample]).encode()
    headers = {"content-type": "application/json", **(on.sign(body, secret) if secret else {})}
    try:
        answer = httpx.post(to, content=body, headers=headers, timeout=10)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        typer.echo(f"modbot: no answer from the address given with --to: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{answer.status_code} {answer.text}")
    if not answer.is_success:
        raise typer.Exit(1)

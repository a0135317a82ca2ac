"""`modbot pause` and `resume`: stop and start actions; events keep being taken in and decided."""

from __future__ import annotations

import json
import time
from typing import Annotated

import typer

from service.cli.options import Config, known_forum, shared_state
from service.kept import PAUSED

EVERY = "*"

Forum = Annotated[str, typer.Option("--forum", help="A configured forum; without it, all.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept and shown.")]


def pause(reason: Reason, forum: Forum = "", config: Config = None) -> None:
    """Stop actions; planned ones wait.

    Example: modbot pause --forum main --reason "rules under review"
    """
    found, redis = shared_state(config)
    name = known_forum(found, forum) if forum else EVERY
    redis.hset(PAUSED, name, json.dumps({"reason": reason, "at": int(time.time())}))
    typer.echo(f"paused: {'every forum' if name == EVERY else name}; `modbot resume` starts actions again")


def resume(reason: Reason, forum: Forum = "", config: Config = None) -> None:
    """Start actions again; what waited is carried out within seconds.

    Example: modbot resume --forum main --reason "reviewed"
    """
    found, redis = shared_state(config)
    name = known_forum(found, forum) if forum else EVERY
    if not redis.hdel(PAUSED, name):
        typer.echo(f"not paused: {'every forum' if name == EVERY else name}", err=True)
        raise typer.Exit(1)
    still = EVERY if name != EVERY and redis.hexists(PAUSED, EVERY) else ""
    typer.echo(f"resumed: {'every forum' if name == EVERY else name} ({reason})")
    if still:
        typer.echo("all forums are still paused together; `modbot resume` without --forum ends that", err=True)

"""`modbot demo`: the main job, end to end, on embedded parts."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from typing import Annotated, Any

import typer
from rich.console import Console

from service.cli.options import AsJSON
from service.demo.play import Outcome, play
from service.demo.stage import FORUM, TOKEN, Stage, StageTrouble, stage
from service.demo.telling import Teller

OPENING = (
    "modbot demo: a simulated forum that allows 3 requests a second, Redis, one web process and four workers, "
    "all real processes on this machine. The rules are the starter pack's."
)


def demo(
    as_json: AsJSON = False,
    keep: Annotated[bool, typer.Option("--keep", help="Stay up afterwards, with the addresses.")] = False,
    redis_url: Annotated[str | None, typer.Option(help="An empty Redis database in place of the embedded one.")] = None,
) -> None:
    """Play a story of real webhooks on embedded parts, and say what was decided and done.

    Example: modbot demo --json
    """
    teller = Teller(Console(highlight=False), wanted=not as_json)
    teller.say(OPENING)
    with tempfile.TemporaryFile() as output:
        try:
            with stage(redis_url=redis_url, output=output) as parts:
                outcome = play(parts, teller)
                _tell(outcome, teller, as_json=as_json)
                if keep:
                    _stay(parts, teller)
        except StageTrouble as trouble:
            typer.echo(f"modbot: {trouble}", err=True)
            output.seek(0)
            sys.stderr.write(output.read().decode("utf-8", "replace")[-4000:])
            raise typer.Exit(1) from None
    if not outcome.went_well:
        raise typer.Exit(1)


def _tell(outcome: Outcome, teller: Teller, *, as_json: bool) -> None:
    teller.say("")
    teller.totals(outcome)
    if as_json:
        typer.echo(json.dumps(outcome.to_json()))


def _stay(parts: Stage, teller: Teller) -> None:
    """Keep the parts running until Ctrl-C or SIGTERM."""
    teller.say("")
    teller.say(f"webhooks:  {parts.web_url}/webhooks/{FORUM}/{TOKEN}")
    teller.say(f"metrics:   {parts.admin_url}/metrics")
    teller.say(f"the forum: {parts.forum_url}/_simulator/state and /_simulator/report")
    teller.say("Ctrl-C ends it")
    stopped: list[Any] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.append(True))
    parts.supervisor.watch(lambda: bool(stopped))

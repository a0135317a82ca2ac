"""`modbot log` and `modbot dead`: what was decided and done, and what waits for a person."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.cli.options import AsJSON, Config, shared_state
from service.records import DeadLetter, DeadLetters, DecisionLog, Entry, Filter

dead_app = typer.Typer(help="Dead letters, and effects parked as unsure.", no_args_is_help=True)

FOLLOW_SECONDS = 1.0
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

Item = Annotated[str, typer.Argument(help="The item, as `modbot dead list` prints it.")]


def show_log(
    config: Config = None,
    forum: Annotated[str | None, typer.Option(help="Only this forum.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only decisions of this rule.")] = None,
    action: Annotated[str | None, typer.Option(help="Only decisions with this action.")] = None,
    outcome: Annotated[str | None, typer.Option(help="Only with this outcome: done, refused, unsure ...")] = None,
    author: Annotated[str | None, typer.Option(help="Only events of this user name.")] = None,
    post: Annotated[int | None, typer.Option(help="Only events of this post id.")] = None,
    since: Annotated[str, typer.Option(help="Only the last so long: 90s, 30m, 12h, 7d.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Keep printing what comes.")] = False,
    as_json: AsJSON = False,
) -> None:
    """Print the decision log, newest first.

    Example: modbot log --rule newcomer-links --since 24h
    """
    _, redis = shared_state(config)
    log = DecisionLog(redis)
    wanted = Filter(forum, rule, action, outcome, author, post, _since(since))
    cursor = log.end()
    _print(itertools.islice(log.newest_first(wanted), limit), as_json=as_json)
    while follow:
        entries, cursor = log.newer_than(cursor, wanted)
        _print(entries, as_json=as_json)
        if not entries:
            time.sleep(FOLLOW_SECONDS)


def _since(span: str) -> float:
    if not span:
        return 0.0
    match = re.fullmatch(r"(\d{1,9})([smhd])", span)
    if not match:
        raise typer.BadParameter(f"--since takes a number and one of s m h d, such as 12h, not {span!r}")
    return time.time() - int(match[1]) * UNITS[match[2]]


def _print(entries: Iterable[Entry], *, as_json: bool) -> None:
    for entry in entries:
        typer.echo(json.dumps(entry.to_json()) if as_json else _line(entry))


def _line(entry: Entry) -> str:
    clock = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.at))
    done = ", ".join(f"{action['action']}={action['outcome']} ({action['rule']})" for action in entry.actions)
    who = repr(entry.author) if entry.author else "-"
    return f"{clock} {entry.forum} {entry.type} by {who} {entry.state}: {done or 'no rule matched'}"


@dead_app.command("list")
def list_dead(config: Config = None, limit: Annotated[int, typer.Option(min=1)] = 100, as_json: AsJSON = False) -> None:
    """List dead letters, newest first. Example: modbot dead list."""
    _, redis = shared_state(config)
    letters = DeadLetters(redis).all(limit)
    if as_json:
        for letter in letters:
            typer.echo(json.dumps({"item": letter.item, "since": letter.since, "reason": letter.reason}))
        return
    if not letters:
        typer.echo("no dead letters")
        return
    table = Table("item", "since", "reason")
    for letter in letters:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(letter.since))
        table.add_row(letter.item, since, Text(letter.reason))
    Console().print(table)


@dead_app.command()
def show(item: Item, config: Config = None) -> None:
    """Show one with all that is known of it, as JSON. Example: modbot dead show action:0123."""
    letter = _letter(item, config)
    typer.echo(
        json.dumps({"item": letter.item, "since": letter.since, "reason": letter.reason, **letter.fields}, indent=2)
    )


@dead_app.command()
def redeliver(item: Item, config: Config = None) -> None:
    """Try one again under the same id: what was done stays done. Example: modbot dead redeliver action:0123."""
    _letter(item, config)
    _, redis = shared_state(config)
    DeadLetters(redis).redeliver(item)
    typer.echo(f"redelivered: {item}")


@dead_app.command()
def discard(item: Item, config: Config = None) -> None:
    """Let one go. Example: modbot dead discard action:0123."""
    _letter(item, config)
    _, redis = shared_state(config)
    DeadLetters(redis).discard(item)
    typer.echo(f"discarded: {item}")


def _letter(item: str, config: str | None) -> DeadLetter:
    _, redis = shared_state(config)
    letter = DeadLetters(redis).get(item)
    if letter is None:
        typer.echo(f"modbot: there is no dead letter {item!r}; `modbot dead list` prints them", err=True)
        raise typer.Exit(1)
    return letter

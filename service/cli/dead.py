"""`modbot dead`: the work that ended undone, and the effects of which nobody knows whether they are done."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.cli.options import AsJSON, Config, Since, Until, clock, moment, shared_state
from service.dead_letters import Choice, DeadLetter, DeadLetters

dead_app = typer.Typer(help="Dead letters, and effects parked as unsure.", no_args_is_help=True)

Item = Annotated[str, typer.Argument(help="The item, as `modbot dead list` prints it.")]
Items = Annotated[
    list[str] | None, typer.Argument(metavar="[ITEM]...", help="Items, as `modbot dead list` prints them.")
]
OfForum = Annotated[str | None, typer.Option("--forum", help="Only this forum's.")]
Reason = Annotated[
    str | None,
    typer.Option(help="Only with this cause (timeout, retries_exhausted, rule_error ...) or these words in the error."),
]
All = Annotated[bool, typer.Option("--all", help="All that the other options choose, as they stand now.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@dead_app.command("list")
def list_dead(
    config: Config = None,
    forum: OfForum = None,
    reason: Reason = None,
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: AsJSON = False,
) -> None:
    """List dead letters, newest first. Example: modbot dead list --reason timeout --since 12h."""
    choice = _choice(forum, reason, since, until)
    _, redis = shared_state(config)
    letters = DeadLetters(redis).all(None, choice)
    if as_json:
        for letter in letters[:limit]:
            typer.echo(json.dumps(letter.to_json()))
        return
    if not letters:
        typer.echo("no dead letters" if choice == Choice() else "no dead letters are like that")
        return
    Console().print(_table(letters[:limit]))
    typer.echo(_summary(letters) if len(letters) <= limit else f"{_summary(letters)}; the newest {limit} are shown")


def _choice(forum: str | None, reason: str | None, since: str, until: str) -> Choice:
    return Choice(forum, reason, moment("--since", since, 0.0), moment("--until", until, float("inf")))


def _table(letters: Sequence[DeadLetter]) -> Table:
    table = Table("item", "since", "forum", "what", "cause", "tried", "last error")
    for one in letters:
        words = (one.item, clock(one.since), one.forum, one.what, one.cause, str(one.attempts), one.reason)
        table.add_row(*(Text(word) for word in words))
    return table


def _summary(letters: Sequence[DeadLetter]) -> str:
    kinds = Counter(f"{letter.forum or 'no forum'} {letter.cause}" for letter in letters)
    parts = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common())
    return f"{len(letters)} dead letter{'s' if len(letters) > 1 else ''}: {parts}"


@dead_app.command()
def show(item: Item, config: Config = None) -> None:
    """Show one with all that is known of it, as JSON. Example: modbot dead show action:0123."""
    _, redis = shared_state(config)
    letter = _letter(DeadLetters(redis), item)
    typer.echo(json.dumps({**letter.fields, **letter.to_json()}, indent=2))


@dead_app.command()
def redeliver(
    items: Items = None,
    config: Config = None,
    every: All = False,
    forum: OfForum = None,
    reason: Reason = None,
    since: Since = "",
    until: Until = "",
    yes: Yes = False,
) -> None:
    """Try some again under the same ids: what was done stays done.

    Example: modbot dead redeliver --all --forum main --reason timeout
    """
    letters, dead = _chosen(items or [], config, _choice(forum, reason, since, until), every=every)
    _confirm("redeliver", letters, asks=every and not yes)
    _tell("redelivered", dead.redeliver(*letters), letters)


@dead_app.command()
def discard(
    items: Items = None,
    config: Config = None,
    every: All = False,
    forum: OfForum = None,
    reason: Reason = None,
    since: Since = "",
    until: Until = "",
    yes: Yes = False,
) -> None:
    """Let some go. Example: modbot dead discard action:0123."""
    letters, dead = _chosen(items or [], config, _choice(forum, reason, since, until), every=every)
    _confirm("discard", letters, asks=every and not yes)
    _tell("discarded", dead.discard(*letters), letters)


def _chosen(
    items: Sequence[str], config: str | None, choice: Choice, *, every: bool
) -> tuple[list[DeadLetter], DeadLetters]:
    """The letters that are named, or all that are chosen. What comes later is not among them."""
    if bool(items) == every:
        raise typer.BadParameter(
            "name items, or give --all with what chooses them (--forum, --reason, --since, --until)"
        )
    if items and choice != Choice():
        raise typer.BadParameter("--forum, --reason, --since and --until go with --all")
    _, redis = shared_state(config)
    dead = DeadLetters(redis)
    return (dead.all(None, choice) if every else [_letter(dead, item) for item in items]), dead


def _confirm(verb: str, letters: Sequence[DeadLetter], *, asks: bool) -> None:
    if not asks or not letters:
        return
    typer.echo(_summary(letters), err=True)
    if not _somebody_is_there():
        raise typer.BadParameter(f"nobody is there to be asked whether to {verb} them: give --yes")
    typer.confirm(f"{verb} {'them' if len(letters) > 1 else 'it'}?", abort=True, err=True)


def _somebody_is_there() -> bool:
    return sys.stdin.isatty()


def _tell(done: str, number: int, letters: Sequence[DeadLetter]) -> None:
    if len(letters) == 1 and number:
        typer.echo(f"{done}: {letters[0].item}")
        return
    left = len(letters) - number
    typer.echo(f"{done}: {number}{f'; dealt with by others meanwhile: {left}' if left else ''}")


def _letter(dead: DeadLetters, item: str) -> DeadLetter:
    letter = dead.get(item)
    if letter is None:
        typer.echo(f"modbot: there is no dead letter {item!r}; `modbot dead list` prints them", err=True)
        raise typer.Exit(1)
    return letter

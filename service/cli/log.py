"""`modbot log`: what was decided and done, newest first."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer
from rich.console import Console

from rules.actions.table import ACTIONS
from rules.loading.faults import closest
from service.cli.options import AsJSON, Config, Since, Until, clock, moment, shared_state
from service.labels import OUTCOMES
from service.records import DecisionLog, Entry, Filter, Page

FOLLOW_SECONDS = 1.0
STATES = frozenset({*OUTCOMES, "planned", "intent", "sent", "joined", "discarded"})
"""How an action can stand."""


def show_log(
    config: Config = None,
    forum: Annotated[str | None, typer.Option(help="Only this forum.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only decisions of this rule.")] = None,
    action: Annotated[str | None, typer.Option(help="Only decisions with this action.")] = None,
    outcome: Annotated[str | None, typer.Option(help="Only with this outcome: done, refused, unsure ...")] = None,
    author: Annotated[str | None, typer.Option(help="Only events of this user name.")] = None,
    post: Annotated[int | None, typer.Option(help="Only events of this post id.")] = None,
    topic: Annotated[int | None, typer.Option(help="Only events of this topic id.")] = None,
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    before: Annotated[str, typer.Option(help="Go on before this cursor, which the page before told.")] = "",
    look: Annotated[int, typer.Option(min=1, help="How many decisions to look through at most.")] = 20_000,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Keep printing what comes.")] = False,
    as_json: AsJSON = False,
) -> None:
    """Print the decision log, newest first, a page at a time.

    Example: modbot log --rule newcomer-links --since 24h
    """
    _known("--action", action, frozenset(ACTIONS))
    _known("--outcome", outcome, STATES)
    times = moment("--since", since, 0.0), moment("--until", until, float("inf"))
    wanted = Filter(forum, rule, action, outcome, author, post, topic, *times)
    _, redis = shared_state(config)
    log = DecisionLog(redis)
    newest = log.end()
    _Reading(limit, look, as_json=as_json).show(log.pages(wanted, _cursor(before)))
    while follow:
        entries, cursor = log.newer_than(newest, wanted)
        _print(entries, as_json=as_json)
        if cursor == newest:
            time.sleep(FOLLOW_SECONDS)
        newest = cursor


def _known(option: str, word: str | None, words: frozenset[str]) -> None:
    if word is not None and word not in words:
        near = closest(word, words)
        hint = f"did you mean {near!r}?" if near else f"it takes one of {', '.join(sorted(words))}"
        raise typer.BadParameter(f"{option} does not know {word!r}; {hint}")


def _cursor(text: str) -> str:
    if text and not re.fullmatch(r"\d{1,20}-\d{1,20}", text):
        raise typer.BadParameter(f"--before takes a cursor, as a page ends with or --json prints, not {text!r}")
    return text


class _Reading:
    """One page for a person: so many entries, or as many as a bounded look finds, and how to go on from there."""

    def __init__(self, limit: int, look: int, *, as_json: bool) -> None:
        self._limit = limit
        self._look = look
        self._as_json = as_json
        self._shown = self._looked = 0
        self._terminal = Console(stderr=True)

    def show(self, pages: Iterator[Page]) -> None:
        """Print what is found. What else there is to know goes to standard error."""
        with self._terminal.status("looking") as status:
            for page in pages:
                self._looked += page.looked
                if page.entries or self._looked >= self._look:
                    status.stop()
                if more := self._print(page) or self._enough(page):
                    typer.echo(more, err=True)
                    return
                status.update(self._so_far(page))
                status.start()
        if not self._shown:
            typer.echo(f"no decision is like that, of {self._looked:,} that were looked through", err=True)

    def _print(self, page: Page) -> str | None:
        """Print a page's entries; how to go on if no more of them may be shown."""
        room = self._limit - self._shown
        entries = page.entries[:room]
        _print(entries, as_json=self._as_json)
        self._shown += len(entries)
        return f"for more: --before {entries[-1].cursor}" if entries and len(entries) == room else None

    def _enough(self, page: Page) -> str | None:
        """How to go on if no more of the log may be looked through."""
        if self._looked < self._look:
            return None
        return f"{self._so_far(page)}; to look further: --before {page.cursor}, or --look with more"

    def _so_far(self, page: Page) -> str:
        return f"looked through {self._looked:,} decisions, back to {clock(page.back_to)}"


def _print(entries: Iterable[Entry], *, as_json: bool) -> None:
    for entry in entries:
        typer.echo(json.dumps(entry.to_json()) if as_json else _line(entry))


def _action(action: dict[str, Any]) -> str:
    """An action with its outcome and rule, and why it came to nothing or waits."""
    why = f"; {action['error']}" if action["error"] else ""
    return f"{action['action']}={action['outcome']} ({action['rule']}{why})"


def _line(entry: Entry) -> str:
    done = ", ".join(map(_action, entry.actions))
    who = repr(entry.author) if entry.author else "-"
    return f"{clock(entry.at)} {entry.forum} {entry.type} by {who} {entry.state}: {done or 'no rule matched'}"

"""Tells how a run goes and what came of it."""

from __future__ import annotations

import json
import time
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.faults.run import Result

EVERY_SECONDS = 15.0
MOST_PROBLEMS = 20


class Teller:
    """Shows progress: one line that is written over on a terminal, else a line now and then."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._told = time.monotonic()

    def progress(self, what: str, done: int, of: int) -> None:
        """How far it is, unless it is to be quiet."""
        now = time.monotonic()
        if not self._quiet and now - self._told >= (0.5 if self._console.is_terminal else EVERY_SECONDS):
            self._told = now
            end = "\r" if self._console.is_terminal else "\n"
            self._console.print(f"  {what}: {done} of {of}        ", end=end, highlight=False)

    def result(self, result: Result) -> None:
        """The table, and what was broken."""
        self._console.print(table(result))
        problems = result.problems()
        for problem in problems[:MOST_PROBLEMS]:
            self._say(f"  {problem}", "red")
        if problems:
            more = f"{len(problems)} promises broken; logs: {result.folder}; again: --seed {result.trial.seed}"
            self._say(more, "bold red")

    def as_json(self, result: Result) -> None:
        """One JSON object on one line, for scripts."""
        told = {
            "seed": result.trial.seed,
            "faults": dict(result.faults),
            **summary(result),
            "problems": result.problems(),
        }
        self._console.print(json.dumps(told), markup=False, highlight=False, soft_wrap=True)

    def mutation(self, name: str, breaks: str, result: Result) -> None:
        """Whether a mutation was caught, and by what."""
        problems = result.problems()
        verdict = "caught" if problems else "NOT CAUGHT"
        self._say(f"{verdict}: {name} ({breaks})")
        for problem in problems[:3]:
            self._say(f"  {problem}")

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def table(result: Result) -> Table:
    """Faults by kind, then what was kept."""
    shown = Table(title=f"seed {result.trial.seed}", title_justify="left", show_header=False)
    for kind, number in result.faults.items():
        shown.add_row(kind, str(number))
    shown.add_section()
    for name, value in summary(result).items():
        shown.add_row(name.replace("_", " "), str(value))
    return shown


def summary(result: Result) -> dict[str, Any]:
    """The numbers by name; `--json` prints them as they are."""
    verdict, terrain = result.verdict, result.trial.terrain
    return {
        "events": result.trial.events,
        "webhooks_sent": sum(result.webhooks.values()),
        "sent_again": sum(result.webhooks.values()) - result.webhooks.get("accepted", 0),
        "clocks_off_by_up_to": f"{terrain.skew:g} s",
        "effects": verdict.effects,
        "lost": len(verdict.lost) + len(result.dead),
        "repeated": len(verdict.repeated),
        "unplanned": len(verdict.unplanned),
        "unsure": len(verdict.unsure),
        "violations": result.violations(),
        "requests": result.report["requests"],
        "most_in_any_second": f"{result.report['most_in_any_second']} of {terrain.per_second}",
        "longest_recovery": f"{result.recovery:.0f} s",
        "seconds": round(result.seconds),
    }

"""Tells the demo's story on the terminal, to somebody who runs a forum. Imported by `service.demo`, `service.cli`."""

from __future__ import annotations

from typing import Any, Protocol

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.demo.story import Expectation, Scene
from service.records import Entry

ANSWERS = {
    "accepted": "stored, then answered",
    "duplicate": "known already, nothing to do",
    "ignored": "not known, kept and left alone",
    "rejected": "refused",
}
OUTCOMES = {
    "done": "done",
    "already_done": "was so already",
    "target_gone": "nothing there any more",
    "refused": "the forum refused",
    "shadow": "on trial, not carried out",
}
LONGEST_QUOTE = 90


class Summary(Protocol):
    """What the totals are told from."""

    def to_json(self) -> dict[str, Any]:
        """The summary of contract.md, section 6."""


class Teller:
    """Prints as the story goes; says nothing at all when it is not wanted."""

    def __init__(self, console: Console, *, wanted: bool) -> None:
        self._console = console
        self._wanted = wanted

    def say(self, text: str, style: str = "") -> None:
        """One line. Text of the forum is data here: it has no markup and no control characters."""
        if self._wanted:
            shown = "".join(char if char.isprintable() else " " for char in text)
            self._console.print(Text(shown, style=style), soft_wrap=True)

    def scene(self, number: int, scene: Scene) -> None:
        """What a member does."""
        self.say("")
        self.say(f"{number:2}. {scene.title}", "bold")

    def webhook(self, event: str, code: int, status: str) -> None:
        """The webhook of it, and the answer."""
        self.say(
            f"    webhook {event}: {code}, {ANSWERS.get(status, status)}", "dim" if status == "accepted" else "yellow"
        )

    def decision(self, entry: Entry) -> None:
        """Which rules matched, on what, and what was done."""
        for matched in entry.matched:
            self.say(f"    rule {matched['rule']}: {_because(matched)}", "cyan")
        for action in entry.actions:
            self.say(f"      -> {_action(action)}: {OUTCOMES.get(action['outcome'], action['outcome'])}", "green")
        if not entry.actions:
            self.say("    no rule matched", "dim")

    def expectation(self, expectation: Expectation, *, holds: bool) -> None:
        """One sentence of the forum's final state."""
        self.say(f"    {'yes' if holds else 'NO '}  {expectation.says}", "green" if holds else "bold red")

    def totals(self, summary: Summary) -> None:
        """The totals."""
        if not self._wanted:
            return
        facts = summary.to_json()
        table = Table(show_header=False, box=None, pad_edge=False)
        table.add_row("webhooks", _listed(facts["webhooks"]))
        table.add_row("actions", _listed(facts["actions"]))
        forum = facts["forum"]
        asked = f"{forum['requests']}, at most {forum['most_in_any_second']} in any second (3 are allowed)"
        table.add_row("requests to the forum", f"{asked}, {forum['refused_by_rate_limit']} refused by its limit")
        table.add_row("forum as the story says", "yes" if forum["state_as_expected"] else "NO")
        table.add_row("time", f"{facts['seconds']} s")
        self._console.print(table)


def _because(matched: dict[str, Any]) -> str:
    """Why a rule matched, in a line: what its checks found."""
    reasons = [_reason(check) for check in matched["checks"] if check["verdict"] is True]
    return "; ".join(dict.fromkeys(reasons)) or "it matched"


def _reason(check: dict[str, Any]) -> str:
    """The check's own sentence, and what it looked at where it found nothing there."""
    looked_at = check["looked_at"] if check["found"] is None else None
    return _shorten(f"{check['why']}: {looked_at}" if looked_at else check["why"])


def _action(action: dict[str, Any]) -> str:
    target = action["target"]
    where = "" if target["kind"] == "forum" else f" {target['kind']} {target['id']}"
    options = ", ".join(f"{_shorten(str(value))}" for name, value in action["options"].items() if name != "body")
    return f"{action['action']}{where}{f' ({options})' if options else ''}"


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)

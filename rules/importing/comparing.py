"""Where rules that load still come out differently than on Reddit: who is exempt, and which of several rules counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rules.importing.draft import Draft
from rules.importing.notes import Report
from rules.rule import Rule
from rules.subject import NOBODY

TEXTS = frozenset({"reply", "message", "notify_moderators"})
MOST_LINES = 5


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule that loads, its draft, its number in the report, and what it does to the item itself."""

    rule: Rule
    draft: Draft
    number: int
    words: frozenset[str]

    def meets(self, other: Placed) -> bool:
        """Whether one item may be of both rules' types."""
        return bool(set(self.rule.types) & set(other.rule.types))


def compare_exemption(placed: Placed, report: Report) -> None:
    """Say whether moderators are exempt here and not on Reddit, where removals and reports pass them over, or v.v."""
    rule, draft = placed.rule, placed.draft
    written = rule.moderators_exempt
    there = draft.exempts_moderators if written is None else written
    here = rule.exempts_moderators(NOBODY)
    if here and not there:
        done = ", ".join(sorted({step.action.word for step in rule.steps if step.action.restricts}))
        meaning = f"moderators are exempt from this rule, as from all that {done}; on Reddit they are not"
        report.changed(draft.line, draft.name, meaning, "moderators_exempt: false")
    if there and not here:
        meaning = "this rule acts on moderators, for it asks for them; on Reddit it never ran: they are exempt from it"
        report.changed(draft.line, draft.name, meaning, "moderators_exempt: true")


def compare_order(rules: list[Placed], report: Report) -> None:
    """Say where one order of all rules gives another result than Reddit's, which runs one removal before all else."""
    removals = [one for one in rules if one.draft.of_removal]
    approvals = [one for one in rules if "approve" in one.words]
    for one in approvals:
        beaten = [other for other in removals if other.rule.priority < one.rule.priority and one.meets(other)]
        if beaten:
            meaning = f"by its priority it wins over {_lines(beaten)}; on Reddit a removal always wins"
            _add(one, report, meaning, "a priority that is not higher than theirs")
    for place, one in enumerate(removals):
        if "hold" in one.words:
            stronger = list(_stronger(one, removals[place + 1 :]))
            if stronger:
                who = _lines(stronger)
                meaning = f"what this rule holds is deleted by {who}, if both match; on Reddit the first alone runs"
                _add(one, report, meaning, f"priority: {one.rule.priority + 1}")
    _compare_texts(removals, report)


def _stronger(one: Placed, later: list[Placed]) -> Iterator[Placed]:
    for other in later:
        if "delete" in other.words and other.rule.priority == one.rule.priority and one.meets(other):
            yield other


def _compare_texts(removals: list[Placed], report: Report) -> None:
    telling = [one for one in removals if TEXTS & {step.action.word for step in one.rule.steps}]
    first = next((one for one in telling if any(other is not one and one.meets(other) for other in removals)), None)
    if first:
        meaning = "all removals that match run, and their texts are joined; on Reddit the first of them alone runs"
        report.once(first.draft.line, first.draft.name, meaning, "stop: true ends the search at a rule, all others too")


def _add(placed: Placed, report: Report, meaning: str, remedy: str) -> None:
    report.rule = placed.number
    report.changed(placed.draft.line, placed.draft.name, meaning, remedy)


def _lines(rules: list[Placed]) -> str:
    shown = ", ".join(str(one.draft.line) for one in rules[:MOST_LINES])
    more = f" and {len(rules) - MOST_LINES} more" if len(rules) > MOST_LINES else ""
    return f"the rule{'s' if len(rules) > 1 else ''} in line{'s' if len(rules) > 1 else ''} {shown}{more}"

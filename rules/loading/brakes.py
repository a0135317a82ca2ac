"""What holds a rule back: its `mode:`, and its `limit:`, the brake that drops it to hold when it acts too often.

Imported by the readers of rules and of settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rules.loading.counters import read_seconds
from rules.loading.faults import Faults
from rules.loading.nodes import Node, Scalar
from rules.loading.parts import Parts
from rules.mode import Mode
from rules.quantities import DAY
from rules.rule import USUAL_LIMIT, Limit, Step

MOST_EVENTS = 100_000
"""What one brake counts at most: each event is an entry in Redis."""

LONGEST_SECONDS = 30 * DAY

_LIMIT = re.compile(r"(?P<most>\d{1,9})\s+per\s+(?P<span>\S.*)")
_EXAMPLE = "limit: 20 per hour, limit: 5 per 10 minutes or limit: none"


def read_limit(parts: Parts, steps: Iterable[Step], faults: Faults) -> Limit | None:
    """The rule's brake: as written, else the usual one where its `steps` delete or change groups."""
    node = parts.get("limit")
    if node is None:
        return USUAL_LIMIT if any(is_braked(step) for step in steps) else None
    written = node.value.strip() if isinstance(node, Scalar) else ""
    if written == "none":
        return None
    match = _LIMIT.fullmatch(written)
    if not match or not 0 < int(match["most"]) <= MOST_EVENTS:
        message = f"a limit is a number of events, 1 to {MOST_EVENTS:,}, per a span of time"
        faults.error("limit", node, message, _EXAMPLE)
        return None
    span = _span(node, match["span"], faults)
    return None if span is None else Limit(int(match["most"]), span, written)


def is_braked(step: Step) -> bool:
    """Whether an action calls for a brake by itself: it deletes, or changes groups."""
    return step.action.word == "delete" or step.action.slot == "group"


def _span(node: Node, written: str, faults: Faults) -> float | None:
    amount = written if written[0].isdigit() else f"1 {written}"
    place = Scalar(file=node.file, line=node.line, column=node.column, value=amount)
    return read_seconds(place, "limit", LONGEST_SECONDS, "a brake looks back 30 days at most", faults)


def read_mode(node: Node, faults: Faults, modes: Iterable[Mode] = Mode) -> Mode:
    """The mode that a rule or the settings name, one of `modes`."""
    if isinstance(node, Scalar) and node.value in list(modes):
        return Mode(node.value)
    faults.unknown("mode", node, "mode", node.written, list(modes))
    return Mode.LIVE

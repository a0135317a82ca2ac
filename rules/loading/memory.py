"""What else of a rule rests on the state: how often its texts are sent, which events it is for, its ladders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rules.actions.table import ACTIONS
from rules.conditions.checks import Check
from rules.conditions.counting import Counting
from rules.conditions.points import Points, Tally
from rules.fields.keys import SCOPES
from rules.loading.checks import TYPE_NAMES
from rules.loading.counters import CounterReader, read_seconds, refuse_word
from rules.loading.faults import Faults
from rules.loading.nodes import Node, Scalar
from rules.loading.parts import Parts
from rules.loading.steps import StepReader
from rules.quantities import UNITS
from rules.rule import DEFAULT_EVENTS, DEFAULT_USER_EVENTS, Once, Rung, Step
from rules.settling import TEXT_SLOTS
from rules.state.windows import FOREVER_SECONDS
from rules.subject import GROUP_CHANGED

_ONCE = re.compile(r"per\s+(?P<per>\S+)(?:\s+(?P<span>\S.*))?")
_WHY = f"what was sent is remembered for {FOREVER_SECONDS / UNITS['day']:g} days"


def read_once(parts: Parts, types: str, faults: Faults) -> Once | None:
    """The `once:` or the `cooldown:` of a rule."""
    once, cooldown = parts.get("once"), parts.get("cooldown")
    if once is not None and cooldown is not None:
        message = "`cooldown` is `once: per site` with a span, and a rule has one of them"
        faults.error("duplicate-key", cooldown, message, "keep one")
    if once is not None:
        return _once(once, types, faults)
    span = None if cooldown is None else read_seconds(cooldown, "cooldown", FOREVER_SECONDS, _WHY, faults)
    return None if span is None else Once("site", span)


def _once(node: Node, types: str, faults: Faults) -> Once | None:
    match = _ONCE.fullmatch(node.value.strip()) if isinstance(node, Scalar) else None
    if not match:
        faults.error("once", node, "once says for what, and if not for ever, how long", "once: per author 1 day")
        return None
    per, written = match["per"], match["span"]
    if per not in SCOPES:
        refuse_word(node, "per", per, SCOPES, faults)
        return None
    lacking = [TYPE_NAMES[kind] for kind in types if kind not in SCOPES[per].types]
    if lacking:
        faults.error("wrong-type", node, f"{lacking[0]} have no {per}", "once: per author")
    if written is None:
        return Once(per)
    place = Scalar(file=node.file, line=node.line, column=node.column, value=written)
    span = read_seconds(place, "once", FOREVER_SECONDS, _WHY, faults)
    return None if span is None else Once(per, span)


def warn_of_idle_once(parts: Parts, steps: Sequence[Step], faults: Faults) -> None:
    """Warn of a `once:` or `cooldown:` that holds nothing back."""
    if any(step.action.slot in TEXT_SLOTS for step in steps):
        return
    for word in ("once", "cooldown"):
        if word in parts.keys:
            message = f"`{word}` holds back texts alone, and the rule sends none"
            texts = ", ".join(action for action, spec in ACTIONS.items() if spec.slot in TEXT_SLOTS)
            faults.warn("idle", parts.keys[word][0], message, f"add one of {texts}, or delete the line")


def counting_of(check: Check) -> list[Counting]:
    """Every count and duplicate inside a check."""
    return [leaf for leaf in check.everything() if isinstance(leaf, Counting)]


def usual_events(types: str, check: Check) -> frozenset[str]:
    """The events of a rule that names none: what sets off its counts, so that an edit sets off no flood rule."""
    if types == "U":
        return DEFAULT_USER_EVENTS
    triggers = {leaf.window.of.trigger for leaf in counting_of(check)}
    return frozenset("created" if one == "joined" else one for one in triggers) or DEFAULT_EVENTS


def types_of_events(events: frozenset[str]) -> str:
    """The item types that events speak of: posts, unless all are of users or of conversations."""
    if events and all(event in ("joined", GROUP_CHANGED) or event.startswith("user.") for event in events):
        return "U"
    if events and all(event.startswith(("conversation.", "message.")) for event in events):
        return "C"
    return "TR"


def usual_types(events: frozenset[str], check: Check) -> str:
    """The item types of a rule that names none: of those that its events speak of, what all its counts count."""
    base, windows = types_of_events(events), [leaf.window for leaf in counting_of(check)]
    counted = "".join(kind for kind in "TRCU" if all(kind in window.of.types for window in windows))
    narrowed = "".join(kind for kind in base if kind in counted)
    return narrowed or (base if events or not counted else counted)


def tallies_of(check: Check, quoted: dict[str, Tally]) -> tuple[Tally, ...]:
    """The counters that a rule reads: in its checks, and `quoted` in its texts."""
    asked = {tally.name: tally for leaf in check.everything() if isinstance(leaf, Points) for tally, _ in leaf.tests}
    return tuple({**asked, **quoted}.values())


def read_ladders(
    steps: Sequence[Step], reader: StepReader, counters: CounterReader
) -> Iterator[tuple[str, tuple[Rung, ...]]]:
    """The ladder of each counter that the steps award, read as if the rule itself held its actions."""
    for name in dict.fromkeys(step.tally.name for step in steps if step.tally):
        rungs = []
        for at, then in counters.ladder(name):
            on_ladder = replace(reader, on_ladder=True, subject=None, opened=0)
            rungs.append(Rung(at, tuple(on_ladder.read_then(then))))
        yield name, tuple(rungs)

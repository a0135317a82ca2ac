"""When a rule is asked: its `type:` and `event:`, and whether such events ever come. Read by `loading.rules` alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from rules.loading.checks import TYPE_NAMES
from rules.loading.faults import Faults, closest
from rules.loading.library import Library, Word
from rules.loading.nodes import Node, Scalar
from rules.loading.parts import Parts
from rules.subject import GROUP_CHANGED, TRIGGER_OF, TRIGGERS

TYPES = {"topic": "T", "reply": "R", "post": "TR", "conversation": "C", "user": "U"}
TYPE_SYNONYMS = {"submission": "T", "comment": "R", "any": "TR"}
EVENTS = (
    *("topic.created", "topic.updated", "topic.deleted", "post.created", "post.updated", "post.approved"),
    *("post.deleted", "user.created", "user.approved", "user.updated", "user.deleted"),
    *("conversation.created", "message.created"),
)
"""The events of event.md by name; a platform may have others."""

_FULL_NAME = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")
_TYPES_OF = {"topic": "TR", "post": "TR", "user": "U", "conversation": "C", "message": "C"}


@dataclass(frozen=True, slots=True)
class Reach:
    """What a platform can do and sends: action words and full names of events; None where that is not asked.

    `lacks` are the item types that a word cannot be done to there, as letters.
    """

    actions: frozenset[str] | None = None
    events: frozenset[str] | None = None
    platform: str | None = None
    lacks: Mapping[str, str] = field(default_factory=dict)

    @property
    def called(self) -> str:
        """The platform's name in faults."""
        return self.platform or "this forum's platform"


def read_types(parts: Parts, faults: Faults) -> str:
    """The item types that a rule names, "" where it names none."""
    node = parts.get("type")
    known = {**TYPES, **TYPE_SYNONYMS}
    if node is None:
        return ""
    if not isinstance(node, Scalar):
        remedy = "`post` is topics and replies; for others write two rules"
        faults.error("type", node, f"`type` is one of {', '.join(TYPES)}", remedy)
    elif node.value in known:
        return known[node.value]
    elif node.value.endswith(" submission"):
        faults.error("type", node, f"topics are not told apart as {node.value!r}", 'type: topic, and link_count: "> 0"')
    else:
        faults.unknown("type", node, "type", node.value, TYPES)
    return ""


def read_events(parts: Parts, library: Library) -> tuple[Word, ...]:
    """The words of a rule's `event:`."""
    node = parts.get("event")
    words = () if node is None else library.words(node)
    for word in words:
        if word.text not in TRIGGERS and not _FULL_NAME.fullmatch(word.text):
            library.faults.unknown("event", word.place, "event", word.text, TRIGGERS)
        elif word.text not in TRIGGERS and word.text not in EVENTS and closest(word.text, EVENTS):
            near = closest(word.text, EVENTS)
            told = f"{word.text!r} is no event that is known here, and matches only what a platform calls so"
            library.faults.warn("event", word.place, told, f"did you mean {near!r}?")
    return words


@dataclass(frozen=True, slots=True)
class Occasion:
    """The events and item types of the rule in `node`; `words` are the events that it names itself."""

    node: Node
    words: tuple[Word, ...]
    events: Collection[str]
    types: str


def question_events(occasion: Occasion, faults: Faults) -> None:
    """Refuse a rule whose events never happen to its items; warn of single words."""
    for word in occasion.words:
        if not _may_concern(word.text, occasion.types):
            what = " and ".join(TYPE_NAMES[kind] for kind in occasion.types)
            report = faults.warn if _fitting(occasion.events, occasion.types) else faults.error
            remedy = f"it can be {', '.join(_fitting(TRIGGERS, occasion.types))}"
            report("never", word.place, f"`{word.text}` never happens to {what}", remedy)


def question_reach(occasion: Occasion, reach: Reach, faults: Faults) -> None:
    """Refuse a rule whose events the platform never sends; warn of single words."""
    fitting = _fitting(occasion.events, occasion.types)
    come = {event for event in fitting if _comes(event, occasion.types, reach)}
    if reach.events is None or not fitting:
        return
    remedy = f"it sends {', '.join(sorted(reach.events))}"
    lost = [word for word in occasion.words if word.text in fitting and word.text not in come]
    if not come:
        told = " or ".join(f"`{event}`" for event in fitting)
        what = " and ".join(TYPE_NAMES[kind] for kind in occasion.types)
        place = lost[0].place if lost else occasion.node
        faults.error("unsupported", place, f"{reach.called} never sends {told} of {what}", remedy)
    for word in lost if come else ():
        faults.warn("unsupported", word.place, f"{reach.called} never sends `{word.text}` of these items", remedy)


def _may_concern(event: str, types: str) -> bool:
    return bool(set(_types_of(event)) & set(types))


def _types_of(event: str) -> str:
    """The item types that an event may be about: of a trigger, those of every event that it stands for."""
    if event == GROUP_CHANGED:
        return "U"
    names = [name for name, trigger in TRIGGER_OF.items() if trigger == event] or [event]
    return "".join(_TYPES_OF.get(name.partition(".")[0], "TRCU") for name in names)


def _comes(event: str, types: str, reach: Reach) -> bool:
    """Whether the platform sends it of such items."""
    names: Iterable[str] = reach.events or ()
    words = {name: {name, TRIGGER_OF.get(name), GROUP_CHANGED if name == "user.updated" else None} for name in names}
    return any(event in words[name] and _may_concern(name, types) for name in names)


def _fitting(events: Iterable[str], types: str) -> list[str]:
    return sorted(event for event in events if _may_concern(event, types))

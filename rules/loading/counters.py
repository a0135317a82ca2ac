"""The `counters:` of a folder: what each is kept by, when its points die, and its ladder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from rules.conditions.points import Tally
from rules.fields.keys import KEYS
from rules.loading.faults import Faults, Place, closest, quote
from rules.loading.library import Library
from rules.loading.nodes import Mapping as MappingNode
from rules.loading.nodes import Node, Scalar, Sequence
from rules.quantities import UNITS, QuantityError, read_span
from rules.state.windows import FOREVER_SECONDS

MOST_RUNGS = 20
MOST_POINTS = 1_000_000
"""The most that one award gives or takes, and that a rung stands at."""

_EXAMPLE = "strikes: {per: author, expires: 30 days, ladder: [{at: 3, then: [{add_to_group: Muted}]}]}"


def read_words(node: Node, word: str, known: Mapping[str, object], library: Library) -> tuple[str, ...]:
    """The words of a `by:` or `per:`, in the order of `known`; those that are none are recorded and left out."""
    found = library.words(node)
    for one in found:
        if one.text not in known:
            refuse_word(one.place, word, one.text, known, library.faults)
    texts = {one.text for one in found}
    return tuple(one for one in known if one in texts)


def refuse_word(place: Place, word: str, written: str, known: Iterable[str], faults: Faults) -> None:
    """Record a word that is none of the few that may stand there."""
    near = closest(written, known)
    remedy = f"did you mean {near!r}?" if near else f"it is one of {', '.join(known)}"
    faults.error(f"unknown-{word}", place, f"there is no `{word}` called {quote(written) or '(empty)'!r}", remedy)


def read_seconds(node: Node, what: str, most: float, why: str, faults: Faults) -> float | None:
    """The seconds of a span that is at most `most`; None after recording what is wrong."""
    try:
        seconds = read_span(node.value if isinstance(node, Scalar) else "")
    except QuantityError as error:
        faults.error("span", node, f"{what}: {error}", error.suggestion)
        return None
    if not 0 < seconds <= most:
        fitting = f"at most {most / UNITS['day']:g} days"
        told = f"{what} is {node.written}, and {why}" if seconds else f"{what} holds nothing"
        faults.error("too-long" if seconds else "never", node, told, f"{what}: {fitting}")
        return None
    return seconds


@dataclass(slots=True)
class CounterReader:
    """Reads counters as rules ask for them, each once."""

    faults: Faults
    library: Library
    found: dict[str, Tally | None] = field(default_factory=dict)
    awarded: set[str] = field(default_factory=set)

    @property
    def names(self) -> Iterable[str]:
        """Every counter there is."""
        return self.library.shelves["counters"]

    def tally(self, name: str, place: Place) -> Tally | None:
        """The counter of that name; None after recording that there is none, or what is wrong with it."""
        if name not in self.names:
            self.faults.error("unknown-counter", place, f"there is no counter {name!r}", self.suggestion(name))
            return None
        node = self.library.find("counters", name, place)
        if node is not None and name not in self.found:
            self.found[name] = self._read(name, node)
        return self.found.get(name)

    def report_idle(self) -> None:
        """Warn of every counter that rules ask for and none awards."""
        for name in self.found.keys() - self.awarded:
            place = self.library.shelves["counters"][name][0]
            message = f"no rule awards points to {name!r}: it is always 0"
            self.faults.warn("idle", place, message, f"add_points: {{{name}: 1}}")

    def suggestion(self, name: str) -> str:
        """What to write for a name that no counter has."""
        near = closest(name, self.names)
        return f"did you mean {near!r}?" if near else f"counters: {{{_EXAMPLE}}}"

    def _read(self, name: str, node: Node) -> Tally | None:
        if not isinstance(node, MappingNode) or node.get("per") is None:
            self.faults.error("counter", node, f"the counter {name!r} does not say what it is kept by", _EXAMPLE)
            return None
        for key, _ in node.entries:
            if key.value not in ("per", "expires", "ladder"):
                self.faults.unknown("unknown-key", key, "key of a counter", key.value, ("per", "expires", "ladder"))
        per, expires = node.get("per"), node.get("expires")
        assert per is not None
        words = read_words(per, "per", KEYS, self.library)
        why = f"points are kept for {FOREVER_SECONDS / UNITS['day']:g} days"
        seconds = None if expires is None else read_seconds(expires, "expires", FOREVER_SECONDS, why, self.faults)
        return Tally(name, words, seconds) if words else None

    def ladder(self, name: str) -> list[tuple[int, Node]]:
        """The rungs of a counter that was found: where each stands, and its actions."""
        definition = self.library.shelves["counters"][name][1]
        node = definition.get("ladder") if isinstance(definition, MappingNode) else None
        if node is None:
            return []
        if not isinstance(node, Sequence) or not 0 < len(node.items) <= MOST_RUNGS:
            self.faults.error("shape", node, f"a ladder is a list of 1 to {MOST_RUNGS} rungs", "[{at: 3, then: [...]}]")
            return []
        rungs = [rung for item in node.items if (rung := self._rung(item))]
        for (lower, _), (at, then) in pairwise(rungs):
            if at <= lower:
                message = f"the rung at {at} stands after the one at {lower}"
                self.faults.error("ladder", then, message, "put the rungs in order, each higher than the one before")
        return rungs

    def _rung(self, node: Node) -> tuple[int, Node] | None:
        at = node.get("at") if isinstance(node, MappingNode) else None
        then = node.get("then") if isinstance(node, MappingNode) else None
        if not isinstance(node, MappingNode) or at is None or then is None or len(node.entries) != 2:  # noqa: PLR2004
            self.faults.error("shape", node, "a rung says at how many points, and what then", "{at: 3, then: [...]}")
            return None
        points = whole_number(at)
        if points is None or points < 1:
            self.faults.error("value", at, f"a rung stands at a whole number from 1 to {MOST_POINTS:,}", "at: 3")
            return None
        return points, then


def whole_number(node: Node) -> int | None:
    """A whole number of points; None if it is none, or out of all proportion."""
    text = node.value if isinstance(node, Scalar) else ""
    found = int(text) if re.fullmatch(r"-?\d{1,7}", text) else None
    return found if found is not None and abs(found) <= MOST_POINTS else None

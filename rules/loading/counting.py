"""Checks of the state: `count`, `duplicate` and `points`, from their mappings to compiled checks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.conditions.checks import Check
from rules.conditions.counting import OF, TEXTS, Count, Counting, Duplicate, Of, Window
from rules.conditions.logic import Every
from rules.conditions.points import Points, Tally
from rules.fields.keys import DISTINCT, KEYS
from rules.loading.counters import CounterReader, read_seconds, read_words, refuse_word
from rules.loading.faults import Faults
from rules.loading.keys import Key
from rules.loading.leaves import origin_of
from rules.loading.nodes import Mapping as MappingNode
from rules.loading.nodes import Node, Scalar, plain
from rules.quantities import UNITS, Comparison, Measure, QuantityError, read_comparison
from rules.state.windows import EXACT, MOST_MEMBERS, MOST_TEXTS, RETENTION_SECONDS, digest

if TYPE_CHECKING:
    from rules.loading.checks import CheckReader

STATE = ("count", "duplicate", "points")
SHORTEST_TEXT = 20
NEEDED = ("of", "by", "within", "is")
KNOWN = {
    "count": (*NEEDED, "distinct", "where", "kept"),
    "duplicate": (*NEEDED, "similar", "min_length", "where", "kept"),
}
EXAMPLES = {
    "count": '{of: post, by: author, within: 10 minutes, is: ">= 5"}',
    "duplicate": '{of: body, by: site, within: 1 day, is: ">= 3", similar: 90%}',
    "points": '{strikes: ">= 2"}',
}
ITEM_NAMES = {"T": "topic", "R": "reply", "C": "message", "U": "user"}


@dataclass(slots=True)
class CountReader:
    """Reads the checks of the state for a reader of checks."""

    checks: CheckReader
    counters: CounterReader

    @property
    def faults(self) -> Faults:
        """Where faults go."""
        return self.checks.faults

    def read(self, key: Key, node: Node) -> Counting | Points | None:
        """The check under `count`, `duplicate` or `points`; None after recording what is wrong."""
        word = key.spelled
        if key.negated or key.modifiers:
            self.faults.error("modifiers", key.node, f"`{word}` takes neither ~ nor modifiers", "turn `is` round")
        elif not isinstance(node, MappingNode) or not node.entries:
            self.faults.error("shape", node, f"`{word}` takes a mapping", f"{word}: {EXAMPLES[word]}")
        else:
            return self._points(key, node) if word == "points" else self._counting(key, node)
        return None

    def _counting(self, key: Key, node: MappingNode) -> Counting | None:
        word, before = key.spelled, self.faults.failures
        for name, _ in node.entries:
            if name.value not in KNOWN[word]:
                self.faults.unknown("unknown-key", name, f"word of `{word}` called", name.value, KNOWN[word])
        lacking = [name for name in NEEDED if node.get(name) is None]
        if lacking:
            remedy = f"{word}: {EXAMPLES[word]}"
            self.faults.error("count", key.node, f"`{word}` needs {', '.join(lacking)}", remedy)
            return None
        found = self._read(key, node)
        return found if self.faults.failures == before else None

    def _read(self, key: Key, node: MappingNode) -> Counting | None:
        of, by = self._of(key.spelled, node), read_words(_part(node, "by"), "by", KEYS, self.checks.leaves.library)
        similar, distinct = self._similar(node), self._distinct(of, node)
        comparison = self._comparison(of, similar, node)
        if of is None or comparison is None or not by:
            return None
        self._refuse_stray(of, by, node)
        window = self._window(key.spelled, of, by, node)
        if window is None:
            return None
        origin = origin_of(key, node, "")
        if key.spelled == "count":
            return Count(origin, window, comparison, distinct)
        return Duplicate(origin, window, comparison, similar, self._min_length(node))

    def _of(self, word: str, node: MappingNode) -> Of | None:
        known, written = OF if word == "count" else TEXTS, _part(node, "of")
        found = known.get(written.value) if isinstance(written, Scalar) else None
        if found is None:
            refuse_word(written, "of", written.written, known, self.faults)
        return found

    def _refuse_stray(self, of: Of, by: tuple[str, ...], node: MappingNode) -> None:
        stray = [word for word in by if not set(KEYS[word].types) & set(of.types)]
        if stray:
            message = f"a {ITEM_NAMES[of.types[0]]} has no {stray[0]}: nothing would ever be counted"
            self.faults.error("never", _part(node, "by"), message, "by: author")

    def _window(self, word: str, of: Of, by: tuple[str, ...], node: MappingNode) -> Window | None:
        why = f"events are kept for {RETENTION_SECONDS / UNITS['day']:g} days"
        within = read_seconds(_part(node, "within"), "within", RETENTION_SECONDS, why, self.faults)
        where = self._where(of, node)
        if within is None:
            return None
        id_ = digest(
            word, json.dumps([by, within, self.checks.leaves.no_quotes, _what_is_counted(node)], sort_keys=True)
        )
        return Window(id_, _part(node, "of").written, of, by, within, where, self._yes(node, "kept"))

    def _where(self, of: Of, node: MappingNode) -> Check | None:
        written = node.get("where")
        if written is None:
            return None
        posted = "".join(kind for kind in of.types if kind in "TR") or of.types
        checks = tuple(self.checks.for_types(posted).read_all(written))
        if any(isinstance(leaf, Counting | Points) for check in checks for leaf in check.everything()):
            self.faults.error("where", written, "what is counted cannot depend on counts", "take it out of where:")
        return Every(checks)

    def _distinct(self, of: Of | None, node: MappingNode) -> str | None:
        written = node.get("distinct")
        if written is None or of is None:
            return None
        if not isinstance(written, Scalar) or written.value not in DISTINCT:
            refuse_word(written, "distinct", written.written, DISTINCT, self.faults)
            return None
        if not set(DISTINCT[written.value].types) & set(of.types):
            fitting = ", ".join(word for word, key in DISTINCT.items() if set(key.types) & set(of.types))
            message = f"`distinct: {written.value}` cannot be told of a {ITEM_NAMES[of.types[0]]}"
            self.faults.error("distinct", written, message, f"it can be {fitting}")
        return written.value

    def _comparison(self, of: Of | None, similar: float, node: MappingNode) -> Comparison | None:
        comparison = self._compared(_part(node, "is"), "is")
        if comparison and of:
            most = MOST_MEMBERS if similar >= EXACT else MOST_TEXTS
            self._question(comparison, of, most, node)
        return comparison

    def _question(self, comparison: Comparison, of: Of, most: int, node: MappingNode) -> None:
        """Warn of a number that is always or never reached; what counts itself finds one at least."""
        itself = of.measure is None and node.get("where") is None and set(self.checks.types) <= set(of.types)
        written = _part(node, "is")
        if comparison.never_holds(1 if itself else 0, most):
            remedy = f"a window holds {most:,} at most" if comparison.low >= most else 'is: ">= 5"'
            self.faults.warn("never", written, f"the count is never {written.written}", remedy)
        elif comparison.always_holds(1 if itself else 0, most):
            told = ": the present event counts too" if itself else ""
            self.faults.warn("always", written, f"the count is always {written.written}{told}", 'is: ">= 5"')

    def _compared(self, node: Node, what: str) -> Comparison | None:
        try:
            return read_comparison(node.value if isinstance(node, Scalar) else "", Measure.NUMBER)
        except QuantityError as error:
            self.faults.error("quantity", node, f"{what}: {error}", error.suggestion)
            return None

    def _similar(self, node: MappingNode) -> float:
        written = node.get("similar")
        if written is None:
            return EXACT
        try:
            share = read_comparison(written.written, Measure.SHARE)
        except QuantityError:
            share = Comparison("=", 0, 0)
        if share.operator != "=" or not 0 < share.low <= EXACT:
            self.faults.error("share", written, "similar is a share above 0% and up to 100%", "similar: 90%")
            return EXACT
        return share.low

    def _min_length(self, node: MappingNode) -> int:
        written = node.get("min_length")
        if written is None:
            return SHORTEST_TEXT
        if not written.written.isdecimal() or not int(written.written[:9]):
            self.faults.error("value", written, "min_length is a whole number of characters, from 1", "min_length: 20")
            return SHORTEST_TEXT
        return int(written.written[:9])

    def _yes(self, node: MappingNode, name: str) -> bool:
        written = node.get(name)
        truth = written.truth if isinstance(written, Scalar) else None
        if written is not None and truth is None:
            self.faults.error("yes-no", written, f"{name} is true or false, without quotes", f"{name}: true")
        return bool(truth)

    def _points(self, key: Key, node: MappingNode) -> Points | None:
        tests: list[tuple[Tally, Comparison]] = []
        for name, written in node.entries:
            tally = self.counters.tally(name.value, name)
            comparison = self._compared(written, f"points.{name.value}")
            if tally and comparison:
                tests.append((tally, comparison))
        return Points(origin_of(key, node, ""), tuple(tests)) if len(tests) == len(node.entries) else None


def _part(node: MappingNode, name: str) -> Node:
    found = node.get(name)
    assert found is not None
    return found


def _what_is_counted(node: MappingNode) -> Mapping[str, object]:
    """The parts of the mapping that tell one window from another, beside its keys and its length."""
    return {name.value: plain(value) for name, value in node.entries if name.value not in ("is", "by", "within")}

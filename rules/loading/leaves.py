"""Checks of one field, or of several joined ones: from a key and its value to a compiled check."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from rules.conditions.checks import DAYS, Check, Clock, Origin, Presence, Quantity, YesNo
from rules.conditions.matching import Matching, Part
from rules.conditions.patterns import Pattern
from rules.fields.kinds import Field, Kind
from rules.loading.doubts import question_number
from rules.loading.faults import Faults
from rules.loading.keys import Key
from rules.loading.library import Library
from rules.loading.nodes import Mapping, Node, Scalar, Sequence
from rules.loading.values import Reading, Values, build_pattern, read_modifiers, read_values
from rules.quantities import Comparison, Measure, QuantityError, read_comparison
from rules.text.match import Matcher

LONGEST_WRITTEN = 160
AT_LEAST_ON_REDDIT = "reports"
"""A bare number there means "at least" in AutoModerator."""

_PLURAL = {
    **{kind: f"{kind}s" for kind in Kind},
    Kind.YES_NO: "what is true or false",
    Kind.DAYS: "days",
    Kind.HOURS: "hours",
}
_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)")


def spelled(node: Node, room: int = LONGEST_WRITTEN) -> str:
    """A value in one line, as a trace shows it."""
    if isinstance(node, Scalar):
        return node.value[:room]
    if isinstance(node, Sequence):
        return f"[{_joined((spelled(item, room // 2) for item in node.items[:9]), room)}]"
    assert isinstance(node, Mapping)
    parts = (f"{key.value[:room]}: {spelled(value, room // 2)}" for key, value in node.entries[:9])
    return f"{{{_joined(parts, room)}}}"


def _joined(parts: Iterable[str], room: int) -> str:
    text = ", ".join(parts)
    return text if len(text) <= room else text[:room] + "…"


def origin_of(key: Key, node: Node, prefix: str) -> Origin:
    """Where a check came from; its written form has the prefix it stood under."""
    path = f"{prefix}.{key.node.value}" if prefix else key.node.value
    beside = f"{prefix}.{key.spelled}" if prefix and not key.label else None
    return Origin(f"{path}: {spelled(node)}", key.called, key.node.line, beside)


@dataclass(frozen=True, slots=True)
class LeafReader:
    """Reads checks of fields. `no_quotes` leaves quotes out of every text check."""

    faults: Faults
    library: Library
    timezone: ZoneInfo
    no_quotes: bool = False

    def read(self, key: Key, fields: tuple[Field, ...], node: Node, prefix: str) -> Check | None:
        """The check of `fields`; None after recording what is wrong."""
        origin = origin_of(key, node, prefix)
        if all(field.kind.matched for field in fields):
            return self._matching(key, fields, node, origin)
        field = fields[0]
        if len(fields) > 1:
            self.faults.error("join", key.node, "only texts, names and lists can be joined with +", "use any:")
            return None
        if key.negated or key.modifiers:
            remedy = "turn the value round, or use none:"
            self.faults.error("modifiers", key.node, f"~ and modifiers say nothing about {_PLURAL[field.kind]}", remedy)
            return None
        return self._plain(field, node, origin)

    def _plain(self, field: Field, node: Node, origin: Origin) -> Check | None:
        if field.kind is Kind.YES_NO:
            return self._yes_no(field, node, origin)
        if field.kind is Kind.DAYS:
            return self._days(node, origin)
        if field.kind is Kind.HOURS:
            return self._hours(node, origin)
        return self._quantity(field, node, origin)

    def _matching(self, key: Key, fields: tuple[Field, ...], node: Node, origin: Origin) -> Check | None:
        how = read_modifiers(key, self.faults, no_quotes=self.no_quotes)
        self._refuse_idle_modifiers(key, fields, how)
        before = len(self.faults.found)
        values = read_values(node, self.library, want_all="all" in how.flags)
        if not values.words:
            if len(self.faults.found) == before:
                self.faults.error("empty", node, "the check has no value and would check nothing", "name a value")
            return None
        parts = tuple(part for field in fields for part in self._parts(field, values, how))
        sought = frozenset(word.text for word in values.words)
        return Matching(
            origin,
            parts,
            wanted=values.wanted or len(sought),
            negated=key.negated,
            quotable=frozenset(group for part in parts for group in _groups_of(part.pattern)),
            values=sought,
            cost=3 if "regex" in how.flags else 2,
        )

    def _refuse_idle_modifiers(self, key: Key, fields: tuple[Field, ...], how: Reading) -> None:
        kinds = {field.kind for field in fields}
        idle = set(key.modifiers) - {"all"}
        if Kind.ADDRESS in kinds and idle:
            self.faults.error(
                "modifiers", key.node, "addresses are matched by network, without modifiers", "192.0.2.0/24"
            )
        elif Kind.DOMAIN in kinds and how.method is None and idle - {"regex", "wildcard"}:
            remedy = "name a method too, as (full-exact, fold)"
            self.faults.error("modifiers", key.node, "this modifier needs a method to mean anything on hosts", remedy)

    def _parts(self, field: Field, values: Values, how: Reading) -> list[Part]:
        if field.by_id is None:
            return [Part(field, build_pattern(field, values.words, values.excepted, how, self.faults))]
        split = {
            field.by_id: [word for word in values.words if word.is_id],
            field: [word for word in values.words if not word.is_id],
        }
        return [
            Part(one, build_pattern(one, words, values.excepted, how, self.faults))
            for one, words in split.items()
            if words
        ]

    def _quantity(self, field: Field, node: Node, origin: Origin) -> Check | None:
        text = self._scalar(node, f'a comparison, as "{_example(field)}"')
        if text is None:
            return None
        if field.bound:
            return self._length(field, node, text, origin)
        try:
            comparison = read_comparison(text, field.kind.measure or Measure.NUMBER)
        except QuantityError as error:
            self.faults.error("quantity", node, f"{field.key}: {error}", error.suggestion)
            return None
        self._question(field, node, comparison, text)
        return Quantity(origin, field, comparison)

    def _question(self, field: Field, node: Node, comparison: Comparison, text: str) -> None:
        if comparison.unitless:
            self.faults.warn("no-unit", node, "an age without a unit is taken as days", f'"{text} days"')
        if field.key == AT_LEAST_ON_REDDIT and text.isdigit():
            remedy = f'write ">= {text}" for at least (as on Reddit), "= {text}" for exactly'
            self.faults.error("ambiguous", node, "a bare number of reports is at least that many on Reddit", remedy)
        question_number(field, node, comparison, text, self.faults)

    def _length(self, field: Field, node: Node, text: str, origin: Origin) -> Check | None:
        if not re.fullmatch(r"\d{1,9}", text):
            remedy = f'50, or use {field.key.rsplit("_", 2)[0]}_length: ">= 50"'
            self.faults.error("quantity", node, f"{field.key} takes a bare whole number", remedy)
            return None
        bound = float(text)
        return Quantity(origin, field, Comparison(">" if field.bound == "longer" else "<", bound, bound))

    def _yes_no(self, field: Field, node: Node, origin: Origin) -> Check | None:
        if isinstance(node, Scalar) and node.truth is not None:
            return YesNo(origin, field, wanted=node.truth)
        self.faults.error("yes-no", node, f"{field.key} is true or false, without quotes", f"{field.key}: true")
        return None

    def _days(self, node: Node, origin: Origin) -> Check | None:
        words = self.library.words(node)
        days = {word.text.lower()[:3] for word in words if word.text.lower()[:3] in DAYS}
        for word in words:
            if word.text.lower()[:3] not in DAYS:
                self.faults.unknown("day", word.place, "day", word.text.lower(), DAYS)
        return Clock(origin, self.timezone, days=frozenset(days)) if days else None

    def _hours(self, node: Node, origin: Origin) -> Check | None:
        text = self._scalar(node, 'hours, as "22:00-06:00"')
        match = _HOURS.fullmatch((text or "").strip())
        if text is not None and match is None:
            self.faults.error("hours", node, "these are no hours of the day", 'write between: "22:00-06:00"')
        if match is None:
            return None
        start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
        if start == end:
            self.faults.error(
                "never", node, "start and end are the same moment", 'write "00:00-24:00" for the whole day'
            )
        return Clock(origin, self.timezone, hours=(start, end))

    def presence(self, key: Key, fields: tuple[Field, ...], node: Node, prefix: str) -> Check:
        """A `missing:`, `has:` or `empty:` check."""
        return Presence(origin_of(key, node, prefix), fields, key.spelled)

    def _scalar(self, node: Node, wanted: str) -> str | None:
        if not isinstance(node, Scalar):
            self.faults.error("value", node, f"here stands {wanted}", "write one value")
            return None
        if node.style in ("|", ">"):
            self.faults.error("unquoted", node, "a value that begins with > or | needs quotes", 'write it as "> 5"')
            return None
        if node.uncurled is not None:
            self.faults.error("curly-quotes", node, "curly quotes become part of the value", f'"{node.uncurled}"')
            return None
        return node.value


def _groups_of(pattern: Pattern) -> frozenset[str]:
    return pattern.groups if isinstance(pattern, Matcher) else frozenset()


def _example(field: Field) -> str:
    return {Kind.AGE: "< 7 days", Kind.SHARE: "> 80%"}.get(field.kind, ">= 5")

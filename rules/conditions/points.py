"""`points`: how many a counter holds, read before the event's own awards (section 7)."""

from __future__ import annotations

from dataclasses import dataclass

from rules.conditions.checks import Leaf, Look, Origin
from rules.conditions.verdict import Verdict, awaiting, every, known
from rules.fields.keys import keys_of, types_of
from rules.quantities import Comparison
from rules.state.counters import Counter
from rules.subject import LIVE, TRIAL, Missing, Subject


@dataclass(frozen=True, slots=True)
class Tally:
    """A counter as `counters:` defines it: what it is kept by, and the seconds after which points die (None: never)."""

    name: str
    per: tuple[str, ...]
    expires: float | None = None

    def counters(self, subject: Subject, lane: str) -> tuple[Counter, ...] | Missing:
        """The counters that the event speaks of, in one lane: one, or one for each link."""
        keys = keys_of(self.per, subject)
        if isinstance(keys, Missing):
            return keys
        return tuple(Counter(f"{lane}:{self.name}", key.values) for key in keys)

    def read_for(self, subject: Subject) -> tuple[Counter, ...]:
        """The counters to ask the state for; none while their keys are not known."""
        lanes = (LIVE, TRIAL) if subject.lane == TRIAL else (LIVE,)
        found = [self.counters(subject, lane) for lane in lanes]
        return tuple(counter for one in found if not isinstance(one, Missing) for counter in one)

    def total(self, subject: Subject) -> int | Missing:
        """The points before the event's own awards, of several keys the most; in shadow, the live ones counted in."""
        live = self._highest(subject, LIVE)
        if isinstance(live, Missing) or subject.lane == LIVE:
            return live
        trial = self._highest(subject, TRIAL)
        return trial if isinstance(trial, Missing) else live + trial

    def _highest(self, subject: Subject, lane: str) -> int | Missing:
        counters = self.counters(subject, lane)
        if isinstance(counters, Missing):
            return counters
        told = subject.told.points if subject.told else {}
        if any(one.id not in told for one in counters):
            return Missing()
        return max((told[one.id] for one in counters), default=0)


@dataclass(frozen=True, slots=True, eq=False)
class Points(Leaf):
    """Totals compared; every one must pass."""

    origin: Origin
    tests: tuple[tuple[Tally, Comparison], ...]
    cost: int = 4

    @property
    def types(self) -> str:  # type: ignore[override]
        """Where the counters' keys exist."""
        return types_of([word for tally, _ in self.tests for word in tally.per])

    def judge(self, subject: Subject) -> Verdict:
        """Whether all of them pass."""
        return every(self._judged(tally, comparison, subject) for tally, comparison in self.tests)

    @staticmethod
    def _judged(tally: Tally, comparison: Comparison, subject: Subject) -> Verdict:
        total = tally.total(subject)
        return awaiting(total.needs) if isinstance(total, Missing) else known(comparison.holds(total))

    def look(self, subject: Subject) -> Look:
        """Each total, and how far off the first that fails."""
        told, off = [], ""
        for tally, comparison in self.tests:
            total = tally.total(subject)
            if isinstance(total, Missing):
                return Look(f"points.{tally.name} is not known" + (" yet" if total.needs else ""))
            told.append(f"points.{tally.name} is {total}")
            if not off and not comparison.holds(total):
                off = f", off by {comparison.off_by(total):g}"
        return Look(", ".join(told) + off, told[0].rpartition(" ")[2])

"""Kleene's three truth values, and which facts an unknown one waits for.

Besides its truth a verdict knows what it may still become: a check on a fact that can be fetched may turn out true or
false; a check on what nobody can tell stays unknown. A rule asks for facts only if they can make it true.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rules.facts import Fact

NO_FACTS: frozenset[Fact] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """True, False or None (unknown). `needs` are the facts on which an unknown that may change rests."""

    truth: bool | None
    may_hold: bool
    may_fail: bool
    needs: frozenset[Fact] = NO_FACTS

    def __invert__(self) -> Verdict:
        if self.truth is not None:
            return known(not self.truth)
        return Verdict(None, self.may_fail, self.may_hold, self.needs)


TRUE = Verdict(truth=True, may_hold=True, may_fail=False)
FALSE = Verdict(truth=False, may_hold=False, may_fail=True)
UNKNOWN = Verdict(truth=None, may_hold=False, may_fail=False)


def known(truth: bool) -> Verdict:
    """A verdict on which everything is known."""
    return TRUE if truth else FALSE


def awaiting(needs: frozenset[Fact]) -> Verdict:
    """A verdict on a value that is missing; without `needs` it is unknown for good."""
    return Verdict(None, may_hold=True, may_fail=True, needs=needs) if needs else UNKNOWN


def every(verdicts: Iterable[Verdict]) -> Verdict:
    """`all`: false if one is false, true if all are true, else unknown. Stops at the first false."""
    open_ones = []
    for verdict in verdicts:
        if verdict.truth is False:
            return FALSE
        if verdict.truth is None:
            open_ones.append(verdict)
    return _still_open(open_ones) if open_ones else TRUE


def _still_open(open_ones: Sequence[Verdict]) -> Verdict:
    """What several unknown verdicts come to that must all hold."""
    may_hold = all(verdict.may_hold for verdict in open_ones)
    may_fail = any(verdict.may_fail for verdict in open_ones)
    needs = frozenset().union(*(verdict.needs for verdict in open_ones)) if may_hold or may_fail else NO_FACTS
    return Verdict(None, may_hold, may_fail, needs)


def some(verdicts: Iterable[Verdict]) -> Verdict:
    """`any`: true if one is true, false if all are false, else unknown. Stops at the first true."""
    open_ones = []
    for verdict in verdicts:
        if verdict.truth:
            return TRUE
        if verdict.truth is None:
            open_ones.append(~verdict)
    return ~_still_open(open_ones) if open_ones else FALSE

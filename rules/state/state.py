"""What every form of the state can do. Anyone may import the protocol."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from rules.state.counters import Award, Counter, Total
from rules.state.groups import Change, Membership
from rules.state.windows import Count, Observation, TextObservation


class State(Protocol):
    """The state of one forum's rules. Each method is one atomic step.

    `event_id` names a happening, not a delivery: two webhooks that tell of one thing have the same. Whatever an event
    did before it does not do again, and is told the same answer: retries and duplicates count once. All times are the
    events' own, in Unix seconds; no answer depends on a clock. An event that comes LATE_SECONDS late at most finds its
    place.
    """

    def observe(self, event_id: str, observations: Sequence[Observation | TextObservation]) -> list[Count]:
        """Add the event to its windows and count each as the event sees it, in the order of `observations`."""

    def withdraw(self, event_ids: Sequence[str], lanes: Collection[str]) -> int:
        """Take what the events added out of the windows `kept` in these lanes; returns how many members that were.

        For an item that the bot deleted. It is for good: an event seen again is not added again.
        """

    def points(self, event_id: str, counters: Sequence[Counter], at: float) -> list[int]:
        """The totals at `at` before the event's own awards."""

    def award(self, event_id: str, awards: Sequence[Award]) -> list[Total]:
        """Give points, one award after the other, and tell the totals that each found and left.

        The totals are those of the newest award's time, not of a late event's: else two events that arrive in the
        wrong order would both see one point, and the rung at two would never fire.
        """

    def take_back(self, event_id: str, rule: str, counter: str) -> int:
        """Undo what the event's rule awarded to the counter; returns how many awards that were.

        It is for good: the same award, made again, gives its old answer and no points.
        """

    def first(self, rule: str, scope: tuple[str, ...], span: float | None, event_id: str, at: float) -> bool:
        """Whether the event is the rule's first in this scope for `span` seconds (None: kept 400 days).

        An event that was first is so again when it is repeated; others are not until `span` after it, or before it.
        """

    def regroup(self, event_id: str, seen: Membership) -> Change:
        """Whether the person's groups differ from those last seen before; those of now are what is seen next.

        A late event is compared with what was known before it.
        """

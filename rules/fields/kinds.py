"""What kinds of value a field can have, and what a field is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rules.facts import Fact
from rules.quantities import Measure
from rules.subject import Missing, Subject


class Kind(StrEnum):
    """A kind of value; it decides how the value of a check is written and compared."""

    TEXT = "text"
    NAME = "name"
    LIST = "list"
    DOMAIN = "domain"
    ADDRESS = "address"
    NUMBER = "number"
    SHARE = "share"
    AGE = "age"
    LENGTH = "bare number"
    YES_NO = "yes/no"
    DAYS = "days"
    HOURS = "hours"

    @property
    def matched(self) -> bool:
        """Whether its checks take values, modifiers and `~`."""
        return self in (Kind.TEXT, Kind.NAME, Kind.LIST, Kind.DOMAIN, Kind.ADDRESS)

    @property
    def measure(self) -> Measure | None:
        """What a comparison of it counts; None where it is not compared."""
        return {Kind.NUMBER: Measure.NUMBER, Kind.SHARE: Measure.SHARE, Kind.AGE: Measure.AGE}.get(self)


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One thing a rule can look at.

    `read` gives its value or None; `facts` can supply it when the event lacks it. `markup` marks text that is read as
    HTML and searched as the visible text. `by_id` is the field that a bare number in the value speaks of. `bound` is
    "longer" or "shorter" for the RAM lengths. `of_links`: the value is one of each link of the item, in order.
    """

    key: str
    types: str
    kind: Kind
    read: Callable[[Subject], Any]
    about: str
    facts: tuple[Fact, ...] = ()
    method: str = ""
    markup: bool = False
    by_id: Field | None = None
    bound: str = ""
    of_links: bool = False

    @property
    def group(self) -> str:
        """The prefix it stands under, or nothing."""
        return self.key.rpartition(".")[0]

    def value(self, subject: Subject) -> Any | Missing:
        """Its value, or what it waits for."""
        if isinstance(subject.kind, Missing) and self.types in ("T", "R", "TC"):
            return subject.kind
        found = self.read(subject)
        return subject.missing(*self.facts) if found is None else found

"""The groups that a person was last seen in, for `event: group_changed`: events tell the present ones alone.

Imported by whoever asks whether groups changed, and by the forms of the state.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.state.windows import digest

MOST_SIGHTINGS: Final = 20
"""Sightings kept of one person; beyond it the oldest go, and an event older than all of them finds nothing."""


class Change(StrEnum):
    """How a person's groups compare with those last seen before; unknown where none were."""

    CHANGED = "changed"
    SAME = "same"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Membership:
    """The groups (titles) that an event shows a person in, at the event's own time in seconds."""

    person: str
    groups: tuple[str, ...]
    at: float

    @property
    def id(self) -> str:
        """The person, as a name of fixed length."""
        return digest("groups", self.person)

    @property
    def seen(self) -> str:
        """The groups as a name of fixed length, whatever their order and case."""
        return digest(*sorted({group.casefold() for group in self.groups}))

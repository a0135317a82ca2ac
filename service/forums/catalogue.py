"""Catalogues: a forum's groups, categories and the like, found by id or title, read once in a while.

Rules say titles and the APIs want ids. Reading a catalogue now and then instead of at every action saves requests,
which the forum counts. Imported by platform folders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from service.forums.http import ForumApi

KEEP = 600.0
"""Seconds for which a catalogue or a name is taken as it was read."""

RE_READ = 10.0
"""Seconds after which a catalogue that lacks what is asked for is read again."""


class Titled(Protocol):
    """What a catalogue holds."""

    @property
    def title(self) -> str | None:
        """What people call it."""


S = TypeVar("S", bound=Titled)
T = TypeVar("T")


@dataclass(slots=True)
class Catalogue(Generic[S]):
    """Titled objects by id, read when first asked, when old, and once more when something is missing."""

    read: Callable[[ForumApi], Mapping[int, S]]
    clock: Callable[[], float]
    items: Mapping[int, S] = field(default_factory=dict)
    read_at: float | None = None

    def get(self, api: ForumApi, number: int) -> S | None:
        """The object with this id, or None."""
        return self._look(api, lambda items: items.get(number))

    def find(self, api: ForumApi, title: str) -> int | None:
        """The id of the object with this title: as written, else without regard to case. None where there is none."""
        return self._look(api, lambda items: _titled(items, title))

    def every(self, api: ForumApi) -> Mapping[int, S]:
        """All of them by id, as they were read at most KEEP seconds ago."""
        self._refresh(api)
        return self.items

    def forget(self) -> None:
        """Read anew at the next question: what was read has proved wrong."""
        self.read_at = None

    def _look(self, api: ForumApi, pick: Callable[[Mapping[int, S]], T | None]) -> T | None:
        self._refresh(api)
        found = pick(self.items)
        if found is None and self.clock() - (self.read_at or 0.0) >= RE_READ:
            self._read(api)
            found = pick(self.items)
        return found

    def _refresh(self, api: ForumApi) -> None:
        if self.read_at is None or self.clock() - self.read_at > KEEP:
            self._read(api)

    def _read(self, api: ForumApi) -> None:
        self.items = self.read(api)
        self.read_at = self.clock()


def _titled(items: Mapping[int, Titled], title: str) -> int | None:
    exact = (number for number, item in items.items() if item.title == title)
    folded = (
        number for number, item in items.items() if (item.title or "").strip().casefold() == title.strip().casefold()
    )
    return next(exact, None) or next(folded, None)

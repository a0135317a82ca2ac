"""What a process keeps about one forum account: group and category titles, and members' names.

The API wants ids for groups and categories and names for recipients, while rules say titles and events have ids.
Reading the catalogues once in a while instead of at every action saves requests, which the forum counts. Imported by
`client` and `sent`.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from service.forums.http import ForumApi
from service.forums.platform import Account
from service.forums.port import NotFound, Refused
from service.forums.websitetoolbox.objects import CategoryShape, GroupShape, Shape, UserShape
from service.forums.websitetoolbox.values import to_bool, to_objects

KEEP = 600.0
"""Seconds for which a catalogue or a name is taken as it was read."""

RE_READ = 10.0
"""Seconds after which a catalogue that lacks what is asked for is read again."""

PAGE = 100
"""Objects on a page: the most that the API gives."""

MOST_PAGES = 50
MOST_NAMES = 10_000

A = TypeVar("A", bound=Shape)
S = TypeVar("S", GroupShape, CategoryShape)
T = TypeVar("T")


def understand(shape: type[A], answer: object, operation: str) -> A:
    """An answer as an object of the platform. Raises Refused where it is none."""
    try:
        return shape.model_validate(answer)
    except ValidationError:
        raise Refused(f"{operation}: the answer is not what the API's reference says; check api_url") from None


def pages(api: ForumApi, operation: str, path: str, query: Mapping[str, Any] | None = None) -> Iterator[list[Any]]:
    """The pages of a list, first to last, each one request; at most MOST_PAGES."""
    for page in range(1, MOST_PAGES + 1):
        answer = api.call(operation, "GET", path, query={**(query or {}), "limit": PAGE, "page": page})
        body = answer if isinstance(answer, dict) else {}
        yield list(to_objects(body.get("data")) or ())
        if not to_bool(body.get("has_more")):
            return


def _groups(api: ForumApi) -> dict[int, GroupShape]:
    found = (
        understand(GroupShape, item, "get_groups")
        for page in pages(api, "get_groups", "api/usergroups")
        for item in page
    )
    return {group.user_group_id: group for group in found if group.user_group_id is not None}


def _categories(api: ForumApi) -> dict[int, CategoryShape]:
    found = (
        understand(CategoryShape, item, "get_category")
        for page in pages(api, "get_category", "api/categories")
        for item in page
    )
    return {category.category_id: category for category in found if category.category_id is not None}


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

    def forget(self) -> None:
        """Read anew at the next question: what was read has proved wrong."""
        self.read_at = None

    def _look(self, api: ForumApi, pick: Callable[[Mapping[int, S]], T | None]) -> T | None:
        if self.read_at is None or self.clock() - self.read_at > KEEP:
            self._read(api)
        found = pick(self.items)
        if found is None and self.clock() - (self.read_at or 0.0) >= RE_READ:
            self._read(api)
            found = pick(self.items)
        return found

    def _read(self, api: ForumApi) -> None:
        self.items = self.read(api)
        self.read_at = self.clock()


def _titled(items: Mapping[int, GroupShape | CategoryShape], title: str) -> int | None:
    exact = (number for number, item in items.items() if item.title == title)
    folded = (
        number for number, item in items.items() if (item.title or "").strip().casefold() == title.strip().casefold()
    )
    return next(exact, None) or next(folded, None)


class Session:
    """One account, opened once a process."""

    def __init__(self, account: Account, clock: Callable[[], float] = time.monotonic) -> None:
        self.account = account
        self.groups = Catalogue(_groups, clock)
        self.categories = Catalogue(_categories, clock)
        self._clock = clock
        self._names: OrderedDict[int, tuple[str, float]] = OrderedDict()

    def name_of(self, api: ForumApi, user_id: int) -> str | None:
        """The username of a member; None where there is no such member."""
        name, read_at = self._names.get(user_id, ("", -KEEP))
        if name and self._clock() - read_at <= KEEP:
            return name
        user = self.user(api, user_id)
        return user.username if user else None

    def user(self, api: ForumApi, user_id: int) -> UserShape | None:
        """A member as the forum has them now; None where there is no such member."""
        try:
            user = understand(UserShape, api.call("get_author", "GET", f"api/users/{user_id}"), "get_author")
        except NotFound:
            return None
        if user.username:
            self._names[user_id] = (user.username, self._clock())
            self._names.move_to_end(user_id)
        while len(self._names) > MOST_NAMES:
            self._names.popitem(last=False)
        return user

"""What a process keeps about one forum account: group and category titles, and members' names.

The API wants ids for groups and categories and names for recipients, while rules say titles and events have ids.
Reading the catalogues once in a while instead of at every action saves requests, which the forum counts. Imported by
`client` and the modules beside it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from itertools import islice

from service.forums.catalogue import KEEP, Catalogue
from service.forums.http import ForumApi
from service.forums.platform import Account
from service.forums.port import NotFound, Refused
from service.forums.values import to_int
from service.forums.websitetoolbox.api import WebsiteToolbox
from service.forums.websitetoolbox.objects import CategoryShape
from service.forums.websitetoolbox.people import GroupShape, UserShape

MOST_KEPT = 5000
"""Objects of a catalogue, fifty pages."""

MOST_NAMES = 10_000


def _groups(api: ForumApi) -> dict[int, GroupShape]:
    found = islice(WebsiteToolbox(api, "get_groups").user_groups.all(), MOST_KEPT)
    return {group.user_group_id: group for group in found if group.user_group_id is not None}


def _categories(api: ForumApi) -> dict[int, CategoryShape]:
    found = islice(WebsiteToolbox(api, "get_category").categories.all(), MOST_KEPT)
    return {category.category_id: category for category in found if category.category_id is not None}


class Session:
    """One account, opened once a process."""

    def __init__(self, account: Account, clock: Callable[[], float] = time.monotonic) -> None:
        self.account = account
        self.groups = Catalogue(_groups, clock)
        self.categories = Catalogue(_categories, clock)
        self._clock = clock
        self._names: OrderedDict[int, tuple[str, float]] = OrderedDict()
        self._unwilling: dict[str, float] = {}

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
            user = WebsiteToolbox(api, "get_author").users.get(user_id)
        except NotFound:
            return None
        if user.username:
            self._names[user_id] = (user.username, self._clock())
            self._names.move_to_end(user_id)
        while len(self._names) > MOST_NAMES:
            self._names.popitem(last=False)
        return user

    def group_id(self, api: ForumApi, action: str, group: str | int) -> int:
        """The id of a user group, named by title or id. Raises Refused where there is none with that title."""
        known = self.groups
        number = group if isinstance(group, int) else known.find(api, group)
        if number is None:
            raise Refused(f"{action}: no user group is titled {str(group)[:60]!r}; the forum has {len(known.items)}")
        return number

    def group_titles(self, api: ForumApi, ids: tuple[object, ...] | None) -> tuple[str, ...] | None:
        """The titles of these groups; None where one cannot be had."""
        if ids is None:
            return None
        numbers = [number for value in ids if (number := to_int(value)) is not None]
        found = [self.groups.get(api, number) for number in numbers]
        titles = [group.title for group in found if group and group.title]
        return tuple(titles) if len(titles) == len(ids) else None

    def refuses_notes(self, name: str) -> None:
        """Remember for a while that this moderator takes no notes: the names are those of the configuration."""
        self._unwilling[name] = self._clock()

    def takes_notes(self, name: str) -> bool:
        """Whether this moderator took notes, as far as is known, or was last asked long ago."""
        return self._clock() - self._unwilling.get(name, -KEEP) >= KEEP

"""What a process keeps about one forum account: group and category titles, and members' names.

The API wants ids for groups and categories and names for recipients, while rules say titles and events have ids.
Reading the catalogues once in a while instead of at every action saves requests, which the forum counts. Imported by
`client` and `sent`.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from service.forums.catalogue import KEEP, Catalogue
from service.forums.http import ForumApi
from service.forums.platform import Account
from service.forums.port import NotFound, Refused
from service.forums.values import to_bool, to_objects
from service.forums.websitetoolbox.objects import CategoryShape, GroupShape, Shape, UserShape

PAGE = 100
"""Objects on a page: the most that the API gives."""

MOST_PAGES = 50
MOST_NAMES = 10_000

A = TypeVar("A", bound=Shape)


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

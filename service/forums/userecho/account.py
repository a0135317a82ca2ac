"""What a process keeps about one UserEcho project: its settings, and the catalogues of forums, categories and groups.

Imported by `client` and the platform's value.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from pydantic import Field

from service.forums.catalogue import Catalogue
from service.forums.http import ForumApi
from service.forums.platform import Account, Options
from service.forums.userecho.api import UserEcho
from service.forums.userecho.items import TopicShape
from service.forums.userecho.objects import ForumShape, GroupShape, NamedShape

MOST_KEPT = 5000
"""Objects of a catalogue, fifty pages."""

N = TypeVar("N", bound=NamedShape)


class UserEchoOptions(Options):
    """A UserEcho forum's own settings, `options` in modbot.yaml.

    `forum`: the id of the project's forum that a topic is taken to belong to where it does not tell; not needed in a
    project with one forum. `closed_status` and `open_status`: ids of the statuses that lock and unlock set. `groups`:
    change group memberships by calls that only the API's newer edition has. `token_in_query`: send the key as
    `access_token` in addresses instead of the Authorization header, for a site that does not take that.
    """

    forum: int | None = Field(default=None, gt=0)
    closed_status: int | None = Field(default=None, gt=0)
    open_status: int | None = Field(default=None, gt=0)
    groups: bool = False
    token_in_query: bool = False

    @property
    def adds(self) -> frozenset[str]:
        """The action words that these settings make possible."""
        words = {"lock": self.closed_status, "unlock": self.open_status}
        words |= {"add_to_group": self.groups, "remove_from_group": self.groups}
        return frozenset(word for word, switch in words.items() if switch)


def options_of(account: Account) -> UserEchoOptions:
    """The account's settings; the defaults where it has none."""
    return account.options if isinstance(account.options, UserEchoOptions) else UserEchoOptions()


class Session:
    """One account, opened once a process."""

    def __init__(self, account: Account, clock: Callable[[], float] = time.monotonic) -> None:
        self.account = account
        self.options = options_of(account)
        self.forums: Catalogue[ForumShape] = Catalogue(lambda api: _by_id(self.site(api).forums.all()), clock)
        self.groups: Catalogue[GroupShape] = Catalogue(lambda api: _by_id(self.site(api).user_groups.all()), clock)
        self._categories: dict[int, Catalogue[NamedShape]] = {}
        self._clock = clock

    def site(self, api: ForumApi) -> UserEcho:
        """The whole API for one job."""
        return UserEcho(api, self.account.api_key if self.options.token_in_query else None)

    def categories(self, forum_id: int) -> Catalogue[NamedShape]:
        """The categories of one forum."""
        if forum_id not in self._categories:
            self._categories[forum_id] = Catalogue(
                lambda api: _by_id(self.site(api).categories.all(forum_id)), self._clock
            )
        return self._categories[forum_id]

    def forum_of(self, api: ForumApi, topic: TopicShape) -> int | None:
        """The forum that a topic belongs to: as it tells, else as set, else the project's only one. Never a guess."""
        known = topic.in_forum or self.options.forum
        if known is not None:
            return known
        every = self.forums.every(api)
        return next(iter(every)) if len(every) == 1 else None


def _by_id(found: Iterable[N]) -> dict[int, N]:
    return {one.id: one for one in islice(found, MOST_KEPT) if one.id is not None}

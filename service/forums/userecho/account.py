"""What a process keeps about one UserEcho project: the catalogues of forums, categories and groups.

Imported by the platform's value, `client` and its modules.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from service.forums.catalogue import Catalogue
from service.forums.http import ForumApi
from service.forums.platform import Account, HookCalls
from service.forums.userecho.api import UserEcho
from service.forums.userecho.items import TopicShape
from service.forums.userecho.objects import ForumShape, GroupShape, NamedShape
from service.forums.userecho.options import options_of

MOST_KEPT = 5000
"""Objects of a catalogue, fifty pages."""

N = TypeVar("N", bound=NamedShape)


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


def hooks(account: Account, api: ForumApi) -> HookCalls:
    """The project's webhook registrations."""
    return Session(account).site(api).hooks

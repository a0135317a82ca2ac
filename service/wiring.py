"""Puts the parts together from the settings: what one worker process needs, opened once and kept.

Imported by `workers` and by commands that act on the shared state.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from httpx import Client
from redis import Redis

from service.forums.http import ForumApi, PermitSource, Shown, open_client, unseen
from service.forums.platform import HookCalls
from service.forums.port import Forum
from service.limiter import Limiter, account_key
from service.settings import ForumSection, Settings
from service.share import Share


class Forums:
    """The configured forums of one process: one kept-alive HTTP client and one limiter each, shared by all its jobs."""

    def __init__(self, settings: Settings, redis: Redis, sleep: Callable[[float], bool] | None = None) -> None:
        """`sleep` waits for permits and tells whether to stop (see `Limiter`)."""
        self._settings = settings
        self._redis = redis
        self._sleep = sleep
        self._open = cache(self._opened)

    def section(self, name: str) -> ForumSection | None:
        """The forum's settings, None if it is no longer configured."""
        return self._settings.forums.get(name)

    def names(self) -> list[str]:
        """The configured forums."""
        return list(self._settings.forums)

    def at(
        self, name: str, lane: str, before_write: Callable[[], None] | None = None, shown: Shown | None = None
    ) -> Forum:
        """The forum for one job: in which lane it waits, and what it checks right before a write leaves.

        `shown` is told of the state in which a write has left its item, where the forum shows it.
        """
        return self._open(name)(lane, before_write or _nothing, shown or unseen)

    def hooks(self, name: str) -> HookCalls | None:
        """The forum's webhook registrations; None where its platform has no API for them."""
        section = self._settings.forums[name]
        if section.on.hooks is None:
            return None
        client, limiter = self._client(name)
        return section.on.hooks(section.account, ForumApi(client, limiter, section.on.judge, forum=name))

    def _opened(self, name: str) -> Callable[[str, Callable[[], None], Shown], Forum]:
        section = self._settings.forums[name]
        client, limiter = self._client(name)
        session = section.on.connect(section.account)

        def for_job(lane: str, before_write: Callable[[], None], shown: Shown) -> Forum:
            return session(ForumApi(client, limiter, section.on.judge, lane, before_write, name, shown))

        return for_job

    def _client(self, name: str) -> tuple[Client, PermitSource]:
        """A new HTTP client of the forum, and the limiter that its transport asks."""
        section = self._settings.forums[name]
        account = section.account
        limiter = Limiter(
            self._redis,
            account_key(account.api_key),
            forum=name,
            per_second=section.per_second,
            per_day=section.per_day,
            sleep=self._sleep,
        )
        permits = Share(limiter, self._redis, account_key(account.api_key)) if self._has_several() else limiter
        return open_client(account.api_url, section.on.headers(account), permits), permits

    def _has_several(self) -> bool:
        """Whether the workers serve several accounts, so that one may keep them from another."""
        return len({section.account.api_key for section in self._settings.forums.values()}) > 1


def _nothing() -> None:
    """Reads have nothing to check."""

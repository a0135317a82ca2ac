"""Puts the parts together from the settings: what one worker process needs, opened once and kept.

Imported by `workers` and by commands that act on the shared state.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from redis import Redis

from service import metrics
from service.forums.http import ForumApi, open_client
from service.forums.port import Forum
from service.limiter import Limiter, account_key
from service.settings import ForumSection, Settings


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

    def at(self, name: str, lane: str, before_write: Callable[[], None] | None = None) -> Forum:
        """The forum for one job: in which lane it waits, and what it checks right before a write leaves."""
        return self._open(name)(lane, before_write)

    def _opened(self, name: str) -> Callable[[str, Callable[[], None] | None], Forum]:
        section = self._settings.forums[name]
        platform, account = section.on, section.account
        limiter = Limiter(
            self._redis,
            account_key(account.api_key),
            forum=name,
            per_second=section.per_second,
            per_day=section.per_day,
            sleep=self._sleep,
        )
        metrics.limiter_rate.labels(name).set(section.per_second)
        client = open_client(account.api_url, platform.headers(account), limiter)
        session = platform.connect(account)

        def for_job(lane: str, before_write: Callable[[], None] | None) -> Forum:
            api = ForumApi(client, limiter, platform.judge, lane, before_write or _nothing, forum=name)
            return session(api)

        return for_job


def _nothing() -> None:
    """Reads have nothing to check."""

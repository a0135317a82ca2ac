"""The items that modbot holds for a moderator, counted for `modbot_held_items`.

An item is held from our `hold` until it is approved or deleted, by us or, as a webhook tells, by somebody else. Where a
platform sends no such webhooks an item is let go of after 30 days. Imported by `workers` and tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from redis import Redis

from rules.decision import Target
from rules.event import Event

KEPT_SECONDS: Final = 30 * 24 * 3600
MOST: Final = 10_000
"""Items of a forum that are counted."""

DONE: Final = frozenset({"done", "already_done"})
ENDINGS: Final = frozenset({"post.approved", "post.deleted"})


class HeldItems:
    """The held items of every forum: a sorted set each (gauge.lua counts it)."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def acted(self, forum: str, action: str, target: Target, outcome: str) -> None:
        """Take note of an action that has ended."""
        if target.kind != "post" or outcome not in DONE:
            return
        if action == "hold":
            self._hold(forum, target.id)
        elif action in {"approve", "delete"}:
            self._redis.zrem(_key(forum), target.id)

    def happened(self, events: Iterable[tuple[str, Event]]) -> None:
        """Take note of events, each with its forum."""
        with self._redis.pipeline(transaction=False) as pipe:
            for forum, event in events:
                if event.type in ENDINGS and event.post and event.post.post_id:
                    pipe.zrem(_key(forum), event.post.post_id)
            if len(pipe):
                pipe.execute()

    def _hold(self, forum: str, post_id: int) -> None:
        key, now = _key(forum), self._redis.time()[0]
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.zadd(key, {str(post_id): now})
            pipe.zremrangebyscore(key, "-inf", now - KEPT_SECONDS)
            pipe.zremrangebyrank(key, 0, -(MOST + 1))
            pipe.expire(key, KEPT_SECONDS)
            pipe.execute()


def _key(forum: str) -> str:
    return f"modbot:held:{forum}"

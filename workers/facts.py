"""Facts read from the forum, kept for a while in Redis so that one object asked for often is one request.

Imported by `workers`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from redis import Redis

from rules.event import Record

LIFETIMES = {"author": 300, "topic": 60, "post": 60, "category": 3600}
"""Seconds. Short where a moderator's change should be seen soon; categories hardly ever change."""

NOT_THERE = "null"

R = TypeVar("R", bound=Record)


class FactCache:
    """Objects of the forums by kind and id."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def read(
        self, forum: str, kind: str, id_: int, model: type[R], fetch: Callable[[int], R | None], *, fresh: bool = False
    ) -> R | None:
        """The object, from the cache or by `fetch`; `fresh` asks the forum whatever the cache holds."""
        key = f"modbot:fact:{forum}:{kind}:{id_}"
        kept = None if fresh else self._redis.get(key)
        if kept is not None:
            return None if kept == NOT_THERE else model.model_validate_json(kept)
        found = fetch(id_)
        text = found.model_dump_json(by_alias=True, exclude_none=True) if found else NOT_THERE
        self._redis.set(key, text, ex=LIFETIMES[kind])
        return found

    def forget(self, forum: str, kind: str, id_: int) -> None:
        """Drop what is kept of an object that has just changed."""
        self._redis.delete(f"modbot:fact:{forum}:{kind}:{id_}")

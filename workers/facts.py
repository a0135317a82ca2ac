"""Facts read from the forum, kept for a while in Redis.

One object that is asked for often is one request, and many objects are one list call where the platform has it. Who
reads an object takes others of its kind along that events wait for. Nobody reads what somebody else is reading, and
what changed since a read began is not kept. Imported by `workers`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from redis import Redis

from rules.event import Event, Record
from rules.facts import Fact, Facts
from service.footprints import kept_key
from service.forums.port import MOST_READ, Refused, TryLater
from service.scripts import load
from service.store import WANTED_SECONDS, wanted_key

log = logging.getLogger(__name__)

LIFETIMES = {"author": 300, "topic": 60, "post": 60, "category": 3600}
"""Seconds. Short where a moderator's change should be seen soon; categories hardly ever change."""

GONE_SECONDS = 60
"""How long it is known at most that an object is not there."""

CHANGED_SECONDS = 60
"""How long a change is remembered: above the longest read, so that none that began before it is kept."""

READ_MS = 20_000
"""How long a read takes at most: the wait for a permit and the HTTP timeouts."""

AGAIN_MS = 1000
"""When to look again at what somebody else is reading."""

AT_ONCE, GATHERING_MS = 2, 5000
"""So many lists of a kind are read in this time without waiting; then events gather for the next one."""

NOT_THERE = "null"

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Source(Generic[R]):
    """Where objects of a kind come from: `one` by its id, None if it is not there; `many`, those that are found."""

    forum: str
    kind: str
    model: type[R]
    one: Callable[[int], R | None]
    many: Callable[[Sequence[int]], Mapping[int, R]] | None = None


class FactCache:
    """Objects of the forums by kind and id."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._take = load(redis, "take")
        self._keep = load(redis, "keep")
        self._changed = load(redis, "changed")

    def read(self, source: Source[R], id_: int, *, since: int = 0) -> R | None:
        """The object, as kept or from the forum; `since`: only if its read began then (Redis' ms) or later.

        Raises TryLater while another worker reads it, and what the source raises.
        """
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.hmget(kept_key(source.forum, source.kind, id_), "at", "value")
            pipe.zrem(wanted_key(source.forum, source.kind), id_)
            (at, value), _ = pipe.execute()
        if value is not None and int(at) >= since:
            return None if value == NOT_THERE else source.model.model_validate_json(value)
        return self._fetch(source, id_)

    def known(self, forum: str, kind: str, id_: int, model: type[R]) -> R | None:
        """The object as it is kept; None if it is not."""
        value = self._redis.hget(kept_key(forum, kind, id_), "value")
        return None if value in (None, NOT_THERE) else model.model_validate_json(str(value))

    def want_judged(self, forum: str, *, before: float) -> None:
        """Have whoever reads a post read those too that are to be acted on and were seen before then (Unix seconds)."""
        judged = cast("list[str]", self._redis.zrangebyscore(f"modbot:judged:{forum}", "-inf", before, 0, MOST_READ))
        if judged:
            self._redis.zadd(wanted_key(forum, "post"), dict.fromkeys(judged, 0), nx=True)
            self._redis.expire(wanted_key(forum, "post"), WANTED_SECONDS)

    def forget(self, forum: str, kind: str, id_: int) -> None:
        """Drop what is kept of an object that has just changed."""
        self._changed(keys=[kept_key(forum, kind, id_)], args=[CHANGED_SECONDS])

    def replace(self, forum: str, kind: str, id_: int, item: Record) -> None:
        """Keep an object as we have just left it, unless something else changes it now."""
        self.forget(forum, kind, id_)
        changed_at = self._redis.hget(kept_key(forum, kind, id_), "at") or 0
        kept = _kept(kind, item, read=True)
        self._keep(keys=[_reading(forum, kind)], args=[kept_key(forum, kind, ""), changed_at, id_, *kept])

    def _fetch(self, source: Source[R], id_: int) -> R | None:
        reading, recent = _reading(source.forum, source.kind), f"modbot:recent:{source.forum}:{source.kind}"
        most = MOST_READ if source.many else 1
        args: list[str | int] = [id_, most, READ_MS, AGAIN_MS, AT_ONCE, GATHERING_MS]
        began, *taken = self._take(keys=[wanted_key(source.forum, source.kind), reading, recent], args=args)
        if not began:
            raise TryLater(f"another worker reads this {source.kind}, or soon many of them", after=int(taken[0]) / 1000)
        ids = [int(number) for number in taken]
        found: dict[int, R | None] = {}
        try:
            found |= _together(source, ids) if len(ids) > 1 else {}
            if id_ not in found:  # a list may leave out what is there: only the object's own address tells
                found[id_] = source.one(id_)
        finally:
            args = [kept_key(source.forum, source.kind, ""), began]
            for number in ids:
                args += [number, *_kept(source.kind, found.get(number), read=number in found)]
            self._keep(keys=[reading], args=args)
        return found[id_]


def _together(source: Source[R], ids: Sequence[int]) -> Mapping[int, R]:
    """Those of the objects that a list call shows; none where the forum refuses to list them."""
    assert source.many
    try:
        return source.many(ids)
    except Refused as failure:
        log.warning("list refused, each is read alone: %s", failure, extra={"forum": source.forum})
        return {}


def _reading(forum: str, kind: str) -> str:
    return f"modbot:reading:{forum}:{kind}"


def _kept(kind: str, found: Record | None, *, read: bool) -> tuple[str, int]:
    """An object as keep.lua takes it: its JSON and how long to keep it."""
    if found is None:
        return NOT_THERE if read else "", min(LIFETIMES[kind], GONE_SECONDS)
    return found.model_dump_json(by_alias=True, exclude_none=True), LIFETIMES[kind]


def topic_id_of(event: Event, facts: Facts) -> int | None:
    """The topic that the event is about."""
    topic, post = event.topic or facts.topic, event.post or facts.post
    return topic.topic_id if topic and topic.topic_id else post.topic_id if post else None


def post_id_of(event: Event, facts: Facts) -> int | None:
    """The post that the event is about; of a topic event, the topic's first."""
    post, topic = event.post, event.topic or facts.topic
    return post.post_id if post and post.post_id else topic.first_post_id if topic else None


def wanted_of(event: Event, facts: Facts, needs: Iterable[Fact]) -> dict[str, int]:
    """What the event needs of the kinds that can be read many at once: the object's id by its kind."""
    ids = {Fact.POST: post_id_of(event, facts), Fact.TOPIC: topic_id_of(event, facts)}
    return {fact.value: id_ for fact in needs if (id_ := ids.get(fact)) is not None}

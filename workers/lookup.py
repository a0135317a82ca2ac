"""The lookup job: read from the forum what an event's verdict depends on, then have the event decided again.

Run by the urgent role; enqueued as `workers.lookup.look_up`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from redis.exceptions import RedisError
from rq.timeouts import JobTimeoutException

from rules.event import Author, Category, Event, Post, Topic
from rules.facts import Fact, Facts
from service import metrics
from service.forums.port import Forum, Refused, TryLater, Unsupported
from service.queue import URGENT
from service.store import EventRecord
from workers.confirm import item_facts
from workers.context import Context
from workers.waiting import backoff, put_off

log = logging.getLogger(__name__)

ORDER = (Fact.POST, Fact.TOPIC, Fact.CATEGORY, Fact.AUTHOR, Fact.TOPIC_AUTHOR, Fact.PREVIOUS)
"""A topic's id may come from its post, a category's from its topic."""


def look_up(context: Context, event_id: str) -> None:
    """Read the facts an event waits for. What the forum does not have, or refuses to show, is known to be missing."""
    for record in context.store.begin(URGENT, [event_id]):
        if record.state != "waiting":
            continue
        try:
            _look_up(context, record)
        except (JobTimeoutException, RedisError):
            raise
        except Exception as error:
            log.exception("look-up failed", extra={"event": record.id, "forum": record.forum})
            put_off(context.store, record, error, "look-up")


def _look_up(context: Context, record: EventRecord) -> None:
    if context.forums.section(record.forum) is None:
        context.store.settle(record, "dead", f"the forum {record.forum} is not configured any more")
        return
    try:
        facts = _Reader(context, context.forums.at(record.forum, URGENT), record).read()
    except TryLater as failure:
        if failure.tries and record.attempts >= failure.tries:
            context.store.settle(record, "dead", f"{failure} (tried {record.attempts} times)")
            metrics.dead_lettered.labels(record.forum, "retries_exhausted").inc()
            return
        metrics.forum_retries.labels(record.forum, "lookup").inc()
        context.store.postpone(record, failure.after or backoff(record.attempts), str(failure))
    else:
        context.store.resume(record, facts)


class _Reader:
    """The reads of one event, each on what those before it found."""

    def __init__(self, context: Context, forum: Forum, record: EventRecord) -> None:
        self._cache = context.facts
        self._forum = forum
        self._record = record
        self._event = record.event
        self._facts = record.facts
        self._fresh = False

    def read(self) -> Facts:
        for fact in ORDER:
            if fact in self._record.needs:
                self._facts = self._facts.model_copy(
                    update={fact.value: self._one(fact), "asked": self._facts.asked | {fact}}
                )
        return self._facts

    def _one(self, fact: Fact) -> Any:
        self._fresh = self._record.confirm and fact in item_facts(self._event)
        try:
            return getattr(self, f"_{fact.value}")()
        except (Refused, Unsupported) as failure:
            log.warning("look-up refused: %s", failure, extra={"event": self._record.id, "fact": fact.value})
            return None

    def _get(self, kind: str, id_: int | None, model: type[Any], fetch: Callable[[int], Any]) -> Any:
        if id_ is None:
            return None
        return self._cache.read(self._record.forum, kind, id_, model, fetch, fresh=self._fresh)

    def _post(self) -> Post | None:
        post, topic = self._event.post, self._event.topic or self._facts.topic
        post_id = post.post_id if post and post.post_id else topic.first_post_id if topic else None
        topic_id = self._topic_id()
        found: Post | None = self._get("post", post_id, Post, lambda id_: self._forum.get_post(id_, topic_id))
        return found

    def _topic(self) -> Topic | None:
        found: Topic | None = self._get("topic", self._topic_id(), Topic, self._forum.get_topic)
        return found

    def _category(self) -> Category | None:
        topic = next((t for t in (self._event.topic, self._facts.topic, self._topic()) if t and t.category_id), None)
        category_id = topic.category_id if topic else None
        found: Category | None = self._get("category", category_id, Category, self._forum.get_category)
        return found

    def _author(self) -> Author | None:
        author = self._event.author or (self._facts.post and self._facts.post.author)
        found: Author | None = self._get("author", author.user_id if author else None, Author, self._forum.get_author)
        return before_this_event(found, self._event) if found else None

    def _topic_author(self) -> Author | None:
        topic = next((t for t in (self._event.topic, self._facts.topic, self._topic()) if t and t.author), None)
        starter = topic.author.user_id if topic and topic.author else None
        found: Author | None = self._get("author", starter, Author, self._forum.get_author)
        return found

    def _previous(self) -> Post | None:
        post_id, topic_id = self._event.post.post_id if self._event.post else None, self._topic_id()
        if post_id is None or topic_id is None:
            return None
        return self._forum.get_previous(topic_id, post_id)

    def _topic_id(self) -> int | None:
        topic, post = self._event.topic or self._facts.topic, self._event.post or self._facts.post
        return topic.topic_id if topic and topic.topic_id else post.topic_id if post else None


def before_this_event(author: Author, event: Event) -> Author:
    """The author as they were before the event: the count read after a new post holds that post (event.md)."""
    if event.type in ("post.created", "topic.created") and author.post_count:
        return author.model_copy(update={"post_count": author.post_count - 1})
    return author

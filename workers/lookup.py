"""The lookup job: read from the forum what an event's verdict depends on, then have the event decided again.

Run by the urgent role; enqueued as `workers.lookup.look_up`.
"""

from __future__ import annotations

import logging
from typing import Any, TypeVar

from redis.exceptions import RedisError
from rq.timeouts import JobTimeoutException

from rules.event import Author, Category, Event, Post, Record, Topic
from rules.facts import Fact, Facts
from service import metrics
from service.forums.port import Forum, Lists, NoPermit, Refused, TryLater, Unsupported
from service.queue import URGENT
from service.store import EventRecord
from workers.confirm import item_facts
from workers.context import Context
from workers.facts import Source, post_id_of, topic_id_of
from workers.waiting import backoff, put_off

R = TypeVar("R", bound=Record)

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
            put_off(context.store, record, error, "look-up", "retries_exhausted")


def _look_up(context: Context, record: EventRecord) -> None:
    if context.forums.section(record.forum) is None:
        context.store.settle(record, "dead", f"the forum {record.forum} is not configured any more")
        return
    try:
        facts = read_facts(context, context.forums.at(record.forum, URGENT), record)
    except TryLater as failure:
        if failure.tries and record.attempts >= failure.tries:
            context.store.settle(record, "dead", f"{failure} (tried {record.attempts} times)", "retries_exhausted")
            return
        metrics.count_retry(record.forum, failure)
        wait = failure.after or backoff(record.attempts)
        context.store.postpone(record, wait, str(failure), tried=not isinstance(failure, NoPermit))
    else:
        context.store.resume(record, facts)


def read_facts(context: Context, forum: Forum, record: EventRecord) -> Facts:
    """What the record has and needs, read from the forum or kept of it. Raises ForumFailure."""
    return _Reader(context, forum, record).read()


class _Reader:
    """The reads of one event, each on what those before it found."""

    def __init__(self, context: Context, forum: Forum, record: EventRecord) -> None:
        self._cache = context.facts
        self._forum = forum
        self._record = record
        self._event = record.event
        self._facts = record.facts
        self._lists = forum if isinstance(forum, Lists) else None
        self._since = 0

    def read(self) -> Facts:
        for fact in ORDER:
            if fact in self._record.needs:
                self._facts = self._facts.model_copy(
                    update={fact.value: self._one(fact), "asked": self._facts.asked | {fact}}
                )
        return self._facts

    def _one(self, fact: Fact) -> Any:
        tells_of_change = fact is Fact.AUTHOR and self._event.type == "user.updated"  # the cache is older than that
        fresh = tells_of_change or (self._record.confirm and fact in item_facts(self._event))
        self._since = self._record.asked_at if fresh else 0
        try:
            return getattr(self, f"_{fact.value}")()
        except (Refused, Unsupported) as failure:
            log.warning("look-up refused: %s", failure, extra={"event": self._record.id, "fact": fact.value})
            return None

    def _get(self, source: Source[R], id_: int | None) -> R | None:
        return None if id_ is None else self._cache.read(source, id_, since=self._since)

    def _post(self) -> Post | None:
        def one(post_id: int) -> Post | None:
            return self._forum.get_post(post_id, self._topic_id())

        many = self._lists.get_posts if self._lists else None
        source = Source(self._record.forum, "post", Post, one, many)
        return self._get(source, post_id_of(self._event, self._facts))

    def _topic(self) -> Topic | None:
        many = self._lists.get_topics if self._lists else None
        source = Source(self._record.forum, "topic", Topic, self._forum.get_topic, many)
        return self._get(source, self._topic_id())

    def _category(self) -> Category | None:
        topic = next((t for t in (self._event.topic, self._facts.topic, self._topic()) if t and t.category_id), None)
        category_id = topic.category_id if topic else None
        return self._get(Source(self._record.forum, "category", Category, self._forum.get_category), category_id)

    def _author(self) -> Author | None:
        author = self._event.author or (self._facts.post and self._facts.post.author)
        found = self._get(self._people, author.user_id if author else None)
        return before_this_event(found, self._event) if found else None

    def _topic_author(self) -> Author | None:
        topic = next((t for t in (self._event.topic, self._facts.topic, self._topic()) if t and t.author), None)
        starter = topic.author.user_id if topic and topic.author else None
        return self._get(self._people, starter)

    def _previous(self) -> Post | None:
        post_id, topic_id = self._event.post.post_id if self._event.post else None, self._topic_id()
        if post_id is None or topic_id is None:
            return None
        return self._forum.get_previous(topic_id, post_id)

    def _topic_id(self) -> int | None:
        return topic_id_of(self._event, self._facts)

    @property
    def _people(self) -> Source[Author]:
        return Source(self._record.forum, "author", Author, self._forum.get_author)


def before_this_event(author: Author, event: Event) -> Author:
    """The author as they were before the event: the count read after a new post holds that post (event.md)."""
    if event.type in ("post.created", "topic.created") and author.post_count:
        return author.model_copy(update={"post_count": author.post_count - 1})
    return author

"""What else is known about an event: the things that the forum holds and the webhook did not carry.

Each `Fact` is one read of the forum, made only if a verdict depends on it. `Facts` is the snapshot an event is decided
on; it is stored with the decision, so a retry decides on the same values. Anyone may import this module.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from rules.event import Author, Category, Post, Record, Topic
from rules.state.groups import Change


class Fact(StrEnum):
    """A thing the forum can be asked for."""

    AUTHOR = "author"  # the whole record of the event's author
    TOPIC = "topic"  # the topic of the event
    POST = "post"  # the post of the event; of a topic event, the topic's first post
    CATEGORY = "category"  # the category of the topic
    TOPIC_AUTHOR = "topic_author"  # the whole record of who started the topic
    PREVIOUS = "previous"  # the post before the event's own in the topic


LATE = frozenset({Fact.PREVIOUS})
"""Facts that are never shared between events: asked for when all others are known and the verdict still hangs on it."""


class Counted(Record):
    """How many a window held as the event saw it; with `at_least` there may have been more."""

    number: int
    at_least: bool = False


class Remembered(Record):
    """What the state told about the event, by the ids that `rules.state` gives to windows, counters and awards.

    `points` are totals before the event's own awards, `awards` the totals before and after each of them, `first`
    whether a rule's texts may be sent (`once`), `groups` whether the author's groups differ from those last seen.
    `withdrawn` are the lanes whose counts under `kept` the event was taken out of, since it was deleted there. What
    stands here is not asked again.
    """

    counts: dict[str, Counted] = Field(default_factory=dict)
    points: dict[str, int] = Field(default_factory=dict)
    awards: dict[str, tuple[int, int]] = Field(default_factory=dict)
    first: dict[str, bool] = Field(default_factory=dict)
    groups: Change | None = None
    withdrawn: tuple[str, ...] = ()


class Facts(Record):
    """Looked-up values, and which were asked for: what is in `asked` and still missing is unknown for good.

    A value of the event itself always comes first; facts fill what it lacks. Without `remembered` nothing is known of
    earlier events.
    """

    author: Author | None = None
    topic: Topic | None = None
    post: Post | None = None
    category: Category | None = None
    topic_author: Author | None = None
    previous: Post | None = None
    remembered: Remembered | None = None
    asked: frozenset[Fact] = frozenset()


NOTHING_MORE = Facts(asked=frozenset(Fact))
"""For callers without a forum (eval, tests): what the event lacks cannot be had."""

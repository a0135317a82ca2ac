"""A backlog of events, as the web edge would have left it: for the measurements that drain one.

Of a hundred events ninety are replies of members whom no rule of the starter pack concerns, five are newcomers' links
(held, and their authors told), three have a title in capitals (retitled) and two are edits, as the platform's sample.
Nothing has to be looked up: what the forum would be asked for is known. Imported by `bench`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from redis import Redis

from bench.evaluate import POST
from rules.event import Author, Event, Post, Topic
from rules.facts import NOTHING_MORE
from service.enqueue import Arrival, arguments
from service.forums import PLATFORMS
from service.forums.port import Accepted, Delivery, WebhookTrust
from service.queue import EVALUATE, Pusher
from service.scripts import call, transact
from service.store import DUE

FORUM = "main"
SAMPLES = Path("service/forums/websitetoolbox/samples")
MEMBERS = 500
HOUR, YEAR = 3600.0, 365 * 24 * 3600.0
AT_ONCE = 1000
"""Records that are written in one round trip: how they come in is not what is measured."""


def event(number: int) -> Event:
    """The backlog's event of this number."""
    kind = number % 100
    if kind < 90:  # noqa: PLR2004 - the mix that the module's docstring tells
        return _reply(number, POST.format(word=f"kettle {number}"), age=YEAR, posts=50)
    if kind < 95:  # noqa: PLR2004
        return _reply(number, f'Look: <a href="http://shop-{number}.example/">here</a>', age=HOUR, posts=1)
    if kind < 98:  # noqa: PLR2004
        return _topic(number, "WHO HAS SEEN MY KETTLE")
    return _sample(number)


def quiet(number: int) -> int:
    """The number of an event that no rule concerns; each has another."""
    return number // 90 * 100 + number % 90


def fields_of(number: int) -> dict[str, str]:
    """The record of an event as the edge writes it, with what a look-up would have found."""
    happened = event(number)
    id_ = f"{number:032x}"
    return {
        "forum": FORUM,
        "signed": "1",
        "received_at": repr(happened.at),
        "state": "queued",
        "event": json.dumps(happened.model_copy(update={"id": id_, "forum": FORUM}).to_json()),
        "happening": id_,
        "facts": NOTHING_MORE.model_dump_json(by_alias=True, exclude_none=True),
    }


def fill(redis: Redis, numbers: Sequence[int], group: int) -> None:
    """Store events and queue them, `group` to a job: what service.enqueue does, in fewer round trips."""
    pusher = Pusher()
    for start in range(0, len(numbers), AT_ONCE):
        page = numbers[start : start + AT_ONCE]
        args = arguments([Arrival(f"{number:032x}", keys_of(number)[1], "", fields_of(number)) for number in page])

        def put(pipe: Any, page: Sequence[int] = page, args: Sequence[str | float] = args) -> None:
            call(pipe, "accept", [DUE], args)
            for first in range(0, len(page), group):
                pusher.push(pipe, EVALUATE, "event", [f"{number:032x}" for number in page[first : first + group]])

        transact(redis, ["accept"], put)


def keys_of(number: int) -> tuple[str, str]:
    """The keys that an event has of its own: its record, and what its delivery is known by."""
    return f"modbot:event:{number:032x}", f"modbot:seen:{FORUM}:{number:032x}"


def _reply(number: int, message: str, *, age: float, posts: int) -> Event:
    at = time.time()
    return Event(
        type="post.created",
        at=at,
        topic=Topic(topic_id=number % 50 + 1, title="A topic", first_post_id=1),
        post=_post(number, number % 50 + 1, message, first=False),
        author=_author(number, at - age, posts),
    )


def _topic(number: int, title: str) -> Event:
    at = time.time()
    return Event(
        type="topic.created",
        at=at,
        topic=Topic(topic_id=number + 100, title=title, first_post_id=number + 10),
        post=_post(number, number + 100, "It is green.", first=True),
        author=_author(number, at - YEAR, 50),
    )


def _post(number: int, topic: int, message: str, *, first: bool) -> Post:
    return Post(post_id=number + 10, topic_id=topic, message=f"<p>{message}</p>", is_first_post=first, pending=False)


def _author(number: int, joined: float, posts: int) -> Author:
    member = number % MEMBERS
    return Author(
        user_id=member + 1000,
        username=f"member{member}",
        is_moderator=False,
        join_date_timestamp=joined,
        post_count=posts,
        user_groups=("Members",),
    )


def _sample(number: int) -> Event:
    """The platform's sample of an edited post, read as the edge reads it."""
    body = json.loads((SAMPLES / "post.updated.json").read_text(encoding="utf-8"))
    body["data"]["object"]["postId"] = number + 10
    delivery = Delivery({}, json.dumps(body).encode(), time.time())
    reading = PLATFORMS["websitetoolbox"].read(delivery, WebhookTrust())
    assert isinstance(reading, Accepted)
    return reading.event

"""A backlog of webhooks, as the web edge would have left it: for the measurements that drain one.

Of a hundred events ninety are replies of members whom no rule of the starter pack concerns, five are newcomers' links
(held, and their authors told), three have a title in capitals (retitled) and two are edits, as the platform's sample.
Nothing has to be looked up: what the forum would be asked for is known. Imported by `bench`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis

from bench.evaluate import POST
from rules.event import Author, Post
from rules.facts import NOTHING_MORE, Facts
from service.enqueue import Arrival, arguments
from service.forums import PLATFORMS
from service.kept import DUE
from service.queue import EVALUATE, Pusher
from service.scripts import call, transact

FORUM = "main"
MEMBERS = 500
HOUR, YEAR = 3600.0, 365 * 24 * 3600.0
AT_ONCE = 1000
"""Records that are written in one round trip: how they come in is not what is measured."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a webhook tells: its type, its object, and what a look-up would find beside it."""

    name: str
    thing: Mapping[str, Any]
    facts: Facts


def told(number: int) -> Told:
    """What the backlog's webhook of this number tells."""
    kind = number % 100
    if kind < 90:  # noqa: PLR2004 - the mix that the module's docstring tells
        return _reply(number, POST.format(word=f"kettle {number}"), age=YEAR, posts=50)
    if kind < 95:  # noqa: PLR2004
        return _reply(number, f'Look: <a href="http://shop-{number}.example/">here</a>', age=HOUR, posts=1)
    if kind < 98:  # noqa: PLR2004
        return _topic(number, "WHO HAS SEEN MY KETTLE")
    return _edit(number)


def quiet(number: int) -> int:
    """The number of an event that no rule concerns; each has another."""
    return number // 90 * 100 + number % 90


def fields_of(number: int) -> dict[str, str]:
    """The record of an event as the edge writes it, with what a look-up would have found."""
    one = told(number)
    return {
        "forum": FORUM,
        "platform": "websitetoolbox",
        "signed": "1",
        "received_at": repr(time.time()),
        "state": "queued",
        "name": one.name,
        "body": json.dumps({"type": one.name, "data": {"object": one.thing}}),
        "happening": f"{number:032x}",
        "facts": one.facts.model_dump_json(by_alias=True, exclude_none=True),
    }


def fill(redis: Redis, numbers: Sequence[int], group: int) -> None:
    """Store events and queue them, `group` to a job: what service.enqueue does, in fewer round trips."""
    pusher = Pusher()
    for start in range(0, len(numbers), AT_ONCE):
        page = numbers[start : start + AT_ONCE]
        args = arguments([Arrival(f"{number:032x}", keys_of(number)[1], "", fields_of(number)) for number in page])

        def put(pipe: Any, page: Sequence[int] = page, args: Sequence[str | float | bytes] = args) -> None:
            call(pipe, "accept", [DUE], args)
            for first in range(0, len(page), group):
                pusher.push(pipe, EVALUATE, "event", [f"{number:032x}" for number in page[first : first + group]])

        transact(redis, ["accept"], put)


def keys_of(number: int) -> tuple[str, str]:
    """The keys that an event has of its own: its record, and what its delivery is known by."""
    return f"modbot:event:{number:032x}", f"modbot:seen:{FORUM}:{number:032x}"


def _reply(number: int, message: str, *, age: float, posts: int) -> Told:
    place = {"topicId": number % 50 + 1, "title": "A topic", "firstPostId": 1}
    post = {
        "postId": number + 10,
        "topicId": place["topicId"],
        "message": f"<p>{message}</p>",
        "pending": False,
        "postTimestamp": int(time.time()),
        "topic": place,
        "author": _person(number),
    }
    return Told("post.created", post, NOTHING_MORE.model_copy(update={"author": _author(number, age, posts)}))


def _topic(number: int, title: str) -> Told:
    topic = {
        "topicId": number + 100,
        "title": title,
        "firstPostId": number + 10,
        "dateTimestamp": int(time.time()),
        "author": _person(number),
    }
    text = Post(message="<p>It is green.</p>", pending=False)
    found = {"author": _author(number, YEAR, 50), "post": text}
    return Told("topic.created", topic, NOTHING_MORE.model_copy(update=found))


def _edit(number: int) -> Told:
    """The platform's sample of an edited post."""
    thing = PLATFORMS["websitetoolbox"].samples["post.updated"]["data"]["object"]
    return Told("post.updated", {**thing, "postId": number + 10}, NOTHING_MORE)


def _person(number: int) -> dict[str, Any]:
    member = number % MEMBERS
    return {"userId": member + 1000, "username": f"member{member}"}


def _author(number: int, age: float, posts: int) -> Author:
    return Author(
        user_id=number % MEMBERS + 1000,
        is_moderator=False,
        join_date_timestamp=time.time() - age,
        post_count=posts,
        user_groups=("Members",),
    )

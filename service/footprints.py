"""What our own actions left on the forum's items, so that nothing is done about it again.

- An item that is gone is remembered for a day: what is planned on it, or in it, ends without a call (claim.lua).
- What we set (a lock, a group) is remembered for some minutes: the same again ends without a call, unless the item has
  changed since.
- The state in which a write left its item is remembered until the webhook comes that tells of it: an echo.
- When somebody else last changed an item is remembered too: what was decided before that is looked at once more
  (workers.second_look).

Imported by `service` and `workers`.
"""

from __future__ import annotations

import json
from hashlib import sha256

from redis import Redis

from rules.actions.table import ACTIONS
from rules.decision import PlannedAction
from rules.event import Author, Event, Post, Topic
from service.scripts import load

ECHO_SECONDS = 600
"""How long the webhook of our own write is waited for."""

MEMBER_ECHO_SECONDS = 60
"""The same where a redundant write raises none, so that a moderator's change would be taken for it later."""

MOST_STATES = 20
"""States of one item that are remembered at once."""

GONE_SECONDS = 24 * 3600
HEARD_SECONDS = 3 * 24 * 3600
"""How long it is known when an item last changed: a webhook of before that comes three days late at most."""

CHANGED_SECONDS = 60

OURS = "for"
"""The option that is for us to keep, not for the forum: its timer is started when the action has ended."""

SETTLED = frozenset({"lock", "pin", "category", "title", "group"})
"""Slots whose value is a state of the one thing that they are named on. Whether a post is held is not: a topic and its
first post share it."""

LINED = SETTLED | {"state", "text"}
"""Slots whose actions stand in a line: one does not overtake another that sets something else on the same thing."""

CHANGES = frozenset({"updated", "approved", "deleted"})


def kept_key(forum: str, kind: str, id_: int | str) -> str:
    """Where a read object is kept (workers.facts)."""
    return f"modbot:read:{forum}:{kind}:{id_}"


def marks_of(forum: str, event: Event, action: PlannedAction) -> dict[str, str]:
    """What the ledger's scripts need to know of an action, as fields of its record.

    `within`: the items that must be there for it; `ends`: those that are gone once it is done; `alike`: the name of the
    actions that the same call can carry out; `line`: in which it has its turn, by the time `at` (ms) of its event;
    `concerns`: the items whose later changes make it doubtful; and its settings.
    """
    settings = settings_of(action)
    marks = {"within": _within(event, action), "ends": _ends(event, action), **settings, **_turn(event, action)}
    if ACTIONS[action.action].destructive:
        marks["concerns"] = " ".join(items_of(event))
    if settings and OURS not in action.options:
        whose = "" if ACTIONS[action.action].slot == "group" else settings["item"]
        marks["alike"] = _digest(forum, settings["sets"], whose)
    return {name: value for name, value in marks.items() if value}


def _turn(event: Event, action: PlannedAction) -> dict[str, str]:
    """The line in which the action has its turn, when its event happened (ms), and what it sets there."""
    if ACTIONS[action.action].slot not in LINED:
        return {}
    line = f"{action.target.kind}:{action.target.id}:{action.slot.casefold()}"
    return {"line": line, "at": str(int(event.at * 1000)), "sets": _sets(action)}


def items_of(event: Event) -> list[str]:
    """The items that the event's content is in: a topic and its first post are one, a member stands alone."""
    post, topic = event.post, event.topic
    if event.type.startswith("user.") or not (post or topic):
        return [f"user:{event.author.user_id}"] if event.author and event.author.user_id else []
    ids = [("post", (post and post.post_id) or (topic and topic.first_post_id))]
    if topic and (event.type.startswith("topic.") or (post and post.is_first_post)):
        ids.append(("topic", topic.topic_id))
    return [f"{kind}:{id_}" for kind, id_ in ids if id_]


def settings_of(action: PlannedAction) -> dict[str, str]:
    """What an action that sets a state leaves behind: on which `item`, in which `slot`, and what it `sets`."""
    if ACTIONS[action.action].slot not in SETTLED:
        return {}
    item = f"{action.target.kind}:{action.target.id}"
    return {"item": item, "slot": action.slot.casefold(), "sets": _sets(action)}


def _sets(action: PlannedAction) -> str:
    """What the action sets, as a name of fixed length."""
    return _digest(action.action, {name: value for name, value in action.options.items() if name != OURS})


def _within(event: Event, action: PlannedAction) -> str:
    return " ".join(_items(event, action)) if action.target.kind in ("post", "topic") else ""


def _ends(event: Event, action: PlannedAction) -> str:
    if action.action != "delete":
        return ""
    items = _items(event, action)
    return " ".join(items if event.post and event.post.is_first_post else items[:1])


def _items(event: Event, action: PlannedAction) -> list[str]:
    """The target, and the topic that it is in."""
    target = action.target
    item = f"{target.kind}:{target.id}"
    topic = (event.post and event.post.topic_id) or (event.topic and event.topic.topic_id)
    return [item, f"topic:{topic}"] if target.kind == "post" and topic else [item]


def state_of(item: Topic | Post | Author) -> str:
    """What rules see of an item, as a name of fixed length; not what changes without anybody changing it."""
    if isinstance(item, Topic):
        return _digest("topic", item.title, item.category_id, item.tags, item.locked, item.pinned)
    if isinstance(item, Post):
        return _digest("post", item.message, item.pending)
    return _digest("user", item.username, item.email, item.custom_fields)


class Footprints:
    """What was left on the items of every forum."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._left = load(redis, "left")
        self._news = load(redis, "news")

    def left_in(self, forum: str, kind: str, id_: int, item: Topic | Post | Author) -> None:
        """Remember the state in which a write left an item, until its webhook comes."""
        seconds = MEMBER_ECHO_SECONDS if kind == "user" else ECHO_SECONDS
        args: list[str | float] = [state_of(item), seconds * 1000, MOST_STATES]
        self._left(keys=[f"modbot:left:{forum}:{kind}:{id_}"], args=args)

    def is_gone(self, forum: str, event: Event) -> bool:
        """Whether the event's item is known to be gone."""
        keys = [f"modbot:gone:{forum}:{item}" for item in items_of(event)]
        return bool(keys and self._redis.exists(*keys))

    def is_echo(self, forum: str, event: Event, *, trusted: bool) -> bool:
        """Whether the event only tells of what we did ourselves. If not, what is known of its item is out of date.

        `trusted`: nobody can have forged it, so that an end is believed. Each of our writes has one echo at most.
        """
        kind, _, what = event.type.partition(".")
        item = {"topic": event.topic, "post": event.post, "user": event.author}.get(kind)
        if what not in CHANGES or item is None:
            return False
        id_ = item.topic_id if isinstance(item, Topic) else item.post_id if isinstance(item, Post) else item.user_id
        keys = [f"modbot:{mark}:{forum}:{kind}:{id_}" for mark in ("gone", "left", "set", "heard")]
        keys += [kept_key(forum, *outdated) for outdated in _outdated(event, kind, id_)]
        ended, told = ("", "told" * trusted) if what == "deleted" else (state_of(item), "")
        happened: list[str | int] = [int(event.at * 1000), event.id or "", HEARD_SECONDS]
        return bool(self._news(keys=keys, args=[ended, told, GONE_SECONDS, CHANGED_SECONDS, *happened]))


def _outdated(event: Event, kind: str, id_: int | None) -> list[tuple[str, int]]:
    """The kept objects that the event makes out of date, by kind and id."""
    found = [("author" if kind == "user" else kind, id_)]
    if kind == "post":
        found.append(("topic", event.post.topic_id if event.post else None))
    elif kind == "topic":
        found.append(("post", event.topic.first_post_id if event.topic else None))
    return [(name, number) for name, number in found if number is not None]


def _digest(*parts: object) -> str:
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

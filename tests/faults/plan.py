"""What members do, and what the forum must look like afterwards: the plan that a run is judged by.

Each event has a token of its own in its texts. Its expectations name a thing of the forum (a post, topic or member), or
a text of the bot that has to be there exactly once.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MEMBERS = ("wren", "marlow", "pip")
WEIGHTS: Mapping[str, int] = {
    "delete": 12, "hold": 8, "edit": 6, "approve": 5, "message": 8, "note": 2, "lock": 8, "pin": 6, "retitle": 6,
    "move": 5, "reply": 10, "several": 6, "group": 6, "post": 6, "topic": 6,
}  # fmt: skip
"""How often each kind of event is planned; `post` and `topic` are ordinary ones, which must stay as they are."""

OF_TOPICS = frozenset({"lock", "pin", "retitle", "move", "reply", "several", "topic"})
OF_POSTS = frozenset({"delete", "hold", "edit", "approve", "message", "note", "post"})
NEVER_SIGNED = 0.1
"""The share of deliveries of posts without a signature: destructive actions on these are confirmed first."""

Row = dict[str, Any]


@dataclass(slots=True)
class Planned:
    """One event. `webhook` and `number` (the thing's id) are known once it has happened."""

    token: str
    kind: str
    fields: Row
    signed: bool = True
    webhook: Row = field(default_factory=dict)
    number: int = 0

    def happened(self, webhook: Row) -> None:
        """Take note of what the forum made of it."""
        thing = webhook["data"]["object"]
        self.webhook, self.number = webhook, int(thing[f"{thing['object']}Id"])

    @property
    def table(self) -> str:
        """Where the thing is in the forum's state."""
        return "posts" if self.kind in OF_POSTS else "topics" if self.kind in OF_TOPICS else "users"

    @property
    def key(self) -> str:
        """What the thing's id is called."""
        return {"posts": "postId", "topics": "topicId", "users": "userId"}[self.table]

    def shows(self) -> Row | None:
        """The fields that the thing must show at the end; None: it must be gone."""
        match self.kind:
            case "delete":
                return None
            case "group":
                return {"groups": ["Members", "Review"]}
        if self.kind in OF_POSTS:
            text = self.fields["message"].replace("zapedit", "mended")
            return {"message": text, "pending": self.kind == "hold"}
        title = self.fields["title"]
        return {
            "locked": self.kind in ("lock", "several"),
            "pinned": self.kind == "pin",
            "categoryId": 2 if self.kind == "move" else 1,
            "title": f"Done: {title}" if self.kind == "retitle" else title,
        }

    def texts(self) -> Row:
        """How many texts of the bot must carry the token: messages to the member, replies in the topic."""
        return {"message": self.kind in ("message", "several"), "reply": self.kind in ("reply", "several")}

    def effects(self) -> int:
        """How many effects the event has."""
        changes = self.kind not in ("message", "note", "reply", "post", "topic")
        return changes + sum(self.texts().values())


def plan(number: int, dice: random.Random) -> list[Planned]:
    """So many events, of kinds drawn by the dice."""
    kinds = dice.choices(list(WEIGHTS), weights=list(WEIGHTS.values()), k=number)
    return [_planned(f"tok{place:06}x", kind, dice) for place, kind in enumerate(kinds)]


def _planned(token: str, kind: str, dice: random.Random) -> Planned:
    said, member = f"zap{kind} {token}", dice.choice(MEMBERS)
    if kind in OF_TOPICS:
        return Planned(token, kind, {"event": "topic.created", "username": member, "title": said, "message": "Hello"})
    if kind in OF_POSTS:
        fields = {"event": "post.created", "username": member, "topicId": dice.choice((501, 502, 503)), "message": said}
        fields |= {"pending": True} if kind == "approve" else {}
        return Planned(token, kind, fields, signed=dice.random() > NEVER_SIGNED)
    return Planned(
        token, kind, {"event": "user.created", "username": f"zapgroup-{token}", "email": f"{token}@a.example"}
    )


UNDOING: Mapping[str, Row] = {
    "lock": {"event": "topic.updated", "locked": False},
    "pin": {"event": "topic.updated", "pinned": False},
    "move": {"event": "topic.updated", "categoryId": 1},
    "hold": {"event": "post.approved"},
    "group": {"event": "user.updated", "userGroups": [4]},
}
"""What staff do to take an effect back: after that it must not come again, whatever is delivered once more."""

UNDONE: Mapping[str, Row] = {
    "lock": {"locked": False},
    "pin": {"pinned": False},
    "move": {"categoryId": 1},
    "hold": {"pending": False},
    "group": {"groups": ["Members"]},
}
"""What the thing must show from then on."""


def delivered(events: list[Planned], dice: random.Random, twice: float, window: int) -> Iterator[list[Planned]]:
    """The deliveries in the order they are sent: in shuffled groups, some events in more than one group."""
    later: list[Planned] = []
    for start in range(0, len(events), window):
        group = [*events[start : start + window], *later]
        later = [one for one in group if dice.random() < twice]
        dice.shuffle(group)
        yield group
    yield later

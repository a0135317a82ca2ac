"""The demo's story: what members do, how the webhook of it travels, and what the forum should look like at the end.

The people and topics are those the simulated forum starts with, and newcomers who join on the way. The rules are the
starter pack's. Imported by `service.demo`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Delivery = Literal["once", "twice", "forged"]
"""How the webhook arrives: signed, signed and then again, or signed with a wrong secret."""

Forum = Mapping[str, Any]
"""The simulated forum's state."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing that a member does (`fields`, as the simulator takes them), and how the webhook of it travels."""

    title: str
    fields: Mapping[str, Any]
    delivery: Delivery = "once"
    made: str | None = None
    """Under what name its webhook's object is remembered for the expectations."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One sentence on the forum's final state, and how to tell whether it holds."""

    says: str
    holds: Callable[[Forum, Mapping[str, Mapping[str, Any]]], bool]


SPOKEN_OF = 8001
"""A post of the first topic, which the forged webhook claims to be spam."""

LONG_AGO = 1_577_836_800
"""2020, in Unix seconds: when an account that is old was made."""

FARM = " ".join(f'<a href="http://shop{n}.example/buy">cheap</a>' for n in range(6))
CREATED = {"event": "post.created"}


def _joins(username: str, email: str, *, long_ago: bool = False) -> dict[str, Any]:
    old = {"joinDateTimestamp": LONG_AGO, "postCount": 40, "userGroups": ["Members", "Review"]} if long_ago else {}
    return {"event": "user.created", "username": username, "email": email, **old}


def _spam(topic: int) -> dict[str, Any]:
    return {**CREATED, "username": "deals4u", "topicId": topic, "message": f"<p>Best prices! {FARM}</p>"}


SCENES: tuple[Scene, ...] = (
    Scene(
        "Pip joined today and posts a link",
        {
            **CREATED,
            "username": "pip",
            "topicId": 501,
            "message": 'Look at <a href="http://pips-page.example">my page</a>',
        },
        made="link",
    ),
    Scene("A spammer signs up with a throw-away address", _joins("quickcash", "quickcash@mailinator.com")),
    Scene("Another signs up with an ordinary one", _joins("deals4u", "deals@mail.example")),
    Scene("... and floods three topics with link farms", _spam(501), made="spam-1"),
    Scene("... the second", _spam(502), made="spam-2"),
    Scene("... the third; the platform sends this webhook twice", _spam(503), "twice", made="spam-3"),
    Scene(
        "... and tries a shortened link",
        {**CREATED, "username": "deals4u", "topicId": 502, "message": 'Go: <a href="http://bit.ly/x1">here</a>'},
        made="short",
    ),
    Scene(
        "Somebody without the secret sends a forged webhook",
        {"event": "post.updated", "postId": SPOKEN_OF, "message": "<p>A place for slow talk.</p>"},
        "forged",
    ),
    Scene("Lee joins", _joins("lee", "lee@mail.example")),
    Scene("... and says hello", {**CREATED, "username": "lee", "topicId": 501, "message": "Hello, I keep herons."}),
    Scene(
        "Wren edits an old post: the words show one site, the link leads to another",
        {
            "event": "post.updated",
            "postId": 9001,
            "message": '<p>See <a href="https://evil.example/login">https://bank.example</a></p>',
        },
    ),
    Scene(
        "Marlow starts a topic in capitals",
        {
            "event": "topic.created",
            "username": "marlow",
            "title": "PLEASE HELP WITH MY OAK CHAIRS",
            "message": "<p>They wobble.</p>",
            "categoryId": 3,
        },
        made="shouting",
    ),
    Scene(
        "Wren starts a topic that says nothing",
        {
            "event": "topic.created",
            "username": "wren",
            "title": "Question",
            "message": "<p>How?</p>",
            "categoryId": 3,
        },
        made="vague",
    ),
    Scene(
        "A post of a trusted member was held by the forum's own filter",
        {
            **CREATED,
            "username": "marlow",
            "topicId": 502,
            "message": "Under Profile, then Picture.",
            "pending": True,
        },
        made="waiting",
    ),
    Scene("Wren has the answer and says so", {**CREATED, "username": "wren", "topicId": 502, "message": "!solved"}),
    Scene(
        "Ann of the staff pins a topic",
        {**CREATED, "username": "ann", "topicId": 501, "message": "!pin"},
        made="pin",
    ),
    Scene("Bo locks one", {**CREATED, "username": "bo", "topicId": 503, "message": "!lock"}, made="lock"),
    Scene("... changes his mind", {**CREATED, "username": "bo", "topicId": 503, "message": "!unlock"}, made="unlock"),
    Scene("Ann unpins hers", {**CREATED, "username": "ann", "topicId": 501, "message": "!unpin"}, made="unpin"),
    Scene("Sam, long under review, has a record by now", _joins("sam", "sam@mail.example", long_ago=True)),
    Scene(
        "... and writes another good post",
        {**CREATED, "username": "sam", "topicId": 501, "message": "Herons nest here."},
    ),
    Scene("A topic gets a badge, which modbot knows nothing of", {"event": "badge.given"}),
)
"""The story in order."""


def _posts(forum: Forum) -> dict[int, Mapping[str, Any]]:
    return {post["postId"]: post for post in forum["posts"]}


def _topic(forum: Forum, topic_id: int) -> Mapping[str, Any]:
    return next((topic for topic in forum["topics"] if topic["topicId"] == topic_id), {})


def _groups(forum: Forum, username: str) -> list[str]:
    return next((list(user["groups"]) for user in forum["users"] if user["username"] == username), [])


def _gone(forum: Forum, made: Mapping[str, Mapping[str, Any]], *names: str) -> bool:
    return not any(made[name]["postId"] in _posts(forum) for name in names)


def _told(forum: Forum, username: str, subject: str) -> int:
    """How many conversations with this subject include the member."""
    return sum(
        talk["subject"] == subject and any(person["user"]["username"] == username for person in talk["participants"])
        for talk in forum["conversations"]
    )


EXPECTED: tuple[Expectation, ...] = (
    Expectation("Pip's link waits for a moderator", lambda f, m: _posts(f)[m["link"]["postId"]]["pending"] is True),
    Expectation("Pip was told so, once", lambda f, _: _told(f, "pip", "Your post waits for a moderator") == 1),
    Expectation("quickcash is under review", lambda f, _: "Review" in _groups(f, "quickcash")),
    Expectation("all spam is gone", lambda f, m: _gone(f, m, "spam-1", "spam-2", "spam-3", "short")),
    Expectation("the post that the forged webhook spoke of is untouched", lambda f, _: SPOKEN_OF in _posts(f)),
    Expectation("Lee was welcomed, once", lambda f, _: _told(f, "lee", "Welcome") == 1),
    Expectation("the disguised link waits for a moderator", lambda f, _: _posts(f)[9001]["pending"] is True),
    Expectation(
        "the shouting title is in sentence case",
        lambda f, m: _topic(f, m["shouting"]["topicId"])["title"] == "Please help with my oak chairs",
    ),
    Expectation(
        "the vague topic has one reply of the bot",
        lambda f, m: (
            sum(
                post["topicId"] == m["vague"]["topicId"] and post["author"]["username"] == "modbot"
                for post in f["posts"]
            )
            == 1
        ),
    ),
    Expectation("Marlow's held post is out", lambda f, m: _posts(f)[m["waiting"]["postId"]]["pending"] is False),
    Expectation(
        "Wren's topic is solved and locked",
        lambda f, _: _topic(f, 502)["locked"] is True and _topic(f, 502)["title"].startswith("[Solved] "),
    ),
    Expectation("the staff's commands are gone", lambda f, m: _gone(f, m, "pin", "lock", "unlock", "unpin")),
    Expectation("topic 503 is open again", lambda f, _: _topic(f, 503)["locked"] is False),
    Expectation("topic 501 is not pinned any more", lambda f, _: _topic(f, 501)["pinned"] is False),
    Expectation("Sam is no longer under review", lambda f, _: _groups(f, "sam") == ["Members"]),
)

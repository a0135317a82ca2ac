"""The simulated forum itself: its records, and the changes that members and the API make to them.

Records have the fields of the reference's objects. Every change also keeps the webhook that the platform would send
(platform-facts.md, 1.1 and 1.2). Imported by the simulator's modules alone.
"""

from __future__ import annotations

import html
import itertools
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.forums.simulated import Listener
from service.forums.websitetoolbox.simulator.reference import find, shaped

Row = dict[str, Any]

MOST_WEBHOOKS = 10_000

_SHAPES = {
    "topic": "/api/topics/1",
    "post": "/api/posts/1",
    "user": "/api/users/1",
    "conversation": "/api/conversations/1",
    "message": "/api/conversations/1/messages/1",
}
"""Where the API gives each kind of object that an event carries."""

_SET_OF_TOPIC = frozenset({"title", "locked", "pinned", "categoryId", "tags", "dateTimestamp", "pollId", "viewCount"})
_SET_OF_POST = frozenset({"pending", "likeCount", "dislikeCount", "postTimestamp", "attachments"})
"""Fields that an update sets; it ignores those that follow from others."""

_TAG = re.compile(r"<[^<>]*>")


def rendered(kind: str, row: Mapping[str, Any]) -> Row:
    """A record in the API's shape; a topic also has its address, which the reference leaves out."""
    found = find("GET", _SHAPES[kind])
    assert found is not None
    answer: Row = shaped(found[0].response, row)
    return {**answer, "URL": row.get("URL", "")} if kind == "topic" else answer


def visible(message: str) -> str:
    """The text of a message without its HTML."""
    return html.unescape(_TAG.sub("", message.replace("<br>", "\n")))


@dataclass(slots=True)
class State:
    """Everything that the forum holds. Tables are by id; ids above 10,000 are new."""

    clock: Callable[[], float] = time.time
    topics: dict[int, Row] = field(default_factory=dict)
    posts: dict[int, Row] = field(default_factory=dict)
    users: dict[int, Row] = field(default_factory=dict)
    usergroups: dict[int, Row] = field(default_factory=dict)
    categories: dict[int, Row] = field(default_factory=dict)
    conversations: dict[int, Row] = field(default_factory=dict)
    messages: dict[int, Row] = field(default_factory=dict)
    category_moderators: dict[int, Row] = field(default_factory=dict)
    page_views: dict[int, Row] = field(default_factory=dict)
    tags: dict[int, Row] = field(default_factory=dict)
    permissions: dict[tuple[int, int], Row] = field(default_factory=dict)
    """What a category changes of a group's permissions, by category and group."""
    followed: dict[int, set[int]] = field(default_factory=dict)
    webhooks: deque[Row] = field(default_factory=lambda: deque(maxlen=MOST_WEBHOOKS))
    listeners: list[Listener] = field(default_factory=list)
    """Told of every webhook as it happens."""
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(10_001))

    def now(self) -> int:
        """Unix seconds, whole as the API's are."""
        return int(self.clock())

    def tell(self, event: str, row: Mapping[str, Any]) -> Row:
        """Keep the webhook of a happening; of what is deleted, the id alone."""
        kind, _, what = event.partition(".")
        name = f"{kind}Id"
        thing = {"object": kind, name: row[name]} if what == "deleted" else rendered(kind, row)
        envelope: Row = {"api_version": "1", "type": event, "data": {"object": thing}}
        self.webhooks.append(envelope)
        for listen in self.listeners:
            listen(event, envelope)
        return envelope

    def user_named(self, username: object) -> Row | None:
        """The member with this name, without regard to case."""
        wanted = str(username).casefold()
        return next((user for user in self.users.values() if user["username"].casefold() == wanted), None)

    def add_user(self, fields: Mapping[str, Any]) -> Row:
        """A member signs up, into Members unless groups are given."""
        now, number = self.now(), next(self.ids)
        members = [group["userGroupId"] for group in self.usergroups.values() if group["title"] == "Members"]
        user: Row = {"object": "user", "enableMessages": True, "allowEmails": True, "postCount": 0, "reputation": 0}
        user |= {"joinDateTimestamp": now, "lastVisitTimestamp": now, "userGroups": members, "customFields": []}
        user |= {**fields, "userId": number}
        self.users[number] = user
        self.tell("user.created", user)
        return user

    def add_topic(self, author: Row, fields: Mapping[str, Any], message: str, *, pending: bool = False) -> Row:
        """A member starts a topic with its first post."""
        number = next(self.ids)
        topic: Row = {
            "object": "topic",
            "topicId": number,
            "locked": False,
            "pinned": False,
            "viewCount": 0,
            "tags": [],
        }
        topic |= {"canReply": True, "author": person(author), "dateTimestamp": self.now(), **fields}
        topic["URL"] = f"https://forum.example/topic/{number}"
        self.topics[number] = topic
        topic["firstPostId"] = self._write(author, topic, message, pending=pending)["postId"]
        self.tell("topic.created", topic)
        return topic

    def add_post(self, author: Row, topic: Row, message: str, *, pending: bool = False) -> Row:
        """A member replies."""
        post = self._write(author, topic, message, pending=pending)
        self.tell("post.created", post)
        return post

    def _write(self, author: Row, topic: Row, message: str, *, pending: bool) -> Row:
        now = self.now()
        post = self.put_post(next(self.ids), author, topic, message, now)
        post["pending"] = pending
        author |= {"postCount": author.get("postCount", 0) + 1, "lastPostTimestamp": now}
        return post

    def put_post(self, number: int, author: Row, topic: Row, message: str, moment: int) -> Row:
        """A post under this id, the newest of its topic."""
        post: Row = {"object": "post", "postId": number, "topicId": topic["topicId"], "author": person(author)}
        post |= {"pending": False, "postTimestamp": moment, "editTimestamp": 0, "attachments": [], **_texts(message)}
        self.posts[number] = post
        _count(topic, topic.get("postCount", 0) + 1, post)
        return post

    def change_post(self, post: Row, fields: Mapping[str, Any]) -> Row:
        """Edit a post, or set whether it is pending."""
        was_pending = post["pending"]
        post |= {name: value for name, value in fields.items() if name in _SET_OF_POST}
        if "message" in fields:
            post |= {"editTimestamp": self.now(), **_texts(fields["message"])}
        approved = was_pending and not post["pending"]
        self.tell("post.approved" if approved else "post.updated", post)
        return post

    def change_topic(self, topic: Row, fields: Mapping[str, Any]) -> Row:
        """Lock, pin, move, retitle or tag a topic."""
        topic |= {name: value for name, value in fields.items() if name in _SET_OF_TOPIC}
        self.tell("topic.updated", topic)
        return topic

    def change_user(self, user: Row, fields: Mapping[str, Any]) -> Row:
        """Change a profile or the groups."""
        user |= {name: value for name, value in fields.items() if name != "password"}
        self.tell("user.updated", user)
        return user

    def remove_post(self, post: Row) -> None:
        """Delete a post; with its first post goes the topic."""
        topic = self.topics[post["topicId"]]
        if topic["firstPostId"] == post["postId"]:
            self.remove_topic(topic)
            return
        del self.posts[post["postId"]]
        left = self.posts_of(topic)
        _count(topic, len(left), left[-1])
        self.tell("post.deleted", post)

    def remove_topic(self, topic: Row) -> None:
        """Delete a topic and its posts."""
        for number in [post["postId"] for post in self.posts_of(topic)]:
            del self.posts[number]
        del self.topics[topic["topicId"]]
        self.tell("topic.deleted", topic)

    def remove_user(self, user: Row) -> None:
        """Delete a member; what they wrote stays."""
        del self.users[user["userId"]]
        self.tell("user.deleted", user)

    def remove_category(self, category: Row) -> None:
        """Delete a category with its topics and posts."""
        number = category["categoryId"]
        for topic in [topic for topic in self.topics.values() if topic["categoryId"] == number]:
            self.remove_topic(topic)
        del self.categories[number]

    def add_conversation(self, sender: Row, recipients: Iterable[Row], subject: str, message: str) -> Row:
        """A member starts a conversation."""
        number = next(self.ids)
        people = [self._participant(number, user, starter=user is sender) for user in (sender, *recipients)]
        talk: Row = {"object": "conversation", "conversationId": number, "subject": subject, "participants": people}
        talk["dateTimestamp"] = self.now()
        self.conversations[number] = talk
        self._say(talk, sender, message)
        self.tell("conversation.created", talk)
        return talk

    def add_message(self, talk: Row, sender: Row, message: str) -> Row:
        """A member writes into a conversation."""
        said = self._say(talk, sender, message)
        self.tell("message.created", said)
        return said

    def _say(self, talk: Row, sender: Row, message: str) -> Row:
        number = next(self.ids)
        said: Row = {"object": "message", "messageId": number, "conversationId": talk["conversationId"]}
        said |= {"dateTimestamp": self.now(), "sender": person(sender), "attachments": [], **_texts(message)}
        self.messages[number] = said
        return said

    def _participant(self, conversation: int, user: Row, *, starter: bool) -> Row:
        part = {"conversationId": conversation, "conversationUserId": next(self.ids), "isStarter": starter}
        return {**part, "active": True, "isUnread": not starter, "userId": user["userId"], "user": person(user)}

    def snapshot(self) -> Row:
        """Everything there is, for people and tests: lists of records; users with the titles of their groups."""
        titles = {number: group["title"] for number, group in self.usergroups.items()}
        users = [{**u, "groups": [titles.get(g, str(g)) for g in u["userGroups"]]} for u in self.users.values()]
        names = ("topics", "posts", "usergroups", "categories", "conversations", "messages", "category_moderators")
        return {"users": users, **{name: list(getattr(self, name).values()) for name in names}}

    def messages_of(self, talk: Row) -> list[Row]:
        """A conversation's messages, oldest first."""
        return [said for said in self.messages.values() if said["conversationId"] == talk["conversationId"]]

    def posts_of(self, topic: Row) -> list[Row]:
        """A topic's posts, oldest first."""
        return [post for post in self.posts.values() if post["topicId"] == topic["topicId"]]


def _count(topic: Row, posts: int, last: Row) -> None:
    topic |= {"postCount": posts, "replyCount": posts - 1}
    topic["lastPost"] = {"postId": last["postId"], "timestamp": last["postTimestamp"], "author": last["author"]}


def person(user: Mapping[str, Any]) -> Row:
    """A user as other objects mention one."""
    return {"userId": user["userId"], "username": user["username"], "avatarUrl": user.get("avatarUrl", "")}


def _texts(message: str) -> Row:
    text = visible(message)
    return {"message": message, "messageText": text, "preview": text[:80]}

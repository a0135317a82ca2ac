"""The Forum of Website Toolbox: every verb is one request where it can be, and looks at the answer.

The API answers 200 to fields that it ignores, so a state counts as set when the answer shows it, else when reading the
thing again does (platform-facts.md, 1.5). Requests go through `ForumApi` alone. Imported by the platform's value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec

from rules.decision import Target
from rules.event import Author, Category, Post, Topic
from service import __version__
from service.forums.http import ForumApi
from service.forums.platform import Account
from service.forums.port import Forum, NotFound, Outcome, Refused
from service.forums.texts import as_html, shows
from service.forums.values import to_int, to_objects
from service.forums.websitetoolbox.account import PAGE, Session, understand
from service.forums.websitetoolbox.objects import PostShape, TopicShape
from service.forums.websitetoolbox.sent import Sought

NOTE_SUBJECT = "Note from the moderation bot"
"""Subject of the conversation that notify_moderators starts."""

P = ParamSpec("P")


def headers(account: Account) -> Mapping[str, str]:
    """Headers of every request.

    `x-api-username` is left out: a request made as a user sees and may do what that user may, the key alone everything.
    """
    return {"x-api-key": account.api_key, "accept": "application/json", "user-agent": f"modbot/{__version__}"}


def connect(account: Account) -> Callable[[ForumApi], Forum]:
    """Open an account once a process; the result serves each job."""
    session = Session(account)
    return lambda api: WebsiteToolbox(session, api)


def _gone_if_not_found(verb: Callable[P, Outcome]) -> Callable[P, Outcome]:
    @wraps(verb)
    def tell(*args: P.args, **kwargs: P.kwargs) -> Outcome:
        try:
            return verb(*args, **kwargs)
        except NotFound:
            return Outcome.TARGET_GONE

    return tell


class WebsiteToolbox:
    """The verbs and reads of `port.Forum` for one job."""

    def __init__(self, session: Session, api: ForumApi) -> None:
        self._session = session
        self._account = session.account
        self._api = api

    def lock(self, target: Target) -> Outcome:
        """No member can reply to the topic any more."""
        return self._set_topic("lock", target, "locked", value=True)

    def unlock(self, target: Target) -> Outcome:
        """Members can reply to the topic again."""
        return self._set_topic("unlock", target, "locked", value=False)

    def pin(self, target: Target) -> Outcome:
        """The topic stands first in its category."""
        return self._set_topic("pin", target, "pinned", value=True)

    def unpin(self, target: Target) -> Outcome:
        """The topic stands where its age puts it."""
        return self._set_topic("unpin", target, "pinned", value=False)

    def move(self, target: Target, *, category: str | int) -> Outcome:
        """Put the topic into a category, named by title or id."""
        known = self._session.categories
        number = category if isinstance(category, int) else known.find(self._api, category)
        if number is None:
            raise Refused(f"move: no category is titled {str(category)[:60]!r}; the forum has {len(known.items)}")
        return self._set_topic("move", target, "categoryId", value=number)

    def retitle(self, target: Target, *, text: str) -> Outcome:
        """Give the topic a new title."""
        return self._set_topic("retitle", target, "title", value=text)

    def approve(self, target: Target) -> Outcome:
        """Publish a pending post, or a topic's first post. Looks first, for approving twice would show."""
        return self._set_pending("approve", target, pending=False)

    def hold(self, target: Target) -> Outcome:
        """Put a post, or a topic's first post, back into the approval queue."""
        return self._set_pending("hold", target, pending=True)

    def delete(self, target: Target) -> Outcome:
        """Delete a post, a topic with its posts, or a conversation. What is gone already is ALREADY_DONE."""
        folder = {"post": "posts", "topic": "topics", "conversation": "conversations"}.get(target.kind)
        if folder is None:
            raise Refused(f"delete: acts on a post, topic or conversation, not on a {target.kind}")
        try:
            self._api.call("delete", "DELETE", f"api/{folder}/{target.id}")
        except NotFound:
            return Outcome.ALREADY_DONE
        return Outcome.DONE

    def add_to_group(self, target: Target, *, group: str | int) -> Outcome:
        """Add the user to a group, named by title or id; the other groups stay."""
        return self._set_membership("add_to_group", target, group, method="POST")

    def remove_from_group(self, target: Target, *, group: str | int) -> Outcome:
        """Take the user out of a group, named by title or id."""
        return self._set_membership("remove_from_group", target, group, method="DELETE")

    def message(self, target: Target, *, subject: str, body: str) -> Outcome:
        """Start a conversation of the bot with the user."""
        name = self._session.name_of(self._api, _number("message", target, "user"))
        if name is None:
            return Outcome.TARGET_GONE
        return self._converse("message", subject, body, [name])

    @_gone_if_not_found
    def reply(self, target: Target, *, text: str) -> Outcome:
        """Post below a topic as the bot; of a post, below its topic."""
        topic_id = self._topic_of(target)
        return Outcome.TARGET_GONE if topic_id is None else self._post_reply("reply", topic_id, text)

    def notify_moderators(self, target: Target, *, text: str) -> Outcome:  # noqa: ARG002 - where notes go is set
        """Tell the moderators, as the forum's `notify` says."""
        notify = self._account.notify
        if notify.users:
            return self._converse("notify_moderators", NOTE_SUBJECT, text, list(notify.users))
        if notify.topic is not None:
            return self._post_reply("notify_moderators", notify.topic, text)
        raise Refused("notify_moderators: nobody to tell; set `notify` of the forum to users or a topic")

    def get_post(self, post_id: int, topic_id: int | None = None) -> Post | None:  # noqa: ARG002 - the port's
        """The post, with its author and whether it is its topic's first."""
        try:
            found = self._read_post("get_post", post_id)
        except NotFound:
            return None
        return found.post().model_copy(update={"author": found.author.person() if found.author else None})

    def get_previous(self, topic_id: int, post_id: int) -> Post | None:
        """The post before this one, among the newest hundred of the topic; ids grow with time."""
        query = {"topicId": topic_id, "order": "desc", "limit": PAGE}
        answer = self._api.call("get_previous", "GET", "api/posts", query=query)
        items = to_objects(answer.get("data")) if isinstance(answer, dict) else None
        found = [understand(PostShape, item, "get_previous") for item in items or ()]
        older = [post for post in found if post.post_id is not None and post.post_id < post_id]
        return max(older, key=lambda post: post.post_id or 0).post() if older else None

    def get_topic(self, topic_id: int) -> Topic | None:
        """The topic as it is now, its newest post included."""
        try:
            return self._read_topic("get_topic", topic_id).topic()
        except NotFound:
            return None

    def get_author(self, user_id: int) -> Author | None:
        """The member, groups by title; groups are None where a title cannot be had."""
        user = self._session.user(self._api, user_id)
        return user.author(self._group_titles(user.user_groups)) if user else None

    def get_category(self, category_id: int) -> Category | None:
        """The category and its parent's name, from the catalogue."""
        known = self._session.categories
        found = known.get(self._api, category_id)
        parent = known.items.get(found.parent_id or 0) if found else None
        return found.category(parent.title if parent else None) if found else None

    def was_sent(self, action: str, target: Target, options: Mapping[str, str], since: float) -> bool | None:
        """Look for the bot's text where `action` would have put it; None where that cannot tell."""
        sought = Sought(self._account.bot_id, options.get("text", options.get("body", "")), since)
        notify = self._account.notify
        try:
            match action:
                case "message":
                    return sought.in_conversation(self._api, options.get("subject", ""), target.id)
                case "notify_moderators" if notify.users:
                    return sought.in_conversation(self._api, NOTE_SUBJECT, None)
                case "notify_moderators" if notify.topic is not None:
                    return sought.in_topic(self._api, notify.topic)
                case "reply":
                    topic_id = self._topic_of(target)
                    return sought.in_topic(self._api, topic_id) if topic_id is not None else None
        except NotFound:
            return None
        return None

    @_gone_if_not_found
    def _set_topic(self, action: str, target: Target, name: str, *, value: bool | int | str) -> Outcome:
        path = f"api/topics/{_number(action, target, 'topic')}"
        return self._set(action, path, name, value)

    @_gone_if_not_found
    def _set_pending(self, action: str, target: Target, *, pending: bool) -> Outcome:
        post_id = self._post_of(action, target)
        if post_id is None:
            raise Refused(f"{action}: the topic does not tell its first post")
        if not pending and self._read_post(action, post_id).pending is False:
            return Outcome.ALREADY_DONE
        return self._set(action, f"api/posts/{post_id}", "pending", pending)

    def _set(self, action: str, path: str, name: str, value: bool | int | str) -> Outcome:
        """Write one field and see that it took. Raises Refused where it did not."""
        shown = _field(self._api.call(action, "POST", path, body={name: value}), name)
        if shown is None:
            shown = _field(self._api.call(action, "GET", path), name)
        if not shows(shown, value):
            raise Refused(f"{action}: the forum said yes, but `{name}` did not change")
        return Outcome.DONE

    def _set_membership(self, action: str, target: Target, group: str | int, *, method: str) -> Outcome:
        user_id = _number(action, target, "user")
        group_id = self._group_id(action, group)
        try:
            self._api.call(action, method, f"api/usergroups/{group_id}/users", body={"userIds": [user_id]})
        except Refused:
            outcome = self._membership(user_id, group_id, wanted=method == "POST")
            if outcome is None:
                raise
            return outcome
        return Outcome.DONE

    def _membership(self, user_id: int, group_id: int, *, wanted: bool) -> Outcome | None:
        """What a refused change of groups comes to, by a look at the user; None where the refusal stands."""
        user = self._session.user(self._api, user_id)
        if user is None:
            return Outcome.TARGET_GONE
        if (group_id in map(to_int, user.user_groups or ())) == wanted:
            return Outcome.ALREADY_DONE
        self._session.groups.forget()
        return None

    def _group_id(self, action: str, group: str | int) -> int:
        known = self._session.groups
        number = group if isinstance(group, int) else known.find(self._api, group)
        if number is None:
            raise Refused(f"{action}: no user group is titled {str(group)[:60]!r}; the forum has {len(known.items)}")
        return number

    def _group_titles(self, ids: tuple[object, ...] | None) -> tuple[str, ...] | None:
        if ids is None:
            return None
        numbers = [number for value in ids if (number := to_int(value)) is not None]
        found = [self._session.groups.get(self._api, number) for number in numbers]
        titles = [group.title for group in found if group and group.title]
        return tuple(titles) if len(titles) == len(ids) else None

    def _converse(self, action: str, subject: str, body: str, recipients: list[str]) -> Outcome:
        content = {"subject": subject, "message": as_html(body)}
        people = {"recipientUsernames": recipients, "senderId": self._account.bot_id}
        self._api.call(action, "POST", "api/conversations", body={**content, **people})
        return Outcome.DONE

    def _post_reply(self, action: str, topic_id: int, text: str) -> Outcome:
        content = {"topicId": topic_id, "content": as_html(text), "username": self._account.bot_username}
        self._api.call(action, "POST", "api/posts", body=content)
        return Outcome.DONE

    def _topic_of(self, target: Target) -> int | None:
        """The topic that a reply goes to. Raises NotFound where its post is gone."""
        if target.kind == "post":
            return self._read_post("get_post", target.id).topic_id
        return _number("reply", target, "topic")

    def _post_of(self, action: str, target: Target) -> int | None:
        """The post to approve or hold: itself, or the topic's first."""
        if target.kind == "topic":
            return self._read_topic("get_topic", target.id).first_post_id
        return _number(action, target, "post")

    def _read_post(self, operation: str, post_id: int) -> PostShape:
        answer = self._api.call(operation, "GET", f"api/posts/{post_id}", query={"expand": "topic"})
        return understand(PostShape, answer, operation)

    def _read_topic(self, operation: str, topic_id: int) -> TopicShape:
        return understand(TopicShape, self._api.call(operation, "GET", f"api/topics/{topic_id}"), operation)


def _number(action: str, target: Target, kind: str) -> int:
    if target.kind != kind:
        raise Refused(f"{action}: acts on a {kind}, not on a {target.kind}")
    return target.id


def _field(answer: object, name: str) -> object:
    return answer.get(name) if isinstance(answer, dict) else None

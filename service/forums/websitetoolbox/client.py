"""The Forum of Website Toolbox: every verb is one request where it can be, and looks at the answer.

The API answers 200 to fields that it ignores, so a state counts as set when the answer shows it, else when reading the
thing again does (platform-facts.md, 1.5). Requests are made by `api` alone. Imported by the platform's value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from itertools import islice
from typing import ParamSpec, TypeVar

from pydantic.alias_generators import to_camel

from rules.decision import Target
from rules.event import Author, Category, Post, Topic
from service import __version__
from service.forums.answers import told
from service.forums.http import ForumApi
from service.forums.platform import Account
from service.forums.port import Forum, NotFound, Outcome, Refused
from service.forums.texts import as_html, edited, shows
from service.forums.websitetoolbox.account import Session
from service.forums.websitetoolbox.api import WebsiteToolbox
from service.forums.websitetoolbox.api.requests import PAGE
from service.forums.websitetoolbox.memberships import set_membership, set_memberships
from service.forums.websitetoolbox.notes import NOTE_SUBJECT, converse, tell_moderators
from service.forums.websitetoolbox.objects import PostShape, TopicShape
from service.forums.websitetoolbox.sent import Sought

P = ParamSpec("P")
S = TypeVar("S", PostShape, TopicShape)


def headers(account: Account) -> Mapping[str, str]:
    """Headers of every request.

    `x-api-username` is left out: a request made as a user sees and may do what that user may, the key alone everything.
    """
    return {"x-api-key": account.api_key, "accept": "application/json", "user-agent": f"modbot/{__version__}"}


def connect(account: Account) -> Callable[[ForumApi], Forum]:
    """Open an account once a process; the result serves each job."""
    session = Session(account)
    return lambda api: WebsiteToolboxForum(session, api)


def _gone_if_not_found(verb: Callable[P, Outcome]) -> Callable[P, Outcome]:
    @wraps(verb)
    def tell(*args: P.args, **kwargs: P.kwargs) -> Outcome:
        try:
            return verb(*args, **kwargs)
        except NotFound:
            return Outcome.TARGET_GONE

    return tell


class WebsiteToolboxForum:
    """The verbs and reads of `port.Forum` for one job."""

    def __init__(self, session: Session, api: ForumApi) -> None:
        self._session = session
        self._account = session.account
        self._api = api

    def lock(self, target: Target) -> Outcome:
        """No member can reply to the topic any more."""
        return self._set_topic("lock", target, locked=True)

    def unlock(self, target: Target) -> Outcome:
        """Members can reply to the topic again."""
        return self._set_topic("unlock", target, locked=False)

    def pin(self, target: Target) -> Outcome:
        """The topic stands first in its category."""
        return self._set_topic("pin", target, pinned=True)

    def unpin(self, target: Target) -> Outcome:
        """The topic stands where its age puts it."""
        return self._set_topic("unpin", target, pinned=False)

    def move(self, target: Target, *, category: str | int) -> Outcome:
        """Put the topic into a category, named by title or id."""
        known = self._session.categories
        number = category if isinstance(category, int) else known.find(self._api, category)
        if number is None:
            raise Refused(f"move: no category is titled {str(category)[:60]!r}; the forum has {len(known.items)}")
        return self._set_topic("move", target, category_id=number)

    def retitle(self, target: Target, *, text: str) -> Outcome:
        """Give the topic a new title."""
        return self._set_topic("retitle", target, title=text)

    def approve(self, target: Target) -> Outcome:
        """Publish a pending post, or a topic's first post. Looks first, for approving twice would show."""
        return self._set_pending("approve", target, pending=False)

    def hold(self, target: Target) -> Outcome:
        """Put a post, or a topic's first post, back into the approval queue."""
        return self._set_pending("hold", target, pending=True)

    @_gone_if_not_found
    def edit(self, target: Target, *, replace: Sequence[str], with_: str, inside_words: bool = False) -> Outcome:
        """Replace texts in a post, or in a topic's first, as it is now. ALREADY_DONE where none of them is left."""
        post_id, posts = self._post_of("edit", target), self._site("edit").posts
        text = edited(posts.get(post_id).message, replace, with_, inside_words=inside_words)
        if text is None:
            return Outcome.ALREADY_DONE
        return self._taken("edit", {"message": text}, posts.update(post_id, message=text), lambda: posts.get(post_id))

    def delete(self, target: Target) -> Outcome:
        """Delete a post, a topic with its posts, or a conversation. What is gone already is ALREADY_DONE."""
        site = self._site("delete")
        deletes = {"post": site.posts.delete, "topic": site.topics.delete, "conversation": site.conversations.delete}
        if target.kind not in deletes:
            raise Refused(f"delete: acts on a post, topic or conversation, not on a {target.kind}")
        try:
            deletes[target.kind](target.id)
        except NotFound:
            return Outcome.ALREADY_DONE
        return Outcome.DONE

    def add_to_group(self, target: Target, *, group: str | int) -> Outcome:
        """Add the user to a group, named by title or id; the other groups stay."""
        return set_membership(self._session, self._api, "add_to_group", _number("add_to_group", target, "user"), group)

    def remove_from_group(self, target: Target, *, group: str | int) -> Outcome:
        """Take the user out of a group, named by title or id."""
        number = _number("remove_from_group", target, "user")
        return set_membership(self._session, self._api, "remove_from_group", number, group)

    def change_groups(self, action: str, user_ids: Sequence[int], *, group: str | int) -> Outcome:
        """Do `action`, add_to_group or remove_from_group, to several users at once. Raises Refused for all of them."""
        return set_memberships(self._session, self._api, action, user_ids, group)

    def message(self, target: Target, *, subject: str, body: str) -> Outcome:
        """Start a conversation of the bot with the user."""
        name = self._session.name_of(self._api, _number("message", target, "user"))
        if name is None:
            return Outcome.TARGET_GONE
        return converse(self._session, self._api, "message", [name], subject, body)

    @_gone_if_not_found
    def reply(self, target: Target, *, text: str) -> Outcome:
        """Post below a topic as the bot; of a post, below its topic."""
        topic_id = self._topic_of(target)
        return Outcome.TARGET_GONE if topic_id is None else self._post_reply("reply", topic_id, text)

    def notify_moderators(self, target: Target, *, text: str) -> Outcome:  # noqa: ARG002 - where notes go is set
        """Tell the moderators, as the forum's `notify` says."""
        notify = self._account.notify
        if notify.users:
            return tell_moderators(self._session, self._api, notify.users, text)
        if notify.topic is not None:
            return self._post_reply("notify_moderators", notify.topic, text)
        raise Refused("notify_moderators: nobody to tell; set `notify` of the forum to users or a topic")

    def get_post(self, post_id: int, topic_id: int | None = None) -> Post | None:  # noqa: ARG002 - the port's
        """The post, with its author and whether it is its topic's first."""
        try:
            return _authored(self._read_post("get_post", post_id))
        except NotFound:
            return None

    def get_posts(self, post_ids: Sequence[int]) -> Mapping[int, Post]:
        """The posts that a list of these ids shows, with their authors and whether they are their topics' first."""
        listed = self._site("get_posts").posts.all(post_ids=post_ids, expand=["topic"])
        wanted = set(post_ids)
        return {post.post_id: _authored(post) for post in islice(listed, PAGE) if post.post_id in wanted}

    def get_topics(self, topic_ids: Sequence[int]) -> Mapping[int, Topic]:
        """The topics that a list of these ids shows."""
        listed = self._site("get_topics").topics.all(topic_ids=topic_ids)
        wanted = set(topic_ids)
        return {topic.topic_id: topic.topic() for topic in islice(listed, PAGE) if topic.topic_id in wanted}

    def get_previous(self, topic_id: int, post_id: int) -> Post | None:
        """The post before this one, among the newest hundred of the topic; ids grow with time."""
        listed = self._site("get_previous").posts.all(topic_ids=[topic_id], order="desc")
        found = list(islice(listed, PAGE))
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
        return user.author(self._session.group_titles(self._api, user.user_groups)) if user else None

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
    def _set_topic(
        self,
        action: str,
        target: Target,
        *,
        locked: bool | None = None,
        pinned: bool | None = None,
        category_id: int | None = None,
        title: str | None = None,
    ) -> Outcome:
        """Set one field of a topic."""
        number, topics = _number(action, target, "topic"), self._site(action).topics
        answer = topics.update(number, locked=locked, pinned=pinned, category_id=category_id, title=title)
        wanted = told(locked=locked, pinned=pinned, category_id=category_id, title=title)
        return self._taken(action, wanted, answer, lambda: topics.get(number))

    @_gone_if_not_found
    def _set_pending(self, action: str, target: Target, *, pending: bool) -> Outcome:
        post_id, posts = self._post_of(action, target), self._site(action).posts
        if not pending and posts.get(post_id).pending is False:
            return Outcome.ALREADY_DONE
        answer = posts.update(post_id, pending=pending)
        return self._taken(action, {"pending": pending}, answer, lambda: posts.get(post_id))

    def _taken(self, action: str, wanted: Mapping[str, bool | int | str], shown: S, look: Callable[[], S]) -> Outcome:
        """See that a write took: by its answer, else by another look. Raises Refused where it did not."""
        if any(getattr(shown, name) is None for name in wanted):
            shown = look()
        for name, value in wanted.items():
            if not shows(getattr(shown, name), value):
                raise Refused(f"{action}: the forum said yes, but `{to_camel(name)}` did not change")
        self._api.shown(shown.topic() if isinstance(shown, TopicShape) else shown.post())
        return Outcome.DONE

    def _post_reply(self, action: str, topic_id: int, text: str) -> Outcome:
        name = self._account.bot_username
        self._site(action).posts.create(topic_id=topic_id, username=name, content=as_html(text))
        return Outcome.DONE

    def _topic_of(self, target: Target) -> int | None:
        """The topic that a reply goes to. Raises NotFound where its post is gone."""
        if target.kind == "post":
            return self._read_post("get_post", target.id).topic_id
        return _number("reply", target, "topic")

    def _post_of(self, action: str, target: Target) -> int:
        """The post to approve, hold or edit: itself, or the topic's first. Raises Refused where nobody can tell."""
        if target.kind != "topic":
            return _number(action, target, "post")
        first = self._read_topic("get_topic", target.id).first_post_id
        if first is None:
            raise Refused(f"{action}: the topic does not tell its first post")
        return first

    def _read_post(self, operation: str, post_id: int) -> PostShape:
        return self._site(operation).posts.get(post_id, expand=["topic"])

    def _read_topic(self, operation: str, topic_id: int) -> TopicShape:
        return self._site(operation).topics.get(topic_id)

    def _site(self, operation: str) -> WebsiteToolbox:
        """The whole API, its requests counted and told of under this name."""
        return WebsiteToolbox(self._api, operation)


def _authored(found: PostShape) -> Post:
    return found.post().model_copy(update={"author": found.author.person() if found.author else None})


def _number(action: str, target: Target, kind: str) -> int:
    if target.kind != kind:
        raise Refused(f"{action}: acts on a {kind}, not on a {target.kind}")
    return target.id

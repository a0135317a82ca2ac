"""The Forum of UserEcho: what its API can do of the port's verbs, each seen in the answer or read again.

A topic's text is part of it, and comments are its replies (see `items`). The API has no call to delete, approve or
hold a comment, to pin, or to write privately: these raise Unsupported and are not among the platform's `actions`.
Imported by the platform's value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from rules.decision import Target
from rules.event import Author, Category, Post, Topic
from service import __version__
from service.forums.http import ForumApi
from service.forums.platform import Account
from service.forums.port import Forum, NotFound, Outcome, Refused, Unsupported
from service.forums.texts import as_html, edited, same_text
from service.forums.userecho.account import Session
from service.forums.userecho.api.requests import UNCHANGED, Unchanged
from service.forums.userecho.found import authored, find_comment, find_comment_before, is_listed, was_commented
from service.forums.userecho.items import TopicShape
from service.forums.userecho.memberships import set_membership
from service.forums.userecho.options import options_of

Shown = Callable[[TopicShape], bool | None]
"""Whether a topic shows what was asked for; None where it does not tell."""


def headers(account: Account) -> Mapping[str, str]:
    """Headers of every request. The key goes into Authorization, which keeps it out of addresses."""
    key = {} if options_of(account).token_in_query else {"authorization": f"Bearer {account.api_key}"}
    return {**key, "accept": "application/json", "user-agent": f"modbot/{__version__}"}


def connect(account: Account) -> Callable[[ForumApi], Forum]:
    """Open an account once a process; the result serves each job."""
    session = Session(account)
    return lambda api: UserEchoForum(session, api)


class UserEchoForum:
    """The verbs and reads of `port.Forum` for one job."""

    def __init__(self, session: Session, api: ForumApi) -> None:
        self._session = session
        self._options = session.options
        self._account = session.account
        self._api = api
        self._site = session.site(api)

    def delete(self, target: Target) -> Outcome:
        """Delete a topic with its comments. What is gone already is ALREADY_DONE."""
        if target.kind == "post" and target.id > 0:
            raise Unsupported("delete: UserEcho's API has no call to delete a comment; delete the topic, or tell staff")
        try:
            self._site.topics.delete(_topic_id("delete", target))
        except NotFound:
            return Outcome.ALREADY_DONE
        return Outcome.DONE

    def edit(self, target: Target, *, replace: Sequence[str], with_: str, inside_words: bool = False) -> Outcome:
        """Replace texts in the topic's own text as it is now. ALREADY_DONE where none of them is left."""
        if target.kind == "post" and target.id > 0:
            raise Unsupported("edit: UserEcho's API has no call to change a comment; write the rule for topics")
        topic = self._topic("edit", target)
        text = edited(topic.description, replace, with_, inside_words=inside_words) if topic else None
        if topic and text is None:
            return Outcome.ALREADY_DONE
        return self._set("edit", topic, lambda shown: _same(shown.description, text or ""), description=text or "")

    def retitle(self, target: Target, *, text: str) -> Outcome:
        """Give the topic a new title."""
        topic = self._topic("retitle", target)
        return self._set("retitle", topic, lambda shown: _same(shown.header, text), header=text)

    def move(self, target: Target, *, category: str | int) -> Outcome:
        """Put the topic into a category of its forum, named by title or id."""
        topic = self._topic("move", target)
        if topic is None:
            return Outcome.TARGET_GONE
        number = category
        if not isinstance(number, int):
            known = self._session.categories(self._forum_of("move", topic))
            found = known.find(self._api, number)
            if found is None:
                raise Refused(f"move: no category is titled {number[:60]!r}; the forum has {len(known.items)}")
            number = found
        return self._set(
            "move",
            topic,
            lambda shown: _same_id(shown.in_category, number),
            lambda: is_listed(self._site, topic.id, number),
            category=number,
        )

    def lock(self, target: Target) -> Outcome:
        """Give the topic the status that is set as closed. Whether members can still comment is the site's choice."""
        return self._set_status("lock", "closed_status", target, self._options.closed_status)

    def unlock(self, target: Target) -> Outcome:
        """Give the topic the status that is set as open."""
        return self._set_status("unlock", "open_status", target, self._options.open_status)

    def reply(self, target: Target, *, text: str) -> Outcome:
        """Comment on a topic as the key's own user."""
        return self._comment(_topic_id("reply", target), text)

    def notify_moderators(self, target: Target, *, text: str) -> Outcome:  # noqa: ARG002 - where notes go is set
        """Tell the moderators, by a comment on the topic that the forum's `notify` names."""
        topic_id = self._account.notify.topic
        if topic_id is None:
            raise Refused("notify_moderators: UserEcho has no private messages; set `notify` to {topic: ID}")
        return self._comment(topic_id, text)

    def add_to_group(self, target: Target, *, group: str | int) -> Outcome:
        """Add the user to a group, named by title or id; only where the setting `groups` is on."""
        return set_membership(self._session, self._api, "add_to_group", target, group)

    def remove_from_group(self, target: Target, *, group: str | int) -> Outcome:
        """Take the user out of a group, named by title or id; only where the setting `groups` is on."""
        return set_membership(self._session, self._api, "remove_from_group", target, group)

    def approve(self, target: Target) -> Outcome:
        """Unsupported."""
        _unsupported("approve", target)

    def hold(self, target: Target) -> Outcome:
        """Unsupported."""
        _unsupported("hold", target)

    def pin(self, target: Target) -> Outcome:
        """Unsupported."""
        _unsupported("pin", target)

    def unpin(self, target: Target) -> Outcome:
        """Unsupported."""
        _unsupported("unpin", target)

    def message(self, target: Target, *, subject: str, body: str) -> Outcome:  # noqa: ARG002 - the port's words
        """Unsupported."""
        _unsupported("message", target)

    def get_post(self, post_id: int, topic_id: int | None = None) -> Post | None:
        """A topic's own text by its negated id; a comment if its topic is told: the API has no call for one alone.

        Raises Refused for a comment without its topic.
        """
        try:
            if post_id < 0:
                return authored(self._site.topics.get(-post_id))
            if topic_id is None:
                raise Refused("get_post: UserEcho's API cannot read a comment without knowing its topic")
            return find_comment(self._site, topic_id, post_id)
        except NotFound:
            return None

    def get_previous(self, topic_id: int, post_id: int) -> Post | None:
        """The comment before this one; before a topic's first comment, the topic's own text."""
        if post_id < 0:
            return None
        try:
            found = find_comment_before(self._site, topic_id, post_id)
            return found or authored(self._site.topics.get(topic_id))
        except NotFound:
            return None

    def get_topic(self, topic_id: int) -> Topic | None:
        """The topic as it is now; locked says whether its status is the one set as closed."""
        try:
            return self._site.topics.get(topic_id).topic(self._options.closed_status)
        except NotFound:
            return None

    def get_author(self, user_id: int) -> Author | None:
        """The user as the project has them now. How much they wrote is not told."""
        try:
            return self._site.users.get(user_id).user()
        except NotFound:
            return None

    def get_category(self, category_id: int) -> Category | None:
        """The category, its forum as its parent."""
        for forum_id, forum in self._session.forums.every(self._api).items():
            found = self._session.categories(forum_id).get(self._api, category_id)
            if found:
                return Category(category_id=found.id, name=found.name, parent_id=forum_id, parent_name=forum.name)
        return None

    def was_sent(self, action: str, target: Target, options: Mapping[str, str], since: float) -> bool | None:
        """Look for the bot's text where `action` would have put it; None where that cannot tell."""
        places = {"reply": _topic_of(target), "notify_moderators": self._account.notify.topic}
        topic_id = places.get(action)
        if topic_id is None:
            return None
        try:
            return was_commented(self._site, topic_id, self._account.bot_id, options.get("text", ""), since)
        except NotFound:
            return None

    def _comment(self, topic_id: int, text: str) -> Outcome:
        try:
            self._site.comments.create(topic_id, text=as_html(text))
        except NotFound:
            return Outcome.TARGET_GONE
        return Outcome.DONE

    def _set_status(self, action: str, setting: str, target: Target, status: int | None) -> Outcome:
        if status is None:
            raise Unsupported(f"{action}: UserEcho knows statuses alone; set `{setting}` in the forum's options")
        topic = self._topic(action, target)
        return self._set(
            action, topic, lambda shown: _same_id(shown.status.id if shown.status else None, status), status=status
        )

    def _set(
        self,
        action: str,
        topic: TopicShape | None,
        shown: Shown,
        look: Callable[[], bool] | None = None,
        *,
        header: str | Unchanged = UNCHANGED,
        description: str | Unchanged = UNCHANGED,
        status: int | Unchanged = UNCHANGED,
        category: int | Unchanged = UNCHANGED,
    ) -> Outcome:
        """Change a topic and see that it took. Raises Refused where it did not.

        The answer shows it, else the topic read again does, else `look` finds out where a topic does not tell.
        """
        if topic is None:
            return Outcome.TARGET_GONE
        if shown(topic):
            return Outcome.ALREADY_DONE
        assert topic.id is not None
        forum_id = self._forum_of(action, topic)
        try:
            answer = self._site.topics.update(
                forum_id, topic.id, header=header, description=description, status=status, category=category
            )
        except NotFound as failure:
            return self._gone_or(failure, topic.id)
        now = answer if shown(answer) else self._topic(action, Target(kind="topic", id=topic.id))
        if now is None:
            return Outcome.TARGET_GONE
        if not (look() if shown(now) is None and look else shown(now)):
            raise Refused(f"{action}: the forum said yes, but the topic did not change")
        return Outcome.DONE

    def _gone_or(self, failure: NotFound, topic_id: int) -> Outcome:
        """A change answered with "not found" is about the topic, or about what it was to be changed to."""
        try:
            self._site.topics.get(topic_id)
        except NotFound:
            return Outcome.TARGET_GONE
        raise Refused(str(failure)) from None

    def _topic(self, action: str, target: Target) -> TopicShape | None:
        topic_id = _topic_id(action, target)
        try:
            return self._site.topics.get(topic_id).model_copy(update={"id": topic_id})
        except NotFound:
            return None

    def _forum_of(self, action: str, topic: TopicShape) -> int:
        forum_id = self._session.forum_of(self._api, topic)
        if forum_id is None:
            raise Refused(f"{action}: the topic does not tell its forum; set `forum` in the forum's options")
        return forum_id


def _topic_of(target: Target) -> int | None:
    """The topic that a target is, or whose own text it is."""
    if target.kind == "topic":
        return target.id
    return -target.id if target.kind == "post" and target.id < 0 else None


def _topic_id(action: str, target: Target) -> int:
    topic_id = _topic_of(target)
    if topic_id is None:
        raise Refused(f"{action}: acts on a topic, not on a {target.kind}")
    return topic_id


def _unsupported(action: str, target: Target) -> NoReturn:
    raise Unsupported(f"{action}: UserEcho's API has no call for it (of {target.kind} {target.id})")


def _same(shown: str | None, wanted: str) -> bool | None:
    return None if shown is None else same_text(shown, wanted)


def _same_id(shown: int | None, wanted: int) -> bool | None:
    return None if shown is None else shown == wanted

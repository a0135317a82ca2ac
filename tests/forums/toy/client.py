"""The toy's Forum."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from rules.decision import Target
from rules.event import Author, Category, Post, Topic
from service.forums.answers import understood
from service.forums.http import ForumApi, Reply
from service.forums.platform import Account
from service.forums.port import Forum, ForumFailure, NotFound, Outcome, Refused, Unsupported
from service.forums.texts import as_html, same_text
from service.forums.values import to_bool, to_objects, to_text
from service.forums.verdict import Complaint, verdict
from tests.forums.toy.inbound import Item

PAGE = 100
MOST_PAGES = 3


def headers(account: Account) -> Mapping[str, str]:
    return {"x-toy-key": account.api_key}


def judge(reply: Reply) -> ForumFailure | None:
    problem = reply.body.get("problem") if isinstance(reply.body, dict) else None
    return verdict(reply, None if problem is None else Complaint(message=to_text(problem) or ""))


def connect(account: Account) -> Callable[[ForumApi], Forum]:
    return lambda api: ToyForum(account, api)


@dataclass(frozen=True, slots=True)
class ToyForum:
    """What it can do of the port's verbs."""

    account: Account
    api: ForumApi

    def delete(self, target: Target) -> Outcome:
        """Delete a post."""
        try:
            self.api.call("delete", "DELETE", f"posts/{_number('delete', target, 'post')}")
        except NotFound:
            return Outcome.ALREADY_DONE
        return Outcome.DONE

    def lock(self, target: Target) -> Outcome:
        """Nobody can reply any more."""
        return self._lock("lock", target, locked=True)

    def unlock(self, target: Target) -> Outcome:
        """Members can reply again."""
        return self._lock("unlock", target, locked=False)

    def reply(self, target: Target, *, text: str) -> Outcome:
        """Write below a topic."""
        return self._write("reply", _number("reply", target, "topic"), text)

    def notify_moderators(self, target: Target, *, text: str) -> Outcome:  # noqa: ARG002 - where notes go is set
        """Write into the moderators' topic."""
        return self._write("notify_moderators", self.account.notify.topic or 0, text)

    def _unable(self, *_: object, **__: object) -> NoReturn:
        """Unsupported."""
        raise Unsupported("the toy has no call for it")

    approve = hold = edit = pin = unpin = move = retitle = add_to_group = remove_from_group = message = _unable

    def get_post(self, post_id: int, topic_id: int | None = None) -> Post | None:  # noqa: ARG002 - the port's
        found = self._get("get_post", f"posts/{post_id}")
        return found.as_post() if found else None

    def get_previous(self, topic_id: int, post_id: int) -> Post | None:
        older = (post for post in self._posts("get_previous", topic_id) if (post.id or post_id) < post_id)
        found = next(older, None)
        return found.as_post() if found else None

    def get_topic(self, topic_id: int) -> Topic | None:
        found = self._get("get_topic", f"topics/{topic_id}")
        return found.as_topic() if found else None

    def get_author(self, user_id: int) -> Author | None:
        found = self._get("get_author", f"users/{user_id}")
        return Author(user_id=found.id, username=found.name) if found else None

    def get_category(self, category_id: int) -> Category | None:  # noqa: ARG002 - it has none
        return None

    def was_sent(self, action: str, target: Target, options: Mapping[str, str], since: float) -> bool | None:
        number = target.id if action == "reply" else self.account.notify.topic
        try:
            posts = [post for post in self._posts("was_sent", number or 0) if (post.written or since) >= int(since)]
        except NotFound:
            return None
        text = as_html(options.get("text", ""))
        found = any(post.author == self.account.bot_id and same_text(post.text, text) for post in posts)
        return found or (None if len(posts) >= MOST_PAGES * PAGE else False)

    def _lock(self, action: str, target: Target, *, locked: bool) -> Outcome:
        path = f"topics/{_number(action, target, 'topic')}"
        try:
            shown = self.api.call(action, "POST", path, body={"locked": locked})
        except NotFound:
            return Outcome.TARGET_GONE
        if not isinstance(shown, dict) or to_bool(shown.get("locked")) is not locked:
            raise Refused(f"{action}: the forum said yes, but nothing changed")
        return Outcome.DONE

    def _write(self, action: str, topic_id: int, text: str) -> Outcome:
        try:
            self.api.call(
                action, "POST", f"topics/{topic_id}/posts", body={"text": as_html(text), "author": self.account.bot_id}
            )
        except NotFound:
            return Outcome.TARGET_GONE
        return Outcome.DONE

    def _get(self, operation: str, path: str) -> Item | None:
        try:
            return understood(Item, self.api.call(operation, "GET", path), operation)
        except NotFound:
            return None

    def _posts(self, operation: str, topic_id: int) -> Iterator[Item]:
        for page in range(1, MOST_PAGES + 1):
            answer = self.api.call(operation, "GET", f"topics/{topic_id}/posts", query={"page": page})
            items = to_objects(answer.get("items") if isinstance(answer, dict) else None) or ()
            yield from (understood(Item, item, operation) for item in items)
            if len(items) < PAGE:
                return


def _number(action: str, target: Target, kind: str) -> int:
    if target.kind != kind:
        raise Refused(f"{action}: acts on a {kind}, not on a {target.kind}")
    return target.id

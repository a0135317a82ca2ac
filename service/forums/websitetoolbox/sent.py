"""How to tell later whether a text of the bot arrived: the newest posts or conversations are read back.

Imported by `client`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.forums.http import ForumApi
from service.forums.texts import as_html, same_text
from service.forums.values import to_seconds
from service.forums.websitetoolbox.account import pages, understand
from service.forums.websitetoolbox.objects import MessageShape, PersonShape, PostShape

MOST_LOOKED_AT = 3
"""Pages of a hundred that are read back before the answer is: cannot tell."""

MOST_CONVERSATIONS = 5
"""Conversations whose messages are read back, each for a request."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A text of the bot, sent at or after `since`: Unix seconds, cut to whole ones as the forum's are.

    Its questions answer None where there are too many newer items to tell.
    """

    bot_id: int
    text: str
    since: float

    def in_topic(self, api: ForumApi, topic_id: int) -> bool | None:
        """Whether it is among the topic's posts."""
        lists = pages(api, "was_sent", "api/posts", {"topicId": topic_id, "order": "desc"})
        items, complete = self._newest(lists, "postTimestamp")
        posts = [understand(PostShape, item, "was_sent") for item in items]
        return any(self._is_mine(post.author, post.message or post.message_text) for post in posts) or _unless(complete)

    def in_conversation(self, api: ForumApi, subject: str, recipient: int | None) -> bool | None:
        """Whether it is in a conversation with this subject, and with this member where one is named."""
        lists = pages(api, "was_sent", "api/conversations", {"userId": self.bot_id})
        items, complete = self._newest(lists, "dateTimestamp")
        talks = [understand(MessageShape, item, "was_sent") for item in items]
        likely = [talk for talk in talks if same_text(talk.subject, subject) and _takes_part(talk, recipient)]
        found = [self._in_messages(api, talk.conversation_id) for talk in likely[:MOST_CONVERSATIONS]]
        return any(found) or _unless(complete and None not in found and len(likely) <= MOST_CONVERSATIONS)

    def _in_messages(self, api: ForumApi, conversation_id: int | None) -> bool | None:
        lists = pages(api, "was_sent", f"api/conversations/{conversation_id}/messages", {"userId": self.bot_id})
        items, complete = self._newest(lists, "dateTimestamp")
        messages = [understand(MessageShape, item, "was_sent") for item in items]
        return any(self._is_mine(one.sender, one.message or one.message_text) for one in messages) or _unless(complete)

    def _newest(self, lists: Iterator[list[Any]], stamp: str) -> tuple[list[Any], bool]:
        """The items from the newest down to `since`, and whether these are all."""
        found: list[Any] = []
        for number, page in enumerate(lists, 1):
            young = [item for item in page if (to_seconds(item.get(stamp)) or math.inf) >= math.floor(self.since)]
            found += young
            if len(young) < len(page):
                return found, True
            if number == MOST_LOOKED_AT:
                return found, False
        return found, True

    def _is_mine(self, sender: PersonShape | None, text: str | None) -> bool:
        return sender is not None and sender.user_id == self.bot_id and same_text(text, as_html(self.text))


def _takes_part(talk: MessageShape, member: int | None) -> bool:
    people = talk.participants
    return member is None or people is None or any(one.person().user_id == member for one in people)


def _unless(complete: bool) -> bool | None:
    """Not found: False if everything was looked at, else None."""
    return False if complete else None

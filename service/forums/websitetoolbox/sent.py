"""How to tell later whether a text of the bot arrived: the newest posts or conversations are read back.

Imported by `client`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from service.forums.http import ForumApi
from service.forums.texts import as_html, same_text
from service.forums.websitetoolbox.api import WebsiteToolbox
from service.forums.websitetoolbox.api.requests import PAGE
from service.forums.websitetoolbox.objects import PersonShape
from service.forums.websitetoolbox.talks import ConversationShape, MessageShape

MOST_LOOKED_AT = 3 * PAGE
"""Items that are read back before the answer is: cannot tell."""

MOST_CONVERSATIONS = 5
"""Conversations whose messages are read back, each for a request."""

T = TypeVar("T")


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
        listed = _site(api).posts.all(topic_ids=[topic_id], order="desc")
        posts, complete = self._newest(listed, lambda post: post.post_timestamp)
        return any(self._is_mine(post.author, post.message or post.message_text) for post in posts) or _unless(complete)

    def in_conversation(self, api: ForumApi, subject: str, recipient: int | None) -> bool | None:
        """Whether it is in a conversation with this subject, and with this member where one is named."""
        talks, complete = self._newest(_site(api).conversations.all(user_id=self.bot_id), _started)
        likely = [talk for talk in talks if same_text(talk.subject, subject) and (not recipient or talk.has(recipient))]
        found = [self._in_messages(api, talk.conversation_id) for talk in likely[:MOST_CONVERSATIONS]]
        return any(found) or _unless(complete and None not in found and len(likely) <= MOST_CONVERSATIONS)

    def _in_messages(self, api: ForumApi, conversation_id: int | None) -> bool | None:
        if conversation_id is None:
            return None
        listed = _site(api).messages.all(conversation_id, user_id=self.bot_id)
        messages, complete = self._newest(listed, _started)
        return any(self._is_mine(one.sender, one.message or one.message_text) for one in messages) or _unless(complete)

    def _newest(self, listed: Iterator[T], moment: Callable[[T], float | None]) -> tuple[list[T], bool]:
        """The items from the newest down to `since`, and whether these are all; a page is looked at whole."""
        found: list[T] = []
        for number, item in enumerate(listed, 1):
            if (moment(item) or math.inf) >= math.floor(self.since):
                found.append(item)
            if number % PAGE == 0 and (len(found) < number or number == MOST_LOOKED_AT):
                return found, len(found) < number
        return found, True

    def _is_mine(self, sender: PersonShape | None, text: str | None) -> bool:
        return sender is not None and sender.user_id == self.bot_id and same_text(text, as_html(self.text))


def _site(api: ForumApi) -> WebsiteToolbox:
    return WebsiteToolbox(api, "was_sent")


def _started(talk: ConversationShape | MessageShape) -> float | None:
    return talk.date_timestamp


def _unless(complete: bool) -> bool | None:
    """Not found: False if everything was looked at, else None."""
    return False if complete else None

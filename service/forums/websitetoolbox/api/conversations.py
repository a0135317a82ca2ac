"""Conversations and their messages of Website Toolbox's API (websitetoolbox-reference.txt, Conversations, Messages).

Imported by `api`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from service.forums.websitetoolbox.api.requests import PAGE, Requests, spelt
from service.forums.websitetoolbox.talks import ConversationShape, MessageShape


@dataclass(frozen=True, slots=True)
class Conversations:
    """Private conversations. Every method raises the port's failures."""

    requests: Requests

    def all(
        self, *, user_id: int | None = None, folder: Literal["inbox", "archive"] | None = None, limit: int = PAGE
    ) -> Iterator[ConversationShape]:
        """The conversations of a member, newest first; `limit` a page, 1 to 100.

        `user_id` is optional in the reference and needed in practice (platform-facts.md, 1.3).
        """
        query = spelt(user_id=user_id, folder=folder)
        return self.requests.many(ConversationShape, "list_conversations", "conversations", query, limit=limit)

    def create(
        self,
        *,
        recipient_usernames: Sequence[str],
        subject: str | None = None,
        message: str | None = None,
        sender_id: int | None = None,
    ) -> ConversationShape:
        """Start a conversation of `sender_id` with these members; `message` is HTML.

        Raises Refused, for all of them, where one is not there or takes no messages. The reference calls every field
        optional; in practice `subject` is needed, and a sender (platform-facts.md, 1.3 and 1.5).
        """
        names = list(recipient_usernames)
        body = spelt(recipient_usernames=names, subject=subject, message=message, sender_id=sender_id)
        return self.requests.one(ConversationShape, "create_conversation", "POST", "conversations", body=body)

    def get(self, conversation_id: int) -> ConversationShape:
        """One conversation. Raises NotFound."""
        return self.requests.one(ConversationShape, "get_conversation", "GET", f"conversations/{conversation_id}")

    def delete(self, conversation_id: int) -> None:
        """Delete a conversation with its messages. Raises NotFound."""
        self.requests.data("delete_conversation", "DELETE", f"conversations/{conversation_id}")


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages of conversations. Every method raises the port's failures."""

    requests: Requests

    def all(
        self, conversation_id: int, *, user_id: int | None = None, include_id: int | None = None, limit: int = PAGE
    ) -> Iterator[MessageShape]:
        """The messages of a conversation as `user_id` sees it, newest first; `limit` a page, 1 to 100.

        With `include_id`, the one page that has this message. Raises NotFound.
        """
        query = spelt(user_id=user_id, include_id=include_id)
        path = f"conversations/{conversation_id}/messages"
        return self.requests.many(MessageShape, "list_messages", path, query, limit=limit)

    def create(self, conversation_id: int, *, message: str, user_id: int | None = None) -> MessageShape:
        """A new message (HTML) of `user_id` in a conversation. Raises NotFound.

        The reference calls both fields optional; a message without a text is none, so that here it is required.
        """
        path, body = f"conversations/{conversation_id}/messages", spelt(message=message, user_id=user_id)
        return self.requests.one(MessageShape, "create_message", "POST", path, body=body)

    def get(self, conversation_id: int, message_id: int, *, user_id: int | None = None) -> MessageShape:
        """One message as `user_id` sees it. Raises NotFound.

        The reference also lists a list's parameters here (limit, page, includeId), which mean nothing for one message.
        """
        path = f"conversations/{conversation_id}/messages/{message_id}"
        return self.requests.one(MessageShape, "get_message", "GET", path, query=spelt(user_id=user_id))

"""Website Toolbox's conversations and messages as the API and the webhooks carry them, and in the event's words.

Fields are those of websitetoolbox-reference.txt. Pure; imported by `reading`, `api` and `sent`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from rules.event import Conversation, Person
from service.forums.values import Id, Seconds, Text, Whole, YesNo, to_objects
from service.forums.websitetoolbox.objects import PersonShape, Shape, SomeFiles, SomePerson


class ParticipantShape(PersonShape):
    """Someone in a conversation; the name is in the nested user. Times are Unix seconds."""

    conversation_id: Id = None
    conversation_user_id: Id = None
    active: YesNo = None
    is_starter: YesNo = None
    is_unread: YesNo = None
    unread_count: Whole = None
    read_timestamp: Seconds = None
    left_timestamp: Seconds = None
    user: SomePerson = None

    def person(self) -> Person:
        """The same as the event has it."""
        inner = self.user or PersonShape()
        return Person(user_id=self.user_id or inner.user_id, username=self.username or inner.username)


class ConversationShape(Shape):
    """A conversation without its messages."""

    conversation_id: Id = None
    subject: Text = None
    date_timestamp: Seconds = None
    participants: Annotated[tuple[ParticipantShape, ...] | None, BeforeValidator(to_objects)] = None

    def has(self, member: int) -> bool:
        """Whether this member may take part in it: also where it does not tell who does."""
        return self.participants is None or any(one.person().user_id == member for one in self.participants)


class MessageShape(ConversationShape):
    """A message. The reference does not name the conversation in it; where a webhook brings it along, it is read."""

    message_id: Id = None
    message: Text = None
    message_text: Text = None
    preview: Text = None
    is_unread: YesNo = None
    attachments: SomeFiles = None
    sender: SomePerson = None

    def conversation(self) -> Conversation:
        """The conversation with this message, as an event has it."""
        people = self.participants
        return Conversation(
            conversation_id=self.conversation_id,
            message_id=self.message_id,
            subject=self.subject,
            message=self.message,
            message_text=self.message_text,
            participants=None if people is None else tuple(one.person() for one in people),
        )

    def starter(self) -> Person | None:
        """The sender, else who started the conversation."""
        started = (one for one in self.participants or () if one.is_starter)
        one = self.sender or next(started, None)
        return one.person() if one else None

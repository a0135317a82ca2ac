"""Website Toolbox's objects as the API and the webhooks carry them, and what they are in the event's words.

Fields are those of websitetoolbox-reference.txt and platform-facts.md, 1.2, as far as events need them. Pure; imported
by `inbound` and the client's modules.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from rules.event import Attachment, Author, Category, Conversation, Person, Post, Topic
from service.forums.values import Id, Items, Seconds, Text, Whole, YesNo, to_object, to_objects, to_text


class Shape(BaseModel):
    """An object of the platform: what it does not know is ignored, what is missing is None."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class PersonShape(Shape):
    """The author, sender or starter inside another object."""

    user_id: Id = None
    username: Text = None

    def person(self) -> Person:
        """The same as the event has it."""
        return Person(user_id=self.user_id, username=self.username)


SomePerson = Annotated[PersonShape | None, BeforeValidator(to_object)]


class TagShape(Shape):
    """A tag of a topic."""

    tag_name: Text = None


class FileShape(Shape):
    """An attachment; its type is not told."""

    file_name: Text = None
    file_size: Whole = None
    url: Text = Field(default=None, validation_alias="URL")


class LastPostShape(Shape):
    """The newest post of a topic."""

    post_id: Id = None
    timestamp: Seconds = None


class TopicShape(Shape):
    """A topic. It carries no text: that is its first post's."""

    topic_id: Id = None
    title: Text = None
    category_id: Id = None
    tags: Annotated[tuple[TagShape, ...] | None, BeforeValidator(to_objects)] = None
    locked: YesNo = None
    pinned: YesNo = None
    reply_count: Whole = None
    post_count: Whole = None
    view_count: Whole = None
    date_timestamp: Seconds = None
    first_post_id: Id = None
    last_post: Annotated[LastPostShape | None, BeforeValidator(to_object)] = None
    url: Text = Field(default=None, validation_alias="URL")
    author: SomePerson = None

    def topic(self, *, before: int | None = None) -> Topic:
        """The topic as an event has it; the last post is left out where it is the post `before` which is asked."""
        last = self.last_post
        earlier = last if last is not None and (last.post_id is None or last.post_id != before) else None
        return Topic(
            topic_id=self.topic_id,
            title=self.title,
            category_id=self.category_id,
            tags=None if self.tags is None else tuple(tag.tag_name for tag in self.tags if tag.tag_name),
            locked=self.locked,
            pinned=self.pinned,
            reply_count=self.reply_count,
            post_count=self.post_count,
            view_count=self.view_count,
            created_timestamp=self.date_timestamp,
            last_post_timestamp=earlier.timestamp if earlier else None,
            first_post_id=self.first_post_id,
            permalink=self.url,
            author=self.author.person() if self.author else None,
        )


class CategoryShape(Shape):
    """A category."""

    category_id: Id = None
    title: Text = None
    parent_id: Id = None

    def category(self, parent_name: str | None = None) -> Category:
        """The category as an event has it; a parent of 0 is none."""
        parent = self.parent_id or None
        return Category(category_id=self.category_id, name=self.title, parent_id=parent, parent_name=parent_name)


class GroupShape(Shape):
    """A user group."""

    user_group_id: Id = None
    title: Text = None


class PostShape(Shape):
    """A post; its topic and category where they were asked for with `expand`."""

    post_id: Id = None
    topic_id: Id = None
    message: Text = None
    message_text: Text = None
    pending: YesNo = None
    like_count: Whole = None
    dislike_count: Whole = None
    attachments: Annotated[tuple[FileShape, ...] | None, BeforeValidator(to_objects)] = None
    post_timestamp: Seconds = None
    edit_timestamp: Seconds = None
    is_first_post: YesNo = None
    author: SomePerson = None
    topic: Annotated[TopicShape | None, BeforeValidator(to_object)] = None
    category: Annotated[CategoryShape | None, BeforeValidator(to_object)] = None

    def post(self) -> Post:
        """The post as an event has it."""
        files = self.attachments
        return Post(
            post_id=self.post_id,
            topic_id=self.topic_id,
            message=self.message,
            message_text=self.message_text,
            pending=self.pending,
            like_count=self.like_count,
            dislike_count=self.dislike_count,
            attachments=None if files is None else tuple(_attachment(file) for file in files),
            created_timestamp=self.post_timestamp,
            updated_timestamp=self.edit_timestamp,
            is_first_post=self._is_first(),
        )

    def _is_first(self) -> bool | None:
        """Known only if the payload says so, or brings the topic along."""
        first = self.topic.first_post_id if self.topic else None
        return self.is_first_post if first is None or self.post_id is None else first == self.post_id


def _attachment(file: FileShape) -> Attachment:
    return Attachment(name=file.file_name, size=file.file_size, url=file.url)


class FieldShape(Shape):
    """A custom profile field; `value` is a text or a list of texts."""

    title: Text = None
    value: Any = None


class UserShape(PersonShape):
    """A user. The reference spells two keys with a space at the end, so both spellings are read."""

    email: Text = None
    ip_address: Text = Field(default=None, validation_alias=AliasChoices("ipAddress", "ipAddress "))
    country_code: Text = Field(default=None, validation_alias=AliasChoices("countryCode", "countryCode "))
    join_date_timestamp: Seconds = None
    post_count: Whole = None
    reputation: Whole = None
    user_groups: Items = None
    custom_fields: Annotated[tuple[FieldShape, ...] | None, BeforeValidator(to_objects)] = None
    is_moderator: YesNo = None

    def author(self, groups: tuple[str, ...] | None = None) -> Author:
        """The user as an event has it. `groups` are titles: the platform sends ids.

        The last visit is left out: it is the present one, and the event's is the one before.
        """
        fields = self.custom_fields
        return Author(
            user_id=self.user_id,
            username=self.username,
            email=self.email or None,
            ip_address=self.ip_address or None,
            country_code=self.country_code or None,
            join_date_timestamp=self.join_date_timestamp,
            post_count=self.post_count,
            reputation=self.reputation,
            user_groups=groups,
            custom_fields=None if fields is None else {f.title: _value(f.value) for f in fields if f.title},
            is_moderator=self.is_moderator,
        )


def _value(value: object) -> str | None:
    if isinstance(value, list):
        return ", ".join(text for item in value if (text := to_text(item)))
    return to_text(value)


class ParticipantShape(PersonShape):
    """Someone in a conversation; the name is in the nested user."""

    is_starter: YesNo = None
    user: SomePerson = None

    def person(self) -> Person:
        """The same as the event has it."""
        inner = self.user or PersonShape()
        return Person(user_id=self.user_id or inner.user_id, username=self.username or inner.username)


class MessageShape(Shape):
    """A message of a conversation. The reference does not name the conversation in it; where it comes, it is read."""

    message_id: Id = None
    conversation_id: Id = None
    subject: Text = None
    message: Text = None
    message_text: Text = None
    date_timestamp: Seconds = None
    sender: SomePerson = None
    participants: Annotated[tuple[ParticipantShape, ...] | None, BeforeValidator(to_objects)] = None

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

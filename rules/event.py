"""The event that rules are evaluated on: one platform-neutral, public shape.

Adapters turn a platform's webhook into it; `modbot rules eval`, rule tests, decision log and captures read and write
the same JSON (camelCase keys, Unix seconds). A key that is absent or null is *not known*, and rules treat it so.
Anyone may import this module.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic.alias_generators import to_camel


class Record(BaseModel):
    """A frozen value whose JSON keys are camelCase; keys it does not know are ignored."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore", allow_inf_nan=False
    )


class Person(Record):
    """Who started a topic: an id and a name."""

    user_id: int | None = None
    username: str | None = None


class Author(Person):
    """Who did it, as they were just before the event; `post_count` leaves the present post out."""

    email: str | None = None
    ip_address: str | None = None
    country_code: str | None = None
    join_date_timestamp: float | None = None
    post_count: int | None = None
    reputation: int | None = None
    user_groups: tuple[str, ...] | None = None
    last_visit_timestamp: float | None = None
    custom_fields: dict[str, str | None] | None = None
    is_moderator: bool | None = None


class Topic(Record):
    """The topic of an event, or that its post belongs to; `last_post_timestamp` is of the post before this one."""

    topic_id: int | None = None
    title: str | None = None
    category_id: int | None = None
    tags: tuple[str, ...] | None = None
    locked: bool | None = None
    pinned: bool | None = None
    reply_count: int | None = None
    post_count: int | None = None
    view_count: int | None = None
    created_timestamp: float | None = None
    last_post_timestamp: float | None = None
    first_post_id: int | None = None
    permalink: str | None = None
    author: Person | Author | None = None


class Attachment(Record):
    """A file of a post; `size` in bytes."""

    name: str | None = None
    type: str | None = None
    size: int | None = None
    url: str | None = None


class Post(Record):
    """A post: `message` is its HTML, `message_text` the visible text where the platform sends it (else it is derived).

    `author` is set where the post was read from the forum; an event's own author is `Event.author`.
    """

    post_id: int | None = None
    topic_id: int | None = None
    message: str | None = None
    message_text: str | None = None
    pending: bool | None = None
    like_count: int | None = None
    dislike_count: int | None = None
    report_count: int | None = None
    attachments: tuple[Attachment, ...] | None = None
    created_timestamp: float | None = None
    updated_timestamp: float | None = None
    is_first_post: bool | None = None
    is_top_level: bool | None = None
    author: Person | None = None


class Category(Record):
    """The category of the topic."""

    category_id: int | None = None
    name: str | None = None
    parent_id: int | None = None
    parent_name: str | None = None


class Conversation(Record):
    """A private conversation and the message that was just added to it."""

    conversation_id: int | None = None
    message_id: int | None = None
    subject: str | None = None
    message: str | None = None
    message_text: str | None = None
    participants: tuple[Person, ...] | None = None


class Event(Record):
    """What happened. `at` is the moment in Unix seconds; `id` the delivery's identity, equal for every redelivery."""

    type: str
    id: str | None = None
    at: float
    forum: str | None = None
    topic: Topic | None = None
    post: Post | None = None
    author: Author | None = None
    category: Category | None = None
    conversation: Conversation | None = None

    @field_validator("type")
    @classmethod
    def _worded(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("an event needs a type, such as post.created")
        return value

    def to_json(self) -> dict[str, Any]:
        """The public JSON form, unknown fields left out."""
        return self.model_dump(by_alias=True, exclude_none=True, mode="json")

    def to_text(self) -> str:
        """The same as JSON text."""
        return self.model_dump_json(by_alias=True, exclude_none=True)

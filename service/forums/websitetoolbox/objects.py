"""Website Toolbox's topics, posts and categories as the API and the webhooks carry them, and in the event's words.

Fields are those of websitetoolbox-reference.txt and platform-facts.md, 1.2 and 1.3, in Python's spelling; times are
Unix seconds. Pure; imported by `people`, `talks`, `reading`, `api` and the client's modules.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from rules.event import Attachment, Category, Person, Post, Topic
from service.forums.values import Id, Seconds, Text, Whole, YesNo, to_object, to_objects


class Shape(BaseModel):
    """An object of the platform: what it does not know is ignored, what is missing is None."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)

    object: Text = None

    def as_sent(self) -> dict[str, Any]:
        """The fields that are set, as a request carries them."""
        return self.model_dump(by_alias=True, exclude_none=True)


class PersonShape(Shape):
    """The author, sender or starter inside another object."""

    user_id: Id = None
    username: Text = None
    avatar_url: Text = None

    def person(self) -> Person:
        """The same as the event has it."""
        return Person(user_id=self.user_id, username=self.username)


SomePerson = Annotated[PersonShape | None, BeforeValidator(to_object)]
SomeObject = Annotated[dict[str, Any] | None, BeforeValidator(to_object)]


class TagShape(Shape):
    """A tag of a topic."""

    tag_id: Id = None
    tag_name: Text = None


SomeTags = Annotated[tuple[TagShape, ...] | None, BeforeValidator(to_objects)]


class FileShape(Shape):
    """An attachment; its type is not told. `file_size` is in bytes."""

    id: Id = None
    file_name: Text = None
    file_size: Whole = None
    description: Text = None
    downloads: Whole = None
    upload_timestamp: Seconds = None
    user_id: Id = None
    url: Text = Field(default=None, alias="URL")
    thumbnail_url: Text = Field(default=None, alias="thumbnailURL")


SomeFiles = Annotated[tuple[FileShape, ...] | None, BeforeValidator(to_objects)]


class LastPostShape(Shape):
    """The newest post of a topic or category."""

    post_id: Id = None
    topic_id: Id = None
    timestamp: Seconds = None
    subject: Text = None
    author: SomePerson = None
    user_id: Id = None
    username: Text = None


SomeLastPost = Annotated[LastPostShape | None, BeforeValidator(to_object)]


class CategoryShape(Shape):
    """A category. `following` and what is unread are told of a request in a member's name alone."""

    category_id: Id = None
    title: Text = None
    parent_id: Id = None
    description: Text = None
    heading: Text = None
    linked: Text = None
    locked: YesNo = None
    unlisted: YesNo = None
    is_private: YesNo = None
    password_protected: YesNo = None
    can_create_new_topic: YesNo = None
    following: Text = None
    is_following: YesNo = None
    has_unread_topics: YesNo = None
    unread_topic_count: Whole = None
    last_post: SomeLastPost = None

    def category(self, parent_name: str | None = None) -> Category:
        """The category as an event has it; a parent of 0 is none."""
        parent = self.parent_id or None
        return Category(category_id=self.category_id, name=self.title, parent_id=parent, parent_name=parent_name)


SomeCategory = Annotated[CategoryShape | None, BeforeValidator(to_object)]


class TopicShape(Shape):
    """A topic. It carries no text: that is its first post's. `category` and `poll` come where `expand` asks."""

    topic_id: Id = None
    title: Text = None
    category_id: Id = None
    tags: SomeTags = None
    locked: YesNo = None
    pinned: YesNo = None
    reply_count: Whole = None
    post_count: Whole = None
    view_count: Whole = None
    date_timestamp: Seconds = None
    first_post_id: Id = None
    last_post: SomeLastPost = None
    url: Text = Field(default=None, alias="URL")
    author: SomePerson = None
    poll_id: Id = None
    can_reply: YesNo = None
    is_following: YesNo = None
    has_unread_posts: YesNo = None
    first_unread_post: SomeObject = None
    category: SomeCategory = None
    poll: SomeObject = None

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


class PostShape(Shape):
    """A post; its topic and category where they were asked for with `expand`."""

    post_id: Id = None
    topic_id: Id = None
    message: Text = None
    message_text: Text = None
    preview: Text = None
    pending: YesNo = None
    like_count: Whole = None
    dislike_count: Whole = None
    attachment_count: Whole = None
    attachments: SomeFiles = None
    post_timestamp: Seconds = None
    edit_timestamp: Seconds = None
    is_first_post: YesNo = None
    can_edit: YesNo = None
    can_delete: YesNo = None
    vote: SomeObject = None
    author: SomePerson = None
    topic: Annotated[TopicShape | None, BeforeValidator(to_object)] = None
    category: SomeCategory = None

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


class PageViewShape(Shape):
    """A page that was viewed. `ip_address` is documented as a number, and read as it comes."""

    page_view_id: Id = None
    title: Text = None
    uri: Text = Field(default=None, alias="URI")
    date_timestamp: Seconds = None
    user_id: Id = None
    ip_address: Text = None
    user_agent: Text = None
    new_visit: YesNo = None
    api_request: YesNo = None
    crawler: SomeObject = None

"""UserEcho's topics and comments as the API and the webhooks carry them, and what they are in the event's words.

Fields are those of platform-facts.md, 2.3, in the API's own spelling. Two of the event's words are not its own:

- A topic's own text is its `description`, and no post. The event's words call it the topic's first post; its `postId`
  is the topic's id, negated, so that it never meets a comment's.
- A category belongs to a forum of the project. The event's words call that forum the category's parent.

Pure; imported by `reading`, `api` and the client's modules.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field

from rules.event import Category, Person, Post, Topic
from service.forums.userecho.objects import Named, NamedShape, PersonShape, SeveralNamed, Shape, SomePerson, to_named
from service.forums.values import Id, Moment, Text, Whole, YesNo, to_object, to_objects


class StatusShape(NamedShape):
    """The status of a topic; `updated` is when it was last set, in Unix seconds."""

    color: Text = None
    updated: Moment = None


class VoteShape(Shape):
    """The votes on a topic or comment."""

    diff: Whole = None
    positive: Whole = None
    negative: Whole = None
    total: Whole = None
    current_user: Whole = None


SomeVotes = Annotated[VoteShape | None, BeforeValidator(to_object)]


class FieldShape(NamedShape):
    """A custom field of a topic; values are saved as strings."""

    code_name: Text = None
    value: Text = None


class TopicShape(Shape):
    """A topic with its own text, `description` (HTML). `header` is its title."""

    id: Id = None
    header: Text = None
    description: Text = None
    type: Named = None
    status: Annotated[StatusShape | None, BeforeValidator(to_named)] = None
    tags: SeveralNamed = None
    created: Moment = None
    updated: Moment = None
    comment_count: Whole = Field(default=None, validation_alias=AliasChoices("comment_count", "comments_count"))
    author: SomePerson = None
    author_id: Id = None
    vote: SomeVotes = None
    custom_fields: Annotated[tuple[FieldShape, ...] | None, BeforeValidator(to_objects)] = None
    url: Text = None
    forum: Named = None
    forum_id: Id = None
    category: Named = None
    category_id: Id = None
    needs_review: YesNo = None

    @property
    def in_forum(self) -> int | None:
        """The id of the forum it belongs to, where it tells."""
        return self.forum.id if self.forum and self.forum.id is not None else self.forum_id

    @property
    def in_category(self) -> int | None:
        """The id of its category, where it tells."""
        return self.category.id if self.category and self.category.id is not None else self.category_id

    def topic(self, closed_status: int | None = None) -> Topic:
        """The topic as an event has it; locked is one whose status is `closed_status`, where that is set."""
        status = self.status.id if self.status else None
        return Topic(
            topic_id=self.id,
            title=self.header,
            category_id=self.in_category,
            tags=None if self.tags is None else tuple(tag.name for tag in self.tags if tag.name),
            locked=None if closed_status is None or status is None else status == closed_status,
            reply_count=self.comment_count,
            created_timestamp=self.created,
            first_post_id=own_text_of(self.id),
            permalink=self.url,
            author=self.person(),
        )

    def own_text(self) -> Post:
        """The topic's text as an event has it: its first post."""
        votes = self.vote or VoteShape()
        return Post(
            post_id=own_text_of(self.id),
            topic_id=self.id,
            message=self.description,
            like_count=votes.positive,
            dislike_count=votes.negative,
            created_timestamp=self.created,
            is_first_post=True,
        )

    def event_category(self) -> Category | None:
        """The category as an event has it, the forum as its parent."""
        name = self.category.name if self.category else None
        parent = self.forum.name if self.forum else None
        known = (self.in_category, name, self.in_forum, parent)
        if known == (None,) * 4:
            return None
        return Category(category_id=known[0], name=name, parent_id=known[2], parent_name=parent)

    def person(self) -> Person | None:
        """Its author as the event has them."""
        return _person(self.author, self.author_id)


def own_text_of(topic_id: int | None) -> int | None:
    """The `postId` of a topic's own text."""
    return None if topic_id is None else -topic_id


def _person(shape: PersonShape | None, user_id: int | None) -> Person | None:
    if shape is None:
        return None if user_id is None else Person(user_id=user_id)
    return Person(user_id=user_id if shape.id is None else shape.id, username=shape.name)


class CommentShape(Shape):
    """A comment. Its text is under `text` or `comment`; which topic it belongs to is told in several ways, or not."""

    id: Id = None
    created: Moment = None
    updated: Moment = None
    author: SomePerson = None
    author_id: Id = None
    text: Text = None
    comment: Text = None
    is_official: YesNo = None
    topic: Annotated[TopicShape | None, BeforeValidator(to_named)] = None
    topic_id: Id = None
    vote: SomeVotes = None

    @property
    def message(self) -> str | None:
        """Its text, HTML."""
        return self.text or self.comment

    @property
    def in_topic(self) -> int | None:
        """The id of its topic, where it tells."""
        return self.topic.id if self.topic and self.topic.id is not None else self.topic_id

    def person(self) -> Person | None:
        """Its author as the event has them."""
        return _person(self.author, self.author_id)

    def post(self) -> Post:
        """The comment as an event has it."""
        votes = self.vote or VoteShape()
        return Post(
            post_id=self.id,
            topic_id=self.in_topic,
            message=self.message,
            like_count=votes.positive,
            dislike_count=votes.negative,
            created_timestamp=self.created,
            is_first_post=False,
        )

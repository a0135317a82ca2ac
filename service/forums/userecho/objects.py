"""UserEcho's objects as the API and the webhooks carry them, and what they are in the event's words.

Fields are those of platform-facts.md, 2.3, in the API's own spelling. Two of the event's words have no counterpart here:

- A topic's own text is its `description`, and no post. The event's words call it the topic's first post; its `postId`
  is the topic's id, negated, so that it never meets a comment's.
- A category belongs to a forum of the project. The event's words call that forum the category's parent.

Pure; imported by `inbound`, `api` and the client's modules.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from rules.event import Author, Category, Person, Post, Topic
from service.forums.values import MOST_ITEMS, Id, Moment, Text, Whole, YesNo, to_object, to_objects, to_text


class Shape(BaseModel):
    """An object of the platform: what it does not know is ignored, what is missing is None."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


def to_named(value: object) -> object:
    """What may come as an object, as its id alone, or as its name alone."""
    if isinstance(value, str) and not value.strip().lstrip("-").isdecimal():
        return {"name": value}
    return value if isinstance(value, dict) else {"id": value} if value is not None else None


def to_several_named(value: object) -> tuple[object, ...] | None:
    """The same for a list."""
    return tuple(to_named(item) for item in value[:MOST_ITEMS] if item) if isinstance(value, list) else None


class NamedShape(Shape):
    """What has an id and a name: a type, category, tag, forum, person."""

    id: Id = None
    name: Text = None

    @property
    def title(self) -> str | None:
        """The name, as catalogues ask for it."""
        return self.name


Named = Annotated[NamedShape | None, BeforeValidator(to_named)]
SeveralNamed = Annotated[tuple[NamedShape, ...] | None, BeforeValidator(to_several_named)]


class PersonShape(Shape):
    """The author or voter inside another object."""

    id: Id = None
    name: Text = Field(default=None, validation_alias=AliasChoices("name", "display_name"))
    title: Text = None
    avatar_url: Text = None

    def person(self) -> Person:
        """The same as the event has it."""
        return Person(user_id=self.id, username=self.name)


SomePerson = Annotated[PersonShape | None, BeforeValidator(to_named)]


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
            author=self._person(),
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
            author=self._person(),
        )

    def event_category(self) -> Category | None:
        """The category as an event has it, the forum as its parent."""
        name = self.category.name if self.category else None
        parent = self.forum.name if self.forum else None
        known = (self.in_category, name, self.in_forum, parent)
        if known == (None,) * 4:
            return None
        return Category(category_id=known[0], name=name, parent_id=known[2], parent_name=parent)

    def _person(self) -> Person | None:
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
            author=self.person(),
        )


class UserShape(PersonShape):
    """A user of the project; times are Unix seconds. `is_created` says that get_or_create made the account."""

    email: Text = None
    slug: Text = None
    language: Text = None
    rating: Annotated[float | None, BeforeValidator(lambda value: _number(value))] = None
    is_created: YesNo = None
    is_authenticated: YesNo = None
    is_staff: YesNo = None
    last_activity: Moment = None
    date_joined: Moment = None
    updates_count: Whole = None
    groups: SeveralNamed = None

    def user(self) -> Author:
        """The user as an event has it. The last activity is the present one, and the event's visit the one before."""
        names = None if self.groups is None else tuple(group.name for group in self.groups if group.name)
        return Author(
            user_id=self.id,
            username=self.name,
            email=self.email or None,
            join_date_timestamp=self.date_joined,
            reputation=None if self.rating is None else int(self.rating),
            user_groups=names if self.groups is not None and names and len(names) == len(self.groups) else None,
            is_moderator=self.is_staff,
        )


def _number(value: object) -> float | None:
    text = to_text(value) if not isinstance(value, float) else repr(value)
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if abs(number) < 2**53 else None


class GroupShape(NamedShape):
    """A user group: `vote_weight` votes a topic (1 to 5), `vote_count` votes in all, None for no limit."""

    vote_weight: Whole = None
    vote_count: Whole = None


class ForumShape(NamedShape):
    """A forum of the project."""

    description: Text = None
    type: Named = None
    topic_count: Whole = None
    categories: SeveralNamed = None


class VoterShape(Shape):
    """Who voted on a topic, and how; some lists give the person alone."""

    user: SomePerson = None
    id: Id = None
    name: Text = None
    vote: Any = None


class FileShape(Shape):
    """An uploaded file; `url` may be relative to the project's address."""

    id: Id = None
    type: Text = None
    url: Text = None
    original_filename: Text = None
    created: Moment = None
    forum: Named = None
    user: SomePerson = None


class HookShape(Shape):
    """A webhook registration: where it posts to, and which events (by name) it is for."""

    id: Id = None
    target_url: Text = None
    events: Annotated[dict[str, YesNo] | None, BeforeValidator(to_object)] = None


"""UserEcho's users, groups, forums and the like, as the API and the webhooks carry them.

Fields are those of platform-facts.md, 2.3, in the API's own spelling. Pure; imported by `items`, `api` and the client's
modules.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from rules.event import Author, Person
from service.forums.values import MOST_ITEMS, Id, Moment, Text, Whole, YesNo, to_int, to_object


class Shape(BaseModel):
    """An object of the platform: what it does not know is ignored, what is missing is None."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


def to_named(value: object) -> dict[str, Any] | None:
    """What may come as an object, as its id alone, or as its name alone."""
    if isinstance(value, dict):
        return value
    key = "id" if to_int(value) is not None else "name"
    return {key: value} if isinstance(value, int | str) and not isinstance(value, bool) else None


def to_several_named(value: object) -> tuple[dict[str, Any], ...] | None:
    """The same for a list."""
    items = value[:MOST_ITEMS] if isinstance(value, list) else []
    named = tuple(item for item in map(to_named, items) if item is not None)
    return named if isinstance(value, list) else None


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


def to_number(value: object) -> float | None:
    """A number with a fraction, also out of a string; None for anything else and beyond 53 bits."""
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 2**53 else None


class UserShape(PersonShape):
    """A user of the project; times are Unix seconds. `is_created` says that get_or_create made the account."""

    email: Text = None
    slug: Text = None
    language: Text = None
    rating: Annotated[float | None, BeforeValidator(to_number)] = None
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

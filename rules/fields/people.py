"""The fields of people: the author of the item, and who started the topic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rules.facts import Fact
from rules.fields import readers
from rules.fields.kinds import Field, Kind
from rules.subject import Subject

AUTHOR = "author"
STARTER = "topic.author"


def person_fields(*groups: str, custom: str = "") -> tuple[Field, ...]:
    """The fields of the author and of who started the topic, or of the named groups; `custom` adds a custom field."""
    made: list[Field] = []
    for group in groups or (AUTHOR, STARTER):
        made += _author_fields(custom) if group == AUTHOR else _starter_fields(custom)
    return tuple(made)


def _author_fields(custom: str) -> list[Field]:
    own = (
        Field("author.is_moderator", "TRCU", Kind.YES_NO, readers.is_moderator, "is a moderator", (Fact.AUTHOR,)),
        Field("author.is_topic_author", "TR", Kind.YES_NO, readers.is_topic_author, "started the topic", (Fact.TOPIC,)),
    )
    return [*_person(AUTHOR, "TRCU", Fact.AUTHOR, lambda s: s, custom), *own]


def _starter_fields(custom: str) -> list[Field]:
    return _person(STARTER, "TR", Fact.TOPIC_AUTHOR, lambda s: s.about_starter, custom)


def _person(group: str, types: str, fact: Fact, view: Callable[[Subject], Subject], custom: str) -> list[Field]:
    def of(attribute: str) -> Callable[[Subject], Any]:
        return lambda subject: getattr(view(subject).author, attribute)

    def age(attribute: str, born: str = "") -> Callable[[Subject], float | None]:
        return lambda subject: readers.since(subject, of(attribute)(subject), born)

    def add(name: str, kind: Kind, read: Callable[[Subject], Any], about: str) -> Field:
        return Field(f"{group}.{name}", types, kind, read, about, (fact,))

    fields = [
        add("name", Kind.NAME, of("username"), "user name"),
        add("id", Kind.NAME, lambda s: readers.digits(of("user_id")(s)), "id of the user"),
        add("email", Kind.NAME, of("email"), "e-mail address"),
        add("email_domain", Kind.DOMAIN, lambda s: readers.email_domain(view(s)), "its host, that one or below"),
        add("country", Kind.NAME, of("country_code"), "country, in two letters"),
        add("groups", Kind.LIST, of("user_groups"), "titles of the user groups"),
        add("ip", Kind.ADDRESS, of("ip_address"), "address, or network as 192.0.2.0/24"),
        add("post_count", Kind.NUMBER, of("post_count"), "posts, without the present one"),
        add("reputation", Kind.NUMBER, of("reputation"), "reputation"),
        add("account_age", Kind.AGE, age("join_date_timestamp", "user.created"), "since the sign-up"),
        add("last_visit", Kind.AGE, age("last_visit_timestamp"), "since the visit before"),
    ]
    if custom:
        fields.append(add(f"custom.{custom}", Kind.NAME, lambda s: readers.custom(custom)(view(s)), "a custom field"))
    return fields

"""What the state is kept by: the words of `by`, `per`, `distinct` and `once`, and their values on one event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rules.facts import Fact
from rules.fields import readers
from rules.fields.table import EVERYWHERE, FIELDS, ITEM, POSTED
from rules.subject import CONVERSATION, USER, Missing, Subject, union
from rules.text.links import Link

MOST_LINKS = 100
"""Different links of one event that are counted apart; those after them are not."""

Reader = Callable[[Subject, Link | None], "str | Missing"]


@dataclass(frozen=True, slots=True)
class Key:
    """One word: the item types on which it exists, and its value there."""

    types: str
    read: Reader


@dataclass(frozen=True, slots=True)
class Keyed:
    """The values of several words on one event, and the link that they speak of."""

    values: tuple[str, ...]
    link: Link | None = None


def _author(subject: Subject, _: Link | None) -> str | Missing:
    author = subject.author
    if author.user_id is not None:
        return str(author.user_id)
    return f"@{author.username.casefold()}" if author.username else subject.missing(Fact.AUTHOR)


def _topic(subject: Subject, _: Link | None) -> str | Missing:
    known = subject.topic.topic_id if subject.topic.topic_id is not None else subject.post.topic_id
    return subject.missing(Fact.POST) if known is None else str(known)


def _category(subject: Subject, _: Link | None) -> str | Missing:
    if subject.category_id is not None:
        return str(subject.category_id)
    return f"@{subject.category.name.casefold()}" if subject.category.name else subject.missing(Fact.TOPIC)


def _ip(subject: Subject, _: Link | None) -> str | Missing:
    return (subject.author.ip_address or "").strip().casefold() or subject.missing(Fact.AUTHOR)


def _country(subject: Subject, _: Link | None) -> str | Missing:
    return (subject.author.country_code or "").strip().casefold() or subject.missing(Fact.AUTHOR)


def _email_domain(subject: Subject, _: Link | None) -> str | Missing:
    return readers.email_domain(subject) or subject.missing(Fact.AUTHOR)


def _item(subject: Subject, _: Link | None) -> str | Missing:
    if subject.kind == USER:
        return _author(subject, None)
    known = readers.item_id(subject)
    what = "message" if subject.kind == CONVERSATION else "topic" if subject.on_topic_event else "post"
    return Missing() if known is None else f"{what} {known}"


def _link(link: Link | None) -> str | Missing:
    return Missing() if link is None else link.key


def _domain(link: Link | None) -> str | Missing:
    return Missing() if link is None else link.host.removeprefix("www.")


OF_LINKS: dict[str, Callable[[Link | None], str | Missing]] = {"link": _link, "domain": _domain}
"""Words with a value for each link of the event."""


def text_of(word: str, subject: Subject) -> str | Missing:
    """`body` or `title` as texts are compared: normalised, case folded, every run of space one space."""
    field = FIELDS[word]
    value = field.value(subject)
    if isinstance(value, Missing):
        return value
    text = subject.text_of_html(value) if field.markup else subject.text_of(value)
    return text.form().plain.replace("\n", " ")


KEYS: dict[str, Key] = {
    "author": Key(EVERYWHERE, _author),
    "topic": Key(POSTED, _topic),
    "category": Key(POSTED, _category),
    "ip": Key(EVERYWHERE, _ip),
    "country": Key(EVERYWHERE, _country),
    "email_domain": Key(EVERYWHERE, _email_domain),
    "site": Key(EVERYWHERE, lambda _subject, _link: ""),
    "link": Key(ITEM, lambda _, link: _link(link)),
    "domain": Key(ITEM, lambda _, link: _domain(link)),
}
"""The words of `by` and of a counter's `per`."""

DISTINCT: dict[str, Key] = {
    **{word: KEYS[word] for word in ("topic", "category", "author", "ip", "link", "domain")},
    "body": Key(ITEM, lambda subject, _: text_of("body", subject)),
}
"""The words of `distinct`."""

SCOPES: dict[str, Key] = {
    "item": Key(EVERYWHERE, _item),
    **{word: KEYS[word] for word in ("author", "topic", "category", "site")},
}
"""The words of `once: per`."""


def keys_of(words: Sequence[str], subject: Subject, known: dict[str, Key] = KEYS) -> tuple[Keyed, ...] | Missing:
    """The values of `words` on the event: one combination, or one for each different link."""
    links: Sequence[Link | None] = (None,)
    if any(word in OF_LINKS for word in words):
        if subject.links_missing:
            return subject.links_missing
        links = subject.links
    found: dict[tuple[str, ...], Keyed] = {}
    for link in links:
        values = [known[word].read(subject, link) for word in words]
        missing = [value for value in values if isinstance(value, Missing)]
        if missing:
            return union(missing) if all(one.needs for one in missing) else Missing()
        key = tuple(value for value in values if isinstance(value, str))
        found.setdefault(key, Keyed(key, link))
        if len(found) == MOST_LINKS:
            break
    return tuple(found.values())


def types_of(words: Sequence[str], known: dict[str, Key] = KEYS) -> str:
    """The item types on which every one of the words exists."""
    return "".join(kind for kind in EVERYWHERE if all(kind in known[word].types for word in words))

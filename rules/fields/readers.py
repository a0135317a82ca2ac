"""How fields are read where it takes more than one attribute. Every function gives None for what is not known."""

from __future__ import annotations

from collections.abc import Callable

from rules.facts import Fact
from rules.subject import CONVERSATION, REPLY, TOPIC, Missing, Subject


def digits(number: int | None) -> str | None:
    """An id as a name."""
    return None if number is None else str(number)


def since(subject: Subject, moment: float | None, born: str = "") -> float | None:
    """Seconds from `moment` to the event, never negative. An event that is itself the birth makes it nothing."""
    if moment is None:
        return 0.0 if born and subject.event.type == born else None
    return max(0.0, subject.at - moment)


def item_id(subject: Subject) -> str | None:
    """The id of the topic, post or message."""
    if subject.kind == CONVERSATION:
        return digits(subject.event.conversation.message_id) if subject.event.conversation else None
    return digits(subject.topic.topic_id if subject.on_topic_event else subject.post.post_id)


def item_age(subject: Subject) -> float | None:
    """Seconds since the item was written."""
    written = subject.topic.created_timestamp if subject.on_topic_event else subject.post.created_timestamp
    if written is None and subject.trigger == "created":
        return 0.0
    return since(subject, written)


def idle(subject: Subject) -> float | None:
    """Seconds from the post before this one to this one; a topic read afterwards tells of this one, and so nothing."""
    if subject.kind != REPLY or subject.trigger != "created":
        return None
    told = subject.event.topic.last_post_timestamp if subject.event.topic else None
    if told is None and subject.facts.previous:
        told = subject.facts.previous.created_timestamp
    return since(subject, told)


def is_edited(subject: Subject) -> bool | None:
    """Whether the item was changed after it was written."""
    if subject.trigger == "edited":
        return True
    updated, created = subject.post.updated_timestamp, subject.post.created_timestamp
    if updated is not None and created is not None:
        return updated > created
    return False if subject.trigger == "created" else None


def is_topic_author(subject: Subject) -> bool | None:
    """Whether the author started the topic."""
    author, starter = subject.author, subject.topic_author
    if subject.kind == TOPIC and subject.trigger == "created":
        return True
    if author.user_id is not None and starter.user_id is not None:
        return author.user_id == starter.user_id
    if author.username is not None and starter.username is not None:
        return author.username.casefold() == starter.username.casefold()
    return None


def is_moderator(subject: Subject) -> bool | None:
    """Whether `settings: moderators` or the platform says that the author is one; if neither does, nobody is."""
    author, named = subject.author, subject.moderators
    groups = {group.casefold() for group in author.user_groups or ()}
    if author.is_moderator or groups & named.groups or (author.username or "").casefold() in named.users:
        return True
    if named.groups and author.user_groups is None:
        return None
    decided = bool(named.groups or named.users) and not (named.users and author.username is None)
    return False if decided or author.is_moderator is False or Fact.AUTHOR in subject.facts.asked else None


def custom(title: str) -> Callable[[Subject], str | None]:
    """A reader of one custom field: by title, case ignored, spaces written `_`."""
    wanted = title.casefold()

    def read(subject: Subject) -> str | None:
        for name, value in (subject.author.custom_fields or {}).items():
            if "_".join(name.split()).casefold() == wanted:
                return value
        return None

    return read


def email_domain(subject: Subject) -> str | None:
    """What follows the @ of the author's address."""
    domain = (subject.author.email or "").rpartition("@")[2]
    return domain.strip().rstrip(".").casefold() or None


def link_count(subject: Subject) -> int | Missing:
    """How many links there are, the same one counted each time."""
    return subject.links_missing or len(subject.links)


def attachment_count(subject: Subject) -> int | None:
    """How many files the post has."""
    return None if subject.post.attachments is None else len(subject.post.attachments)


def media_types(subject: Subject) -> tuple[str, ...] | None:
    """The type of the file in view and the family it belongs to: image/png and image."""
    media = subject.attachment.type if subject.attachment else None
    return None if not media else (media, media.partition("/")[0])


def topic_age(subject: Subject) -> float | None:
    """Seconds since the topic was started."""
    return since(subject, subject.topic.created_timestamp, born="topic.created")


def link_values(subject: Subject, attribute: str) -> tuple[str, ...] | Missing:
    """One attribute of every link, in their order."""
    return subject.links_missing or tuple(getattr(link, attribute) for link in subject.links)

"""Confirmation: an event whose delivery was not signed is decided on what the forum itself says.

Whoever learns a webhook's address could otherwise have innocent posts deleted (contract.md, `confirm`).
Imported by `workers`.
"""

from __future__ import annotations

from rules.actions.table import ACTIONS
from rules.decision import Decision
from rules.event import Author, Event, Person
from rules.facts import Fact, Facts
from service.settings import ForumSection
from service.store import EventRecord


def may_be_forged(section: ForumSection, record: EventRecord) -> bool:
    """Whether the delivery alone is not to be believed."""
    policy = section.webhook.confirm
    return not record.confirm and (policy == "always" or (policy == "auto" and not record.signed))


def must_confirm(section: ForumSection, record: EventRecord, decision: Decision) -> bool:
    """Whether the item must be read from the forum before a destructive action (contract.md, `confirm`)."""
    return may_be_forged(section, record) and any(ACTIONS[action.action].destructive for action in decision.actions)


def item_facts(event: Event) -> frozenset[Fact]:
    """The reads that show an event's item as the forum has it."""
    if event.type.startswith("user."):
        return frozenset({Fact.AUTHOR})
    if event.type.startswith("topic."):
        return frozenset({Fact.TOPIC, Fact.POST})
    return frozenset({Fact.POST})


def confirmed(record: EventRecord) -> Event | None:
    """The event as the forum tells it: its item in place of the webhook's. None if the item is not there."""
    event, facts = record.event, record.facts
    if event.type.startswith("user."):
        return event.model_copy(update={"author": facts.author}) if facts.author else None
    if event.type.startswith("topic."):
        return _confirmed_topic(event, facts)
    if event.post is None:
        return event  # a conversation: nothing that a forged delivery could have deleted
    if facts.post is None:
        return None
    post = facts.post.model_copy(update={"is_first_post": event.post.is_first_post})
    return event.model_copy(update={"post": post, "author": _author(event, post.author)})


def _confirmed_topic(event: Event, facts: Facts) -> Event | None:
    if facts.topic is None:
        return None
    post = facts.post.model_copy(update={"is_first_post": True}) if facts.post else None
    return event.model_copy(update={"topic": facts.topic, "post": post, "author": _author(event, facts.topic.author)})


def _author(event: Event, person: Person | None) -> Author | None:
    """The event's author if the forum names the same one, else the forum's: a forged delivery may name anyone."""
    found = Author(user_id=person.user_id, username=person.username) if person else None
    if found and event.author and event.author.user_id == found.user_id:
        return event.author
    return found

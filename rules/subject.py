"""What rules look at: one event and the facts known about it, read as one snapshot.

A value of the event comes first and facts fill what it lacks. What neither has is `Missing`, with the facts that might
still supply it. Derived things (visible text, links) are made once an event. Imported by fields, conditions and decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TypeVar

from rules.event import Attachment, Author, Category, Event, Person, Post, Record, Topic
from rules.facts import Fact, Facts, Remembered
from rules.text.links import Link, find_links
from rules.text.normalise import Text

R = TypeVar("R", bound=Record)

TOPIC, REPLY, CONVERSATION, USER = "T", "R", "C", "U"
"""The item types of the rule language; sets of them are strings, as "TRC"."""

GROUP_CHANGED = "group_changed"
"""The second word for `user.updated`, if the groups differ from those last seen: only the state can tell."""

TRIGGERS = ("created", "edited", "approved", "joined", GROUP_CHANGED, "reported")
"""The words of `event:` beside the full names of events."""

LIVE, TRIAL = "live", "shadow"
"""The lanes of the state: what rules in shadow remember is theirs alone."""

TRIGGER_OF = {
    "topic.created": "created",
    "post.created": "created",
    "conversation.created": "created",
    "message.created": "created",
    "topic.updated": "edited",
    "post.updated": "edited",
    "user.updated": "edited",
    "post.approved": "approved",
    "topic.approved": "approved",
    "user.created": "joined",
    "post.reported": "reported",
    "topic.reported": "reported",
}
"""The word of `event:` for each event that has one."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that is not known, and the facts that might supply it; without any it is unknown for good."""

    needs: frozenset[Fact] = frozenset()


def filled(value: R | None, more: R | None) -> R | None:
    """`value` with what it lacks taken from `more`."""
    if value is None or more is None:
        return value or more
    lacking = {name: found for name, found in more if found is not None and getattr(value, name) is None}
    return value.model_copy(update=lacking)


@dataclass(frozen=True, slots=True)
class Moderators:
    """Who `settings: moderators` names, in folded case."""

    groups: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()


NOBODY = Moderators()

NO_AUTHOR, NO_TOPIC, NO_POST, NO_CATEGORY = Author(), Topic(), Post(), Category()
"""In the place of what nothing is known of."""


class Subject:
    """An event with its facts. Attributes are None where nothing is known."""

    link: Link | None = None
    """The link that a `link:` group looks at."""
    attachment: Attachment | None = None
    """The file that an `attachments:` group looks at."""
    late: list[str]
    """The patterns that reached their time limit so far, in every view of the event."""

    def __init__(self, event: Event, facts: Facts, moderators: Moderators = NOBODY) -> None:
        self.event = event
        self.facts = facts
        self.moderators = moderators
        self.told = facts.remembered
        self.lane = LIVE
        self.trial: Subject | None = None
        self.at = event.at
        self.trigger = TRIGGER_OF.get(event.type)
        self.may_change_groups = event.type == "user.updated"
        self.author = filled(event.author, facts.author) or NO_AUTHOR
        self.topic = filled(event.topic, facts.topic) or NO_TOPIC
        self.post = filled(event.post, facts.post) or NO_POST
        self.category = filled(event.category, facts.category) or NO_CATEGORY
        self.late: list[str] = []
        self._texts: dict[tuple[str, str], Text] = {}

    @cached_property
    def kind(self) -> str | Missing:
        """T, R, C or U; Missing while only the topic's record could tell a first post from a reply."""
        group = self.event.type.split(".", 1)[0]
        if group in ("conversation", "message") or (group not in ("topic", "post", "user") and self.event.conversation):
            return CONVERSATION
        if group == "post" or (group not in ("topic", "user") and self.event.post):
            return self._topic_or_reply()
        return TOPIC if group == "topic" or (group != "user" and self.event.topic) else USER

    def _topic_or_reply(self) -> str | Missing:
        first = self.post.is_first_post
        if first is None and self.post.post_id is not None and self.topic.first_post_id is not None:
            first = self.post.post_id == self.topic.first_post_id
        if first is None and Fact.TOPIC not in self.facts.asked:
            return Missing(frozenset({Fact.TOPIC}))
        return TOPIC if first else REPLY

    @property
    def on_topic_event(self) -> bool:
        """Whether the event is about the topic itself, and not about one of its posts."""
        return self.event.type.startswith("topic.") or (self.event.post is None and self.kind == TOPIC)

    @cached_property
    def topic_author(self) -> Author:
        """Who started the topic; of a new topic its author."""
        if self.event.type == "topic.created" and self.topic.author is None:
            return filled(self.author, self.facts.topic_author) or Author()
        person = self.topic.author or Person()
        named = person if isinstance(person, Author) else Author(user_id=person.user_id, username=person.username)
        return filled(named, self.facts.topic_author) or named

    @cached_property
    def about_starter(self) -> Subject:
        """The same subject with who started the topic in the author's place."""
        view = copy(self)
        view.author = self.topic_author
        return view

    @property
    def category_id(self) -> int | None:
        """The category of the topic."""
        return self.category.category_id if self.category.category_id is not None else self.topic.category_id

    def missing(self, *facts: Fact) -> Missing:
        """What a value that is not there waits for: those of `facts` not asked yet, and what these stand on."""
        wanted = set(facts)
        if Fact.TOPIC_AUTHOR in wanted and self.topic_author.user_id is None:
            wanted.add(Fact.TOPIC)
        if Fact.CATEGORY in wanted and self.category_id is None:
            wanted.add(Fact.TOPIC)
        return Missing(frozenset(wanted - self.facts.asked))

    @property
    def html(self) -> str | None:
        """The item's source: of a topic, its first post."""
        if self.kind == CONVERSATION:
            conversation = self.event.conversation
            return _source(conversation.message, conversation.message_text) if conversation else None
        return _source(self.post.message, self.post.message_text)

    @property
    def title(self) -> str | None:
        """The topic's title, or the conversation's subject."""
        if self.kind == CONVERSATION:
            return self.event.conversation.subject if self.event.conversation else None
        return self.topic.title

    @cached_property
    def body_visible(self) -> str | None:
        """The item's text as people see it."""
        html = self.html
        return None if html is None else self.text_of_html(html).visible

    @cached_property
    def title_visible(self) -> str | None:
        """The title as people see it."""
        title = self.title
        return None if title is None else self.text_of(title).visible

    def focused(self, *, link: Link | None = None, attachment: Attachment | None = None) -> Subject:
        """The same subject with one link or file in view."""
        view = copy(self)
        view.link, view.attachment = link, attachment
        return view

    @property
    def link_is_attachment(self) -> bool | None:
        """Whether the link in view leads to a file of the item."""
        if self.link is None or self.post.attachments is None:
            return None
        return any(file.url == self.link.url for file in self.post.attachments)

    def recalling(self, told: Remembered) -> Subject:
        """The same subject with what the state told."""
        view = copy(self)
        view.told, view.trial = told, None
        return view

    def on_trial(self) -> Subject:
        """The same subject as a rule in shadow sees it."""
        if self.trial is None:
            self.trial = copy(self)
            self.trial.lane = TRIAL
        return self.trial

    def text_of_html(self, html: str) -> Text:
        """`html` made visible, once an event."""
        return self._text(html, Text.from_html)

    def text_of(self, plain: str) -> Text:
        """A plain value as text, once an event."""
        return self._text(plain, Text.from_plain)

    def _text(self, source: str, make: Callable[[str], Text]) -> Text:
        key = (make.__name__, source)
        if key not in self._texts:
            self._texts[key] = make(source)
        return self._texts[key]

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Every link of body and title, so far as these are known."""
        html = self.html
        body = None if html is None else self.text_of_html(html)
        return find_links(body, self.title if self.kind in (TOPIC, CONVERSATION) else None)

    @property
    def links_missing(self) -> Missing | None:
        """Why there may be more links: a body that is not known, or a title that may be above another's post."""
        if self.html is None:
            return self.missing(Fact.POST)
        return self.kind if isinstance(self.kind, Missing) and find_links(None, self.topic.title) else None


def _source(html: str | None, visible: str | None) -> str | None:
    return html if html is not None or visible is None else escape(visible, quote=False).replace("\n", "<br>")


def union(missing: Iterable[Missing]) -> Missing:
    """All that several missing values wait for."""
    return Missing(frozenset().union(*(one.needs for one in missing)))

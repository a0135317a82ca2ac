"""The table of everything that a rule can look at. The loader, the reference and the schema are computed from it."""

from __future__ import annotations

from rules.facts import Fact
from rules.fields import readers
from rules.fields.kinds import Field, Kind
from rules.fields.measured import measured_fields
from rules.fields.people import AUTHOR, person_fields

ITEM = "TRC"
POSTED = "TR"
EVERYWHERE = "TRCU"

_TOPIC_ID = Field(
    "topic.id", POSTED, Kind.NAME, lambda s: readers.digits(s.topic.topic_id), "id of the topic", (Fact.POST,)
)
_CATEGORY_ID = Field(
    "category.id", POSTED, Kind.NAME, lambda s: readers.digits(s.category_id), "id of the category", (Fact.TOPIC,)
)
_PARENT_ID = Field(
    "category.parent",
    POSTED,
    Kind.NAME,
    lambda s: readers.digits(s.category.parent_id),
    "id of the category above",
    (Fact.CATEGORY,),
)
_ITEM_FIELDS = (
    Field(
        "body", ITEM, Kind.TEXT, lambda s: s.html, "visible text; of a topic, its first post", (Fact.POST,), markup=True
    ),
    Field("html", ITEM, Kind.TEXT, lambda s: s.html, "source of the body", (Fact.POST,), method="includes"),
    Field(
        "title", "TC", Kind.TEXT, lambda s: s.title, "title of the topic, subject of the conversation", (Fact.TOPIC,)
    ),
    Field("id", ITEM, Kind.NAME, readers.item_id, "id of the topic, post or message"),
    Field("link_count", ITEM, Kind.NUMBER, readers.link_count, "links, the same one counted each time", (Fact.POST,)),
    Field(
        "domain",
        ITEM,
        Kind.DOMAIN,
        lambda s: readers.link_values(s, "host"),
        "hosts of the links, these or below",
        (Fact.POST,),
        of_links=True,
    ),
    Field(
        "url",
        ITEM,
        Kind.TEXT,
        lambda s: readers.link_values(s, "url"),
        "whole addresses of the links",
        (Fact.POST,),
        method="includes",
        of_links=True,
    ),
    Field("likes", POSTED, Kind.NUMBER, lambda s: s.post.like_count, "likes of the post", (Fact.POST,)),
    Field("dislikes", POSTED, Kind.NUMBER, lambda s: s.post.dislike_count, "dislikes of the post", (Fact.POST,)),
    Field(
        "reports", POSTED, Kind.NUMBER, lambda s: s.post.report_count, "reports, if the forum sends them", (Fact.POST,)
    ),
    Field("pending", POSTED, Kind.YES_NO, lambda s: s.post.pending, "waits for approval", (Fact.POST,)),
    Field("is_edited", POSTED, Kind.YES_NO, readers.is_edited, "was changed after it was written", (Fact.POST,)),
    Field(
        "is_top_level", "R", Kind.YES_NO, lambda s: s.post.is_top_level, "answers the topic, not a reply", (Fact.POST,)
    ),
    Field("item_age", POSTED, Kind.AGE, readers.item_age, "since it was written", (Fact.POST,)),
)

_LINK_FIELDS = (
    Field("link.domain", ITEM, Kind.DOMAIN, lambda s: s.link and s.link.host, "host of the link, that one or below"),
    Field("link.url", ITEM, Kind.TEXT, lambda s: s.link and s.link.url, "the whole address", method="includes"),
    Field("link.path", ITEM, Kind.TEXT, lambda s: s.link and s.link.path, "from the host to ? or #", method="includes"),
    Field(
        "link.text", ITEM, Kind.TEXT, lambda s: s.link and s.link.text, "the words that are linked", method="includes"
    ),
    Field(
        "link.text_mismatch",
        ITEM,
        Kind.YES_NO,
        lambda s: s.link and s.link.text_mismatch,
        "the linked words show another host",
    ),
    Field(
        "link.attachment", ITEM, Kind.YES_NO, lambda s: s.link and s.link_is_attachment, "leads to a file of the item"
    ),
    Field("link.in", ITEM, Kind.NAME, lambda s: s.link and s.link.where, "body or title"),
)

_ATTACHMENT_FIELDS = (
    Field(
        "attachments.name",
        ITEM,
        Kind.TEXT,
        lambda s: s.attachment and s.attachment.name,
        "file name",
        method="includes",
    ),
    Field("attachments.type", ITEM, Kind.LIST, readers.media_types, "image/png, or image for all of them"),
    Field("attachments.size", ITEM, Kind.NUMBER, lambda s: s.attachment and s.attachment.size, "bytes"),
    Field("attachments.count", ITEM, Kind.NUMBER, readers.attachment_count, "files of the item", (Fact.POST,)),
)

_TOPIC_FIELDS = (
    _TOPIC_ID,
    Field("topic.title", POSTED, Kind.TEXT, lambda s: s.topic.title, "title of the topic", (Fact.TOPIC,)),
    Field("topic.tags", POSTED, Kind.LIST, lambda s: s.topic.tags, "tags of the topic", (Fact.TOPIC,)),
    Field("topic.locked", POSTED, Kind.YES_NO, lambda s: s.topic.locked, "takes no replies", (Fact.TOPIC,)),
    Field("topic.pinned", POSTED, Kind.YES_NO, lambda s: s.topic.pinned, "stands on top", (Fact.TOPIC,)),
    Field("topic.reply_count", POSTED, Kind.NUMBER, lambda s: s.topic.reply_count, "replies so far", (Fact.TOPIC,)),
    Field("topic.view_count", POSTED, Kind.NUMBER, lambda s: s.topic.view_count, "views so far", (Fact.TOPIC,)),
    Field("topic.age", POSTED, Kind.AGE, readers.topic_age, "since the topic was started", (Fact.TOPIC,)),
    Field(
        "topic.idle",
        POSTED,
        Kind.AGE,
        readers.idle,
        "since the post before this one; new replies only",
        (Fact.PREVIOUS,),
    ),
)

_CATEGORY_FIELDS = (
    _CATEGORY_ID,
    Field("category.name", POSTED, Kind.NAME, lambda s: s.category.name, "title of the category", (Fact.CATEGORY,)),
    Field(
        "category.parent",
        POSTED,
        Kind.NAME,
        lambda s: s.category.parent_name,
        "title or id of the category above",
        (Fact.CATEGORY,),
        by_id=_PARENT_ID,
    ),
)

_SHORT = tuple(
    Field(
        key,
        POSTED,
        Kind.NAME,
        lambda s: s.category.name,
        "title of the category, or its id as a number; categories below are not included",
        (Fact.CATEGORY,),
        by_id=_CATEGORY_ID,
    )
    for key in ("category", "topic.category")
)

_TIME_FIELDS = (
    Field("time.days", EVERYWHERE, Kind.DAYS, lambda s: s.at, "days of the week, as [sat, sun]"),
    Field("time.between", EVERYWHERE, Kind.HOURS, lambda s: s.at, 'hours of the day, as "22:00-06:00"; the end is out'),
)

FIELDS: dict[str, Field] = {
    field.key: field
    for field in (
        *_ITEM_FIELDS,
        *measured_fields("body", ITEM, Fact.POST, lambda s: s.body_visible),
        *measured_fields("title", "TC", Fact.TOPIC, lambda s: s.title_visible),
        *_LINK_FIELDS,
        *_ATTACHMENT_FIELDS,
        *person_fields(),
        *_TOPIC_FIELDS,
        *_CATEGORY_FIELDS,
        *_SHORT,
        *_TIME_FIELDS,
    )
}

GROUPS = ("link", "attachments", "author", "topic", "topic.author", "category", "time")
"""Prefixes: `author: {name: x}` and `author.name: x` are one check."""

ENTRY_GROUPS = ("link", "attachments")
"""Groups that ask for one link or file that meets everything inside."""

SYNONYMS = {
    "parent_submission": "topic",
    "is_submitter": "is_topic_author",
}
"""AutoModerator's words that are ours under another name; every word ending in `_karma` is reputation."""

FLAIR = ("flair_text", "flair_css_class", "flair_template_id")
"""Its words for flair: on people their groups, on posts the tags of the topic."""


def find_field(path: str) -> Field | None:
    """The field of that path, custom fields of people included."""
    head, dot, name = path.rpartition(".custom.")
    if dot and name and head in (AUTHOR, "topic.author"):
        return next(field for field in person_fields(head, custom=name) if field.key == path)
    return FIELDS.get(path)

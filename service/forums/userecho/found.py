"""Comments and topics found in lists: a comment by id, by place, or as the bot's own by its text; a topic by category.

Imported by `client`.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from itertools import islice

from rules.event import Post
from service.forums.texts import as_html, same_text
from service.forums.userecho.api import UserEcho
from service.forums.userecho.api.requests import PAGE
from service.forums.userecho.items import CommentShape, TopicShape

MOST_LOOKED_AT = 3 * PAGE
"""Comments that are read back before the answer is: cannot tell."""


def authored(item: TopicShape | CommentShape) -> Post:
    """A comment, or a topic's own text, as the event's words have it, with its author."""
    post = item.own_text() if isinstance(item, TopicShape) else item.post()
    return post.model_copy(update={"author": item.person()})


def find_comment(site: UserEcho, topic_id: int, comment_id: int) -> Post | None:
    """A comment on a topic by its id; None where it is not among the newest MOST_LOOKED_AT. Raises NotFound.

    The list is asked for this one alone, and looked through, since sites have been seen to ignore filters.
    """
    listed = site.comments.in_topic(topic_id, filters={"id": comment_id}, order_by="-created")
    found = next((one for one in islice(listed, MOST_LOOKED_AT) if one.id == comment_id), None)
    return authored(found).model_copy(update={"topic_id": topic_id}) if found else None


def find_comment_before(site: UserEcho, topic_id: int, comment_id: int) -> Post | None:
    """The comment before this one among the newest PAGE; ids grow with time. Raises NotFound."""
    listed = site.comments.in_topic(topic_id, filters={"id__lt": comment_id}, order_by="-created")
    older = [one for one in islice(listed, PAGE) if one.id is not None and one.id < comment_id]
    found = max(older, key=lambda one: one.id or 0, default=None)
    return authored(found).model_copy(update={"topic_id": topic_id}) if found else None


def is_listed(site: UserEcho, topic_id: int | None, category_id: int) -> bool:
    """Whether a category's list of topics has this one, among the MOST_LOOKED_AT changed last."""
    listed = site.topics.in_category(category_id, filters={"id": topic_id or 0}, order_by="-updated")
    return any(one.id == topic_id for one in islice(listed, MOST_LOOKED_AT))


def was_commented(site: UserEcho, topic_id: int, bot_id: int, text: str, since: float) -> bool | None:
    """Whether the bot wrote `text` on the topic at or after `since` (Unix seconds); None where nobody can tell.

    The bot is the user `bot_id`, or whom the key belongs to: comments are made in that one's name. Nothing is taken for
    granted of the list's order, and a filter that is ignored only makes it longer.
    """
    authors, wanted, first = {bot_id, site.users.current().id}, as_html(text), math.floor(since)
    listed = site.comments.in_topic(topic_id, filters={"created__gte": datetime.fromtimestamp(first, UTC)})
    for comment in islice(listed, MOST_LOOKED_AT):
        person = comment.person()
        mine = person is not None and person.user_id in authors and (comment.created or first) >= first
        if mine and same_text(comment.message, wanted):
            return True
    return False if next(listed, None) is None else None

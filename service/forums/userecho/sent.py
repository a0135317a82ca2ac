"""Comments found again: one by its id, or the bot's own by its text. The API has lists of them alone.

Imported by `client`.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from itertools import islice

from service.forums.texts import as_html, same_text
from service.forums.userecho.api import UserEcho
from service.forums.userecho.api.requests import PAGE
from service.forums.userecho.items import CommentShape

MOST_LOOKED_AT = 3 * PAGE
"""Comments that are read back before the answer is: cannot tell."""


def find_comment(site: UserEcho, topic_id: int, comment_id: int) -> CommentShape | None:
    """A comment on a topic by its id; None where it is not among the newest MOST_LOOKED_AT. Raises NotFound.

    The list is asked for this one alone, and looked through, since sites have been seen to ignore filters.
    """
    listed = site.comments.in_topic(topic_id, filters={"id": comment_id}, order_by="-created")
    return next((one for one in islice(listed, MOST_LOOKED_AT) if one.id == comment_id), None)


def was_commented(site: UserEcho, topic_id: int, bot_id: int, text: str, since: float) -> bool | None:
    """Whether the bot wrote `text` on the topic at or after `since` (Unix seconds); None where there are too many to tell.

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

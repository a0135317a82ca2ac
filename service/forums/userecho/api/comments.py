"""Comments of UserEcho's API (userecho-reference.txt, Comments). There is no call for one comment alone.

Imported by `api`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.forums.answers import told
from service.forums.userecho.api.requests import PAGE, Filters, Requests
from service.forums.userecho.items import CommentShape


@dataclass(frozen=True, slots=True)
class Comments:
    """Comments. Every method raises the port's failures; `limit` is the size of a page."""

    requests: Requests

    def in_topic(
        self, topic_id: int, *, filters: Filters | None = None, order_by: str | None = None, limit: int = PAGE
    ) -> Iterator[CommentShape]:
        """The comments on a topic, as ordered: "-created" for the newest first. Raises NotFound. Access: read."""
        return self._list("list_comments", f"topics/{topic_id}/comments", filters, order_by, limit)

    def of_user(
        self, user_id: int, *, filters: Filters | None = None, order_by: str | None = None, limit: int = PAGE
    ) -> Iterator[CommentShape]:
        """The comments of a user. Raises NotFound. Access: read for the key's own user, all for others."""
        return self._list("list_user_comments", f"users/{user_id}/comments", filters, order_by, limit)

    def create(self, topic_id: int, *, text: str, is_official: bool | None = None) -> CommentShape:
        """A new comment with this text (HTML); `is_official` marks it as the project's answer. Access: write.

        The text goes out under both names that clients use, `text` and `comment` (platform-facts.md, 2.4): the one that
        the API does not know is ignored. Raises NotFound.
        """
        body = told(text=text, comment=text, is_official=is_official)
        return self.requests.one(CommentShape, "create_comment", "POST", f"topics/{topic_id}/comments", body=body)

    def _list(
        self, operation: str, path: str, filters: Filters | None, order_by: str | None, limit: int
    ) -> Iterator[CommentShape]:
        return self.requests.many(CommentShape, operation, path, filters=filters, order_by=order_by, limit=limit)

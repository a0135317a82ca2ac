"""Topics and tags of Website Toolbox's API (websitetoolbox-reference.txt, Topics and Tags). Imported by `api`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from service.forums.websitetoolbox.api.requests import PAGE, Requests, spelt
from service.forums.websitetoolbox.objects import PersonShape, TagShape, TopicShape

Expand = Literal["category", "poll"]
"""What a topic can bring along."""

Period = Literal["all", "year", "quarter", "month", "week", "today"]


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics. Every method raises the port's failures."""

    requests: Requests

    def all(
        self,
        *,
        topic_ids: Sequence[int] | None = None,
        user_ids: Sequence[int] | None = None,
        category_ids: Sequence[int] | None = None,
        expand: Sequence[Expand] = (),
        sort: Literal["top", "latest", "new", "views", "topicId"] | None = None,
        period: Period | None = None,
        limit: int = PAGE,
    ) -> Iterator[TopicShape]:
        """The topics that fit every filter, newest first unless `sort` says otherwise; `limit` a page, 1 to 100.

        Each list of ids goes out as a parameter that is repeated, and takes any of them; `sort` "topicId" gives the
        topics in the order of `topic_ids`, "top" those of a `period`.
        """
        ids = {"topic_id": topic_ids, "user_id": user_ids, "category_id": category_ids}
        several = {name: list(numbers) for name, numbers in ids.items() if numbers is not None}
        query = spelt(**several, expand=",".join(expand) or None, sort=sort, period=period)
        return self.requests.many(TopicShape, "list_topics", "topics", query, limit=limit)

    def create(self, *, title: str, content: str, username: str, category_id: int | None = None) -> TopicShape:
        """A new topic of a member; `content` (HTML) is its first post. Raises Refused where the member is not there."""
        body = spelt(title=title, content=content, username=username, category_id=category_id)
        return self.requests.one(TopicShape, "create_topic", "POST", "topics", body=body)

    def get(self, topic_id: int, *, expand: Sequence[Expand] = ()) -> TopicShape:
        """One topic, with its category or poll where `expand` asks. Raises NotFound."""
        query = spelt(expand=",".join(expand) or None)
        return self.requests.one(TopicShape, "get_topic", "GET", f"topics/{topic_id}", query=query)

    def update(
        self,
        topic_id: int,
        *,
        title: str | None = None,
        category_id: int | None = None,
        locked: bool | None = None,
        pinned: bool | None = None,
        tags: Sequence[TagShape] | None = None,
        author: PersonShape | None = None,
        date_timestamp: int | None = None,
        first_post_id: int | None = None,
        poll_id: int | None = None,
        view_count: int | None = None,
    ) -> TopicShape:
        """Change a topic; what is None stays. `date_timestamp` is in Unix seconds. Raises NotFound.

        `locked` keeps new posts out, `pinned` puts it first in its category. The reference lists all of the object's
        fields; those which the forum itself works out are left out here. Look at the answer: what the API does not take
        it ignores.
        """
        fields = {"first_post_id": first_post_id, "poll_id": poll_id, "view_count": view_count}
        body = spelt(
            title=title,
            category_id=category_id,
            locked=locked,
            pinned=pinned,
            tags=None if tags is None else [tag.as_sent() for tag in tags],
            author=author.as_sent() if author else None,
            date_timestamp=date_timestamp,
            **fields,
        )
        return self.requests.one(TopicShape, "update_topic", "POST", f"topics/{topic_id}", body=body)

    def delete(self, topic_id: int) -> None:
        """Delete a topic with its posts. Raises NotFound."""
        self.requests.data("delete_topic", "DELETE", f"topics/{topic_id}")


@dataclass(frozen=True, slots=True)
class Tags:
    """Tags. Every method raises the port's failures."""

    requests: Requests

    def all(self, *, limit: int = PAGE) -> Iterator[TagShape]:
        """All tags of the forum; `limit` a page, 1 to 100."""
        return self.requests.many(TagShape, "list_tags", "tags", limit=limit)

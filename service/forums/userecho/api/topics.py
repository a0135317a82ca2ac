"""Topics and who voted on them, in UserEcho's API (userecho-reference.txt, Topics and Voters). Imported by `api`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.forums.answers import told
from service.forums.userecho.api.requests import PAGE, UNCHANGED, Filters, Requests, Unchanged, given
from service.forums.userecho.items import TopicShape
from service.forums.userecho.objects import VoterShape


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics. Every method raises the port's failures; lists take filters, an order and `limit`, the size of a page."""

    requests: Requests

    def in_forum(
        self, forum_id: int, *, filters: Filters | None = None, order_by: str | None = None, limit: int = PAGE
    ) -> Iterator[TopicShape]:
        """The topics of a forum, as ordered: "-created" for the newest first. Raises NotFound. Access: read."""
        return self._list("list_topics", f"forums/{forum_id}/topics", filters, order_by, limit)

    def of_user_in_forum(
        self,
        forum_id: int,
        user_id: int,
        *,
        filters: Filters | None = None,
        order_by: str | None = None,
        limit: int = PAGE,
    ) -> Iterator[TopicShape]:
        """The topics of one user in a forum. Raises NotFound. Access: read."""
        path = f"forums/{forum_id}/users/{user_id}/topics"
        return self._list("list_user_topics_in_forum", path, filters, order_by, limit)

    def of_user(
        self, user_id: int, *, filters: Filters | None = None, order_by: str | None = None, limit: int = PAGE
    ) -> Iterator[TopicShape]:
        """The topics of one user. Raises NotFound. Access: read for the key's own user, manage for others."""
        return self._list("list_user_topics", f"users/{user_id}/topics", filters, order_by, limit)

    def in_category(
        self, category_id: int, *, filters: Filters | None = None, order_by: str | None = None, limit: int = PAGE
    ) -> Iterator[TopicShape]:
        """The topics of a category. Raises NotFound. Access: read."""
        return self._list("list_category_topics", f"categories/{category_id}/topics", filters, order_by, limit)

    def with_tag(
        self, tag_id: int, *, filters: Filters | None = None, order_by: str | None = None, limit: int = PAGE
    ) -> Iterator[TopicShape]:
        """The topics with a tag. Raises NotFound. Access: read."""
        return self._list("list_tag_topics", f"tags/{tag_id}/topics", filters, order_by, limit)

    def search(self, forum_id: int, *, query: str, limit: int = PAGE) -> Iterator[TopicShape]:
        """The topics of a forum that the platform's search finds for `query`. Raises NotFound. Access: read."""
        path = f"forums/{forum_id}/topics/search"
        return self.requests.many(TopicShape, "search_topics", path, query={"query": query}, limit=limit)

    def get(self, topic_id: int) -> TopicShape:
        """One topic with its text. Raises NotFound. Access: read."""
        return self.requests.one(TopicShape, "get_topic", "GET", f"topics/{topic_id}")

    def create(
        self,
        forum_id: int,
        *,
        header: str,
        type: int,  # noqa: A002 - the API's word
        description: str | None = None,
        category: int | None = None,
        tags: Sequence[int] | None = None,
        show_voter: bool | None = None,
        custom_fields: Mapping[str, str | int] | None = None,
        needs_review: bool | None = None,
    ) -> TopicShape:
        """A new topic: `header` its title, `type` one of the forum's types, `description` its text (HTML).

        `category` is needed where the forum's settings say so. `custom_fields` are by code name, such as "cf_1".
        Without `needs_review` the forum's own rules decide whether it waits. Raises NotFound. Access: write.
        """
        fields = {"show_voter": show_voter, "custom_fields": custom_fields, "needs_review": needs_review}
        place = {"category": category, "tags": None if tags is None else list(tags)}
        body = told(header=header, type=type, description=description, **place, **fields)
        return self.requests.one(TopicShape, "create_topic", "POST", f"forums/{forum_id}/topics", body=body)

    def update(
        self,
        forum_id: int,
        topic_id: int,
        *,
        header: str | Unchanged = UNCHANGED,
        description: str | Unchanged = UNCHANGED,
        type: int | Unchanged = UNCHANGED,  # noqa: A002 - the API's word
        category: int | Unchanged | None = UNCHANGED,
        tags: Sequence[int] | Unchanged = UNCHANGED,
        show_voter: bool | Unchanged = UNCHANGED,
        custom_fields: Mapping[str, str | int] | Unchanged = UNCHANGED,
        assigned_to: int | Unchanged | None = UNCHANGED,
        status: int | Unchanged = UNCHANGED,
    ) -> TopicShape:
        """Change a topic of this forum; what is not given stays, and None, "" or () clear (platform-facts.md, 2.4).

        `status` is in no page of the vendor, yet in use. Look at the answer: what the API does not know it may ignore.
        Raises NotFound. Access: write.
        """
        place = {"category": category, "tags": tags if isinstance(tags, Unchanged) else list(tags)}
        fields = {"show_voter": show_voter, "custom_fields": custom_fields, "assigned_to": assigned_to}
        body = given(id=topic_id, header=header, description=description, type=type, **place, **fields, status=status)
        return self.requests.one(TopicShape, "update_topic", "PUT", f"forums/{forum_id}/topics", body=body)

    def delete(self, topic_id: int) -> None:
        """Delete a topic and its comments. Raises NotFound. Access: write."""
        self.requests.data("delete_topic", "DELETE", f"topics/{topic_id}")

    def voters(self, topic_id: int, *, limit: int = PAGE) -> Iterator[VoterShape]:
        """Who voted on a topic. Raises NotFound. Access: read."""
        return self.requests.many(VoterShape, "list_voters", f"topics/{topic_id}/voters", limit=limit)

    def _list(
        self, operation: str, path: str, filters: Filters | None, order_by: str | None, limit: int
    ) -> Iterator[TopicShape]:
        return self.requests.many(TopicShape, operation, path, filters=filters, order_by=order_by, limit=limit)

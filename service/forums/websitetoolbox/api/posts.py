"""Posts of Website Toolbox's API (websitetoolbox-reference.txt, Posts). Imported by `api`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from service.forums.websitetoolbox.api.requests import PAGE, Requests, spelt
from service.forums.websitetoolbox.objects import FileShape, PersonShape, PostShape

Expand = Literal["topic", "category"]
"""What a post can bring along."""


@dataclass(frozen=True, slots=True)
class Posts:
    """Posts. Every method raises the port's failures."""

    requests: Requests

    def all(
        self,
        *,
        post_ids: Sequence[int] | None = None,
        user_ids: Sequence[int] | None = None,
        topic_ids: Sequence[int] | None = None,
        category_id: int | None = None,
        expand: Sequence[Expand] = (),
        sort: str | None = None,
        order: Literal["asc", "desc"] | None = None,
        include_id: int | None = None,
        limit: int = PAGE,
    ) -> Iterator[PostShape]:
        """The posts that fit every filter, newest first unless `order` is "asc"; `limit` a page, 1 to 100.

        Each list of ids goes out as a parameter that is repeated, and takes any of them; `sort` "postId" gives the
        posts in the order of `post_ids`. With `include_id`, the one page that has this post.
        """
        ids = {"post_id": post_ids, "user_id": user_ids, "topic_id": topic_ids}
        several = {name: list(numbers) for name, numbers in ids.items() if numbers is not None}
        query = spelt(
            **several,
            category_id=category_id,
            expand=",".join(expand) or None,
            sort=sort,
            order=order,
            include_id=include_id,
        )
        return self.requests.many(PostShape, "list_posts", "posts", query, limit=limit)

    def create(self, *, topic_id: int, username: str, content: str) -> PostShape:
        """A new post of a member below a topic; `content` is HTML. Raises Refused where one of them is not there."""
        body = spelt(topic_id=topic_id, username=username, content=content)
        return self.requests.one(PostShape, "create_post", "POST", "posts", body=body)

    def get(self, post_id: int, *, expand: Sequence[Expand] = ()) -> PostShape:
        """One post, with its topic or category where `expand` asks. Raises NotFound."""
        query = spelt(expand=",".join(expand) or None)
        return self.requests.one(PostShape, "get_post", "GET", f"posts/{post_id}", query=query)

    def update(
        self,
        post_id: int,
        *,
        message: str | None = None,
        message_text: str | None = None,
        pending: bool | None = None,
        topic_id: int | None = None,
        author: PersonShape | None = None,
        attachments: Sequence[FileShape] | None = None,
        post_timestamp: int | None = None,
        like_count: int | None = None,
        dislike_count: int | None = None,
    ) -> PostShape:
        """Change a post; what is None stays. `message` is HTML, `post_timestamp` in Unix seconds. Raises NotFound.

        `pending` holds a post back (True) or publishes it. The reference lists all of the object's fields; those which
        the forum itself works out are left out here. Look at the answer: what the API does not take it ignores.
        """
        files = None if attachments is None else [file.as_sent() for file in attachments]
        counts = {"post_timestamp": post_timestamp, "like_count": like_count, "dislike_count": dislike_count}
        body = spelt(
            message=message,
            message_text=message_text,
            pending=pending,
            topic_id=topic_id,
            author=author.as_sent() if author else None,
            attachments=files,
            **counts,
        )
        return self.requests.one(PostShape, "update_post", "POST", f"posts/{post_id}", body=body)

    def delete(self, post_id: int) -> None:
        """Delete a post; with a topic's first goes the topic. Raises NotFound."""
        self.requests.data("delete_post", "DELETE", f"posts/{post_id}")

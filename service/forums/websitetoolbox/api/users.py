"""Users of Website Toolbox's API, and the topics that they follow (websitetoolbox-reference.txt, Users).

Imported by `api`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from service.forums.websitetoolbox.api.requests import PAGE, Requests, spelt
from service.forums.websitetoolbox.people import FieldShape, Profile, UserShape

_COMPARISON = re.compile(r"\s*(?:<=|>=|!=|<>|<|>)\s*[0-9]+\s*")
_UNTOLD = Profile()


@dataclass(frozen=True, slots=True)
class Users:
    """Users. Every method raises the port's failures."""

    requests: Requests

    def all(
        self,
        *,
        username: str | None = None,
        email: str | None = None,
        user_group_id: int | None = None,
        post_count: str | None = None,
        current_month_page_views: str | None = None,
        join_date_timestamp: str | None = None,
        last_visit_timestamp: str | None = None,
        last_post_timestamp: str | None = None,
        include_id: int | None = None,
        limit: int = PAGE,
    ) -> Iterator[UserShape]:
        """The users that fit every filter, newest first; `limit` a page, 1 to 100.

        Counts and times (Unix seconds) are asked for as comparisons such as "> 5", with one of < > <= >= != <>; raises
        ValueError for anything else. With `include_id`, the one page that has this user.
        """
        compared = {"post_count": post_count, "current_month_page_views": current_month_page_views}
        compared |= {"join_date_timestamp": join_date_timestamp, "last_visit_timestamp": last_visit_timestamp}
        compared |= {"last_post_timestamp": last_post_timestamp}
        for name, asked in compared.items():
            if asked is not None and not _COMPARISON.fullmatch(asked):
                raise ValueError(f'{name} is asked for as a comparison such as "> 5", not as {asked!r}')
        named = {"username": username, "email": email, "user_group_id": user_group_id, "include_id": include_id}
        return self.requests.many(UserShape, "list_users", "users", spelt(**named, **compared), limit=limit)

    def create(
        self,
        *,
        username: str,
        email: str,
        password: str,
        user_groups: Sequence[int] | None = None,
        custom_fields: Sequence[FieldShape] | None = None,
        profile: Profile = _UNTOLD,
    ) -> UserShape:
        """A new user, in these groups (ids). Raises Refused where the name or address is taken."""
        lists = _lists(user_groups, custom_fields)
        body = {**profile.as_sent(), **lists, **spelt(username=username, email=email, password=password)}
        return self.requests.one(UserShape, "create_user", "POST", "users", body=body)

    def get(self, user_id: int) -> UserShape:
        """One user. Raises NotFound."""
        return self.requests.one(UserShape, "get_user", "GET", f"users/{user_id}")

    def update(
        self,
        user_id: int,
        *,
        username: str | None = None,
        email: str | None = None,
        password: str | None = None,
        user_groups: Sequence[int] | None = None,
        custom_fields: Sequence[FieldShape] | None = None,
        like_notifications: bool | None = None,
        profile: Profile = _UNTOLD,
    ) -> UserShape:
        """Change a user; what is None stays. `user_groups` (ids) are all that the user is in afterwards.

        Raises NotFound, and Refused where the name or address is taken.
        """
        own = spelt(username=username, email=email, password=password, like_notifications=like_notifications)
        body = {**profile.as_sent(), **_lists(user_groups, custom_fields), **own}
        return self.requests.one(UserShape, "update_user", "POST", f"users/{user_id}", body=body)

    def delete(self, user_id: int) -> None:
        """Delete a user, for good. Raises NotFound."""
        self.requests.data("delete_user", "DELETE", f"users/{user_id}")

    def follow_topics(self, user_id: int, *, topic_ids: Sequence[int]) -> None:
        """Tell a user of new replies in these topics from now on. Raises NotFound."""
        body = spelt(topic_ids=list(topic_ids))
        self.requests.data("follow_topics", "POST", f"users/{user_id}/followed_topics", body=body)

    def unfollow_topics(self, user_id: int, *, topic_ids: Sequence[int]) -> None:
        """Tell a user no more of new replies in these topics. Raises NotFound."""
        body = spelt(topic_ids=list(topic_ids))
        self.requests.data("unfollow_topics", "DELETE", f"users/{user_id}/followed_topics", body=body)


def _lists(groups: Sequence[int] | None, fields: Sequence[FieldShape] | None) -> dict[str, Any]:
    return spelt(
        user_groups=None if groups is None else list(groups),
        custom_fields=None if fields is None else [field.as_sent() for field in fields],
    )

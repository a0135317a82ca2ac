"""Users and user groups of UserEcho's API (userecho-reference.txt, Users and Users groups). Imported by `api`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from service.forums.answers import told
from service.forums.userecho.api.requests import PAGE, UNCHANGED, Filters, Requests, Unchanged, given
from service.forums.userecho.objects import GroupShape, UserShape


@dataclass(frozen=True, slots=True)
class Users:
    """The project's users. Every method raises the port's failures."""

    requests: Requests

    def all(
        self, *, filters: Filters | None = None, order_by: str | None = None, limit: int = PAGE
    ) -> Iterator[UserShape]:
        """All users of the project; `limit` users a page. Access: read."""
        return self.requests.many(UserShape, "list_users", "users", filters=filters, order_by=order_by, limit=limit)

    def current(self) -> UserShape:
        """The user that the key belongs to, or in whose name it is used. Access: read."""
        return self.requests.one(UserShape, "get_current_user", "GET", "users/current")

    def get(self, user_id: int) -> UserShape:
        """One user. Raises NotFound. Access: read."""
        return self.requests.one(UserShape, "get_user", "GET", f"users/{user_id}")

    def get_by_sso_guid(self, sso_guid: str) -> UserShape:
        """One user by the id that single sign-on gave them. Raises NotFound. Access: read."""
        return self.requests.one(UserShape, "get_user_by_sso_guid", "GET", f"users/sso/{quote(sso_guid, safe='')}")

    def log_out(self, user_id: int) -> None:
        """End all sessions of a user. It is a GET that changes something, and treated as a write. Access: all."""
        self.requests.data("log_out_user", "GET", f"users/{user_id}/logout", write=True)

    def get_or_create(self, *, email: str, name: str | None = None) -> UserShape:
        """The user with this address, made where there is none; `is_created` tells which. Access: all.

        That `email` is required and `name` taken is inferred from the summary; the vendor's page is not at hand.
        """
        return self.requests.one(
            UserShape, "get_or_create_user", "POST", "users/get_or_create", body=told(email=email, name=name)
        )

    def add_to_group(self, user_id: int, *, group: int) -> None:
        """Put a user into a group. Newer edition only, its body is inferred: read the user again. Access: all."""
        self.requests.data("add_user_to_group", "POST", f"users/{user_id}/group", body={"group": group})

    def remove_from_group(self, user_id: int, *, group: int) -> None:
        """Take a user out of a group. Newer edition only, its body is inferred: read the user again. Access: all."""
        self.requests.data("remove_user_from_group", "DELETE", f"users/{user_id}/group", body={"group": group})


@dataclass(frozen=True, slots=True)
class UserGroups:
    """Groups of users. What a group changes is votes alone (platform-facts.md, 2.4). Access: all."""

    requests: Requests

    def all(self, *, limit: int = PAGE) -> Iterator[GroupShape]:
        """All groups; `limit` groups a page."""
        return self.requests.many(GroupShape, "list_user_groups", "users/groups", limit=limit)

    def create(self, *, name: str, vote_weight: int | None = None, vote_count: int | None = None) -> GroupShape:
        """A new group: `vote_weight` votes for each topic, 1 to 5; `vote_count` votes in all, None for no limit."""
        body = told(name=name, vote_weight=vote_weight, vote_count=vote_count)
        return self.requests.one(GroupShape, "create_user_group", "POST", "users/groups", body=body)

    def update(
        self,
        group_id: int,
        *,
        name: str | Unchanged = UNCHANGED,
        vote_weight: int | Unchanged = UNCHANGED,
        vote_count: int | Unchanged | None = UNCHANGED,
    ) -> GroupShape:
        """Change a group; None for `vote_count` lifts the limit. Raises NotFound."""
        body = given(id=group_id, name=name, vote_weight=vote_weight, vote_count=vote_count)
        return self.requests.one(GroupShape, "update_user_group", "PUT", "users/groups", body=body)

    def delete(self, group_id: int) -> None:
        """Delete a group. Raises NotFound. That the id goes into the body is inferred from the update."""
        self.requests.data("delete_user_group", "DELETE", "users/groups", body={"id": group_id})

"""User groups and their members in Website Toolbox's API (websitetoolbox-reference.txt, User Groups).

Imported by `api`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.forums.websitetoolbox.api.requests import PAGE, Requests, spelt
from service.forums.websitetoolbox.people import GroupPermissions, GroupShape

_AS_GIVEN = GroupPermissions()


@dataclass(frozen=True, slots=True)
class UserGroups:
    """User groups. Every method raises the port's failures."""

    requests: Requests

    def all(self, *, titles: Sequence[str] | None = None, limit: int = PAGE) -> Iterator[GroupShape]:
        """All groups, or those with one of these titles; `limit` a page, 1 to 100."""
        query = spelt(title=None if titles is None else list(titles))
        return self.requests.many(GroupShape, "list_user_groups", "usergroups", query, limit=limit)

    def create(self, *, title: str, permissions: GroupPermissions = _AS_GIVEN) -> GroupShape:
        """A new group; members do not see its title."""
        body = {**permissions.as_sent(), "title": title}
        return self.requests.one(GroupShape, "create_user_group", "POST", "usergroups", body=body)

    def get(self, usergroup_id: int) -> GroupShape:
        """One group. Raises NotFound."""
        return self.requests.one(GroupShape, "get_user_group", "GET", f"usergroups/{usergroup_id}")

    def update(
        self,
        usergroup_id: int,
        *,
        title: str | None = None,
        default_group: bool | None = None,
        permissions: GroupPermissions = _AS_GIVEN,
    ) -> GroupShape:
        """Change a group; what is None stays. `default_group`: new members come into it. Raises NotFound."""
        body = {**permissions.as_sent(), **spelt(title=title, default_group=default_group)}
        return self.requests.one(GroupShape, "update_user_group", "POST", f"usergroups/{usergroup_id}", body=body)

    def delete(self, usergroup_id: int) -> None:
        """Delete a custom group; those that the platform made stay. Raises NotFound."""
        self.requests.data("delete_user_group", "DELETE", f"usergroups/{usergroup_id}")

    def add_users(
        self,
        usergroup_id: int,
        *,
        user_ids: Sequence[int] | None = None,
        usernames: Sequence[str] | None = None,
        email_addresses: Sequence[str] | None = None,
    ) -> None:
        """Add members, named in one of three ways, to a group; their other groups stay. Raises NotFound.

        Raises Refused, for all of them, where one cannot be added; ValueError unless named in exactly one way.
        """
        body = _named(user_ids=user_ids, usernames=usernames, email_addresses=email_addresses)
        self.requests.data("add_users_to_group", "POST", f"usergroups/{usergroup_id}/users", body=body)

    def remove_users(
        self,
        usergroup_id: int,
        *,
        user_ids: Sequence[int] | None = None,
        usernames: Sequence[str] | None = None,
        email_addresses: Sequence[str] | None = None,
    ) -> None:
        """Take members, named in one of three ways, out of a group. Raises NotFound.

        Raises Refused, for all of them, where one cannot be taken out; ValueError unless named in exactly one way.
        """
        body = _named(user_ids=user_ids, usernames=usernames, email_addresses=email_addresses)
        self.requests.data("remove_users_from_group", "DELETE", f"usergroups/{usergroup_id}/users", body=body)


def _named(**ways: Sequence[int] | Sequence[str] | None) -> dict[str, list[int | str]]:
    """The one list of members that is given."""
    given = {name: list(members) for name, members in ways.items() if members}
    if len(given) != 1:
        raise ValueError(f"which members? give one of {', '.join(ways)}")
    return spelt(**given)

"""Categories of Website Toolbox's API, and what user groups may do in them (websitetoolbox-reference.txt, Categories).

Imported by `api`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.forums.websitetoolbox.api.requests import PAGE, Requests, spelt
from service.forums.websitetoolbox.objects import CategoryShape
from service.forums.websitetoolbox.people import CategoryPermissions, CategoryPermissionsShape


@dataclass(frozen=True, slots=True)
class Categories:
    """Categories. Every method raises the port's failures."""

    requests: Requests

    def all(self, *, limit: int = PAGE) -> Iterator[CategoryShape]:
        """All categories in the order of their display; `limit` a page, 1 to 100."""
        return self.requests.many(CategoryShape, "list_categories", "categories", limit=limit)

    def create(
        self,
        *,
        title: str,
        description: str | None = None,
        parent_id: int | None = None,
        linked: str | None = None,
        locked: bool | None = None,
        password: str | None = None,
        unlisted: bool | None = None,
    ) -> CategoryShape:
        """A new category; the answer need not tell its id.

        `parent_id` is the category that it is in; `linked` an address that it leads to instead of holding topics;
        `locked` keeps new posts out, `password` who does not know it, `unlisted` leaves it out of the listing.
        """
        fields = {"locked": locked, "password": password, "unlisted": unlisted}
        body = spelt(title=title, description=description, parent_id=parent_id, linked=linked, **fields)
        return self.requests.one(CategoryShape, "create_category", "POST", "categories", body=body)

    def get(self, category_id: int) -> CategoryShape:
        """One category. Raises NotFound."""
        return self.requests.one(CategoryShape, "get_category", "GET", f"categories/{category_id}")

    def update(
        self,
        category_id: int,
        *,
        title: str | None = None,
        description: str | None = None,
        parent_id: int | None = None,
        linked: str | None = None,
        locked: bool | None = None,
        password: str | None = None,
        unlisted: bool | None = None,
    ) -> CategoryShape:
        """Change a category, as in `create`; what is None stays. Raises NotFound."""
        fields = {"locked": locked, "password": password, "unlisted": unlisted}
        body = spelt(title=title, description=description, parent_id=parent_id, linked=linked, **fields)
        return self.requests.one(CategoryShape, "update_category", "POST", f"categories/{category_id}", body=body)

    def delete(self, category_id: int) -> None:
        """Delete a category with its topics and posts, for good. Raises NotFound."""
        self.requests.data("delete_category", "DELETE", f"categories/{category_id}")

    def permissions(self, category_id: int, *, limit: int = PAGE) -> Iterator[CategoryPermissionsShape]:
        """What each user group may do in a category; `limit` a page, 1 to 100. Raises NotFound."""
        path = f"categories/{category_id}/permissions"
        return self.requests.many(CategoryPermissionsShape, "list_permissions", path, limit=limit)

    def set_permissions(
        self, category_id: int, user_group_id: int, *, permissions: CategoryPermissions
    ) -> CategoryPermissions:
        """Set what a user group may do in a category, over what it may do elsewhere; what is None stays.

        Raises NotFound.
        """
        path = f"categories/{category_id}/permissions/{user_group_id}"
        body = permissions.as_sent()
        return self.requests.one(CategoryPermissions, "update_permissions", "POST", path, body=body)

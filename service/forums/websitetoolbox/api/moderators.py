"""Moderators of Website Toolbox's API: each is one member in one category (websitetoolbox-reference.txt, Moderators).

Imported by `api`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from service.forums.answers import understood
from service.forums.values import to_objects
from service.forums.websitetoolbox.api.requests import PAGE, Requests, spelt
from service.forums.websitetoolbox.people import ModeratorRights, ModeratorShape

_NO_RIGHTS = ModeratorRights()


@dataclass(frozen=True, slots=True)
class Moderators:
    """Moderators. Every method raises the port's failures."""

    requests: Requests

    def all(self, *, category_id: int | None = None, limit: int = PAGE) -> Iterator[ModeratorShape]:
        """The moderators of all categories, or of one; `limit` a page, 1 to 100."""
        query = spelt(category_id=category_id)
        return self.requests.many(ModeratorShape, "list_moderators", "category_moderators", query, limit=limit)

    def create(
        self, *, user_id: int, category_ids: int | Sequence[int], rights: ModeratorRights = _NO_RIGHTS
    ) -> tuple[ModeratorShape, ...]:
        """Make a member a moderator.

        `category_ids` is one id, as the reference has it, or several, as the vendor's own client sends them; the answer
        is one moderator or a list of them, by the reference's example and its words.
        """
        several = category_ids if isinstance(category_ids, int) else list(category_ids)
        body = {**rights.as_sent(), **spelt(user_id=user_id, category_ids=several)}
        data = self.requests.data("create_moderator", "POST", "category_moderators", body=body)
        made = to_objects(data if isinstance(data, list) else [data]) or ()
        return tuple(understood(ModeratorShape, one, "create_moderator") for one in made)

    def get(self, moderator_id: int) -> ModeratorShape:
        """One moderator. Raises NotFound."""
        return self.requests.one(ModeratorShape, "get_moderator", "GET", f"category_moderators/{moderator_id}")

    def update(self, moderator_id: int, *, rights: ModeratorRights) -> ModeratorShape:
        """Change what a moderator may do; what is None stays. Raises NotFound."""
        path, body = f"category_moderators/{moderator_id}", rights.as_sent()
        return self.requests.one(ModeratorShape, "update_moderator", "POST", path, body=body)

    def delete(self, moderator_id: int) -> None:
        """Take a moderator's rights away, for good; the member stays. Raises NotFound."""
        self.requests.data("delete_moderator", "DELETE", f"category_moderators/{moderator_id}")

"""Webhook registrations of UserEcho's API (userecho-reference.txt, Webhooks; platform-facts.md, 2.1).

Access for all of them: all. Imported by `api`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.forums.userecho.api.requests import PAGE, Requests
from service.forums.userecho.objects import HookShape
from service.forums.values import to_text


@dataclass(frozen=True, slots=True)
class Hooks:
    """The project's webhooks. Every method raises the port's failures."""

    requests: Requests

    def all(self, *, limit: int = PAGE) -> Iterator[HookShape]:
        """All registrations; `limit` a page."""
        return self.requests.many(HookShape, "list_hooks", "hooks", limit=limit)

    def events(self) -> list[str]:
        """The names of the events that can be registered for, given as a list or as an object's keys."""
        data = self.requests.data("list_hook_events", "GET", "hooks/events")
        found = (_name(item) for item in (data if isinstance(data, list | dict) else ()))
        return [name for name in found if name]

    def create(self, *, event: str, target_url: str) -> HookShape:
        """Register `target_url` for one event. Raises Refused for an event that there is not."""
        body = {"event": event, "target_url": target_url}
        return self.requests.one(HookShape, "create_hook", "POST", "hooks", body=body)

    def delete(self, hook_id: int) -> None:
        """Remove a registration. Raises NotFound."""
        self.requests.data("delete_hook", "DELETE", f"hooks/{hook_id}")


def _name(item: object) -> str | None:
    """An event's name, as it is or in an object."""
    if isinstance(item, dict):
        return to_text(item.get("name")) or to_text(item.get("event"))
    return to_text(item)

"""Page views of Website Toolbox's API (websitetoolbox-reference.txt, Page Views). Imported by `api`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.forums.websitetoolbox.api.requests import PAGE, Requests
from service.forums.websitetoolbox.objects import PageViewShape


@dataclass(frozen=True, slots=True)
class PageViews:
    """Page views; requests to the API are among them. Every method raises the port's failures."""

    requests: Requests

    def all(self, *, limit: int = PAGE) -> Iterator[PageViewShape]:
        """All page views; `limit` a page, 1 to 100."""
        return self.requests.many(PageViewShape, "list_page_views", "page_views", limit=limit)

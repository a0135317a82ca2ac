"""Forums, and what is set up in one: types, categories, tags, who may enter, files (userecho-reference.txt).

The vendor's pages for these writes are not at hand, but for uploads: bodies are inferred from those of user groups and
topics, and `reference.json` marks them so. Imported by `api`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from service.forums.answers import told
from service.forums.userecho.api.requests import PAGE, Requests
from service.forums.userecho.objects import FileShape, ForumShape, NamedShape
from service.forums.values import to_text


@dataclass(frozen=True, slots=True)
class Forums:
    """The project's forums. Every method raises the port's failures."""

    requests: Requests

    def all(self, *, limit: int = PAGE) -> Iterator[ForumShape]:
        """All forums of the project; `limit` forums a page. Access: read."""
        return self.requests.many(ForumShape, "list_forums", "forums", limit=limit)

    def create(self, *, name: str, description: str | None = None) -> ForumShape:
        """A new forum. Access: all."""
        body = told(name=name, description=description)
        return self.requests.one(ForumShape, "create_forum", "POST", "forums", body=body)

    def delete(self, forum_id: int) -> None:
        """Delete a forum. Raises NotFound. Access: all."""
        self.requests.data("delete_forum", "DELETE", "forums", body={"id": forum_id})

    def types(self, forum_id: int, *, limit: int = PAGE) -> Iterator[NamedShape]:
        """The types that a topic of the forum may have. Raises NotFound. Access: read."""
        return self.requests.many(NamedShape, "list_types", f"forums/{forum_id}/types", limit=limit)


@dataclass(frozen=True, slots=True)
class Labels:
    """A forum's categories, or its tags: `kind` is the word in the path."""

    requests: Requests
    kind: Literal["categories", "tags"]

    def all(self, forum_id: int, *, limit: int = PAGE) -> Iterator[NamedShape]:
        """All of the forum; `limit` a page. Raises NotFound. Access: read."""
        return self.requests.many(NamedShape, f"list_{self.kind}", self._path(forum_id), limit=limit)

    def create(self, forum_id: int, *, name: str) -> NamedShape:
        """A new one. Raises NotFound. Access: write, all."""
        return self.requests.one(NamedShape, f"create_{self.kind}", "POST", self._path(forum_id), body={"name": name})

    def update(self, forum_id: int, label_id: int, *, name: str) -> NamedShape:
        """Rename one. Raises NotFound. Access: write, all."""
        body = {"id": label_id, "name": name}
        return self.requests.one(NamedShape, f"update_{self.kind}", "PUT", self._path(forum_id), body=body)

    def delete(self, forum_id: int, label_id: int) -> None:
        """Delete one. Raises NotFound. Access: write, all."""
        self.requests.data(f"delete_{self.kind}", "DELETE", self._path(forum_id), body={"id": label_id})

    def _path(self, forum_id: int) -> str:
        return f"forums/{forum_id}/{self.kind}"


@dataclass(frozen=True, slots=True)
class AccessLists:
    """Who may enter a private forum, by e-mail address."""

    requests: Requests

    def all(self, forum_id: int, *, limit: int = PAGE) -> Iterator[str]:
        """The addresses; `limit` a page. Raises NotFound. Access: read, all."""
        for page in self.requests.pages("list_access", self._path(forum_id), {}, limit):
            found = (to_text(item.get("email")) if isinstance(item, dict) else to_text(item) for item in page)
            yield from (address for address in found if address)

    def add(self, forum_id: int, *, emails: Sequence[str]) -> None:
        """Let these addresses in. Raises NotFound. Access: write, all."""
        self.requests.data("add_access", "POST", self._path(forum_id), body={"emails": list(emails)})

    def remove(self, forum_id: int, *, emails: Sequence[str]) -> None:
        """Keep these addresses out again. Raises NotFound. Access: write, all."""
        self.requests.data("remove_access", "DELETE", self._path(forum_id), body={"emails": list(emails)})

    def _path(self, forum_id: int) -> str:
        return f"forums/{forum_id}/access_list"


@dataclass(frozen=True, slots=True)
class Files:
    """Files for topics."""

    requests: Requests

    def upload(self, forum_id: int, *, name: str, content: bytes, kind: Literal["file", "image"]) -> FileShape:
        """Upload `content` (bytes) as an attachment, or as an image to show inside a topic's text. Access: all."""
        path, files = f"forums/{forum_id}/upload/{kind}", {"content": (name, content)}
        return self.requests.one(FileShape, f"upload_{kind}", "POST", path, files=files)

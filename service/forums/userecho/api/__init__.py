"""UserEcho's whole API, typed: one method for each operation of its reference, grouped by resource.

    UserEcho(api).topics.get(501)
    UserEcho(api).on_behalf_of(user_id=101).comments.create(501, text="<p>Hello</p>")
    UserEcho(api).topics.in_forum(1, filters={"status__in": [1, 3]}, order_by="-created")

Lists are iterators: each page is one request, made when it is reached. Imported by the client and `modbot hooks`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from service.forums.http import ForumApi
from service.forums.userecho.api.comments import Comments
from service.forums.userecho.api.forums import AccessLists, Files, Forums, Labels
from service.forums.userecho.api.hooks import Hooks
from service.forums.userecho.api.requests import NOBODY, OnBehalf, Requests
from service.forums.userecho.api.topics import Topics
from service.forums.userecho.api.users import UserGroups, Users


@dataclass(frozen=True, slots=True)
class UserEcho:
    """One project, seen by one job. `access_token` is the key where it must go into the address, else None."""

    api: ForumApi
    access_token: str | None = field(default=None, repr=False)
    on_behalf: OnBehalf = NOBODY

    def on_behalf_of(
        self, *, sso_token: str | None = None, user_sso_guid: str | None = None, user_id: int | None = None
    ) -> UserEcho:
        """The same in the name of a user, told in one of three ways (see `OnBehalf`); of nobody if none is given."""
        return UserEcho(self.api, self.access_token, OnBehalf(sso_token, user_sso_guid, user_id))

    @property
    def users(self) -> Users:
        """The project's users."""
        return Users(self._requests)

    @property
    def user_groups(self) -> UserGroups:
        """Groups of users."""
        return UserGroups(self._requests)

    @property
    def forums(self) -> Forums:
        """The project's forums and their types."""
        return Forums(self._requests)

    @property
    def categories(self) -> Labels:
        """The categories of a forum."""
        return Labels(self._requests, "categories")

    @property
    def tags(self) -> Labels:
        """The tags of a forum."""
        return Labels(self._requests, "tags")

    @property
    def access_lists(self) -> AccessLists:
        """Who may enter a private forum."""
        return AccessLists(self._requests)

    @property
    def files(self) -> Files:
        """Files for topics."""
        return Files(self._requests)

    @property
    def topics(self) -> Topics:
        """Topics and their voters."""
        return Topics(self._requests)

    @property
    def comments(self) -> Comments:
        """Comments on topics."""
        return Comments(self._requests)

    @property
    def hooks(self) -> Hooks:
        """Webhook registrations."""
        return Hooks(self._requests)

    @property
    def _requests(self) -> Requests:
        return Requests(self.api, self.on_behalf, self.access_token)

"""Website Toolbox's whole API, typed: one method for each operation of its reference, grouped by resource.

    WebsiteToolbox(api).topics.get(501)
    WebsiteToolbox(api).posts.all(post_ids=[8001, 9002], sort="postId")
    WebsiteToolbox(api).as_user("wren").posts.create(topic_id=501, username="wren", content="<p>Hello</p>")

Lists are iterators: each page is one request, made when it is reached. Every method raises the port's failures:
NotFound for what is not there, Refused for bad input, RateLimited, TryLater, and Unsure of a write. Imported by the
client's modules.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from service.forums.http import ForumApi
from service.forums.websitetoolbox.api.categories import Categories
from service.forums.websitetoolbox.api.conversations import Conversations, Messages
from service.forums.websitetoolbox.api.moderators import Moderators
from service.forums.websitetoolbox.api.page_views import PageViews
from service.forums.websitetoolbox.api.posts import Posts
from service.forums.websitetoolbox.api.requests import Requests
from service.forums.websitetoolbox.api.topics import Tags, Topics
from service.forums.websitetoolbox.api.user_groups import UserGroups
from service.forums.websitetoolbox.api.users import Users


@dataclass(frozen=True, slots=True)
class WebsiteToolbox:
    """One forum, seen by one job. `operation` replaces each method's own name in metrics and errors."""

    api: ForumApi
    operation: str | None = None
    username: str | None = None

    def as_user(self, username: str) -> WebsiteToolbox:
        """The same in the name of a member, who sees and may do less than the key; "Anonymous" is a guest.

        Raises ValueError, at the first request, for a name that is empty or not printable.
        """
        return replace(self, username=username)

    @property
    def categories(self) -> Categories:
        """Categories, and what user groups may do in them."""
        return Categories(self._requests)

    @property
    def moderators(self) -> Moderators:
        """Moderators of categories."""
        return Moderators(self._requests)

    @property
    def conversations(self) -> Conversations:
        """Private conversations."""
        return Conversations(self._requests)

    @property
    def messages(self) -> Messages:
        """The messages of conversations."""
        return Messages(self._requests)

    @property
    def page_views(self) -> PageViews:
        """Who looked at which page."""
        return PageViews(self._requests)

    @property
    def posts(self) -> Posts:
        """Posts, a topic's first one included."""
        return Posts(self._requests)

    @property
    def tags(self) -> Tags:
        """Tags of topics."""
        return Tags(self._requests)

    @property
    def topics(self) -> Topics:
        """Topics."""
        return Topics(self._requests)

    @property
    def user_groups(self) -> UserGroups:
        """User groups and their members."""
        return UserGroups(self._requests)

    @property
    def users(self) -> Users:
        """Users, and the topics that they follow."""
        return Users(self._requests)

    @property
    def _requests(self) -> Requests:
        return Requests(self.api, self.operation, self.username)

"""How each operation of Website Toolbox's API is called, with every parameter that its method has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from service.forums.websitetoolbox.api import WebsiteToolbox
from service.forums.websitetoolbox.objects import FileShape, PersonShape, Shape, TagShape
from service.forums.websitetoolbox.people import (
    CategoryPermissions,
    FieldShape,
    GroupPermissions,
    ModeratorRights,
    Profile,
)

Act = Callable[[WebsiteToolbox], Any]


def every(shape: type[Shape], *but: str) -> Any:
    """Every yes-or-no of a shape set."""
    names = set(shape.model_fields) - {"object", *but}
    return shape(**dict.fromkeys(names, True))


def whole_profile() -> Profile:
    """A profile with every field set."""
    texts = {"name", "user_title", "signature", "avatar_url", "instant_messaging_id", "instant_messaging_type"}
    texts |= {"birth_date", "auto_follow", "followed_content_email_frequency"}
    fields: dict[str, Any] = {
        name: "text" if name in texts else False for name in set(Profile.model_fields) - {"object"}
    }
    return Profile(**fields)


CATEGORY: dict[str, Any] = {"description": "d", "parent_id": 1, "linked": "https://a.example", "locked": True}
CATEGORY |= {"password": "p", "unlisted": False}
LETTER: dict[str, Any] = {"subject": "s", "message": "m", "recipient_usernames": ["wren"], "sender_id": 77}
MEMBER: dict[str, Any] = {"user_groups": (4,), "custom_fields": [FieldShape(profile_field_id=1, value="x")]}
FILES = [FileShape(id=1, file_name="a.png", url="https://a.example/a.png")]


def talk_of(site: WebsiteToolbox) -> int:
    return site.conversations.create(**LETTER).conversation_id or 0


def message_of(site: WebsiteToolbox) -> tuple[int, int]:
    talk = talk_of(site)
    return talk, site.messages.create(talk, message="m", user_id=77).message_id or 0


def moderator_of(site: WebsiteToolbox) -> int:
    return int(site.moderators.create(user_id=201, category_ids=1)[0].moderator_id or 0)


COMPARED: dict[str, Any] = {"post_count": "> 5", "current_month_page_views": "!= 7", "join_date_timestamp": ">= 1"}
COMPARED |= {"last_visit_timestamp": "<= 9", "last_post_timestamp": "< 1"}

CALLS: dict[str, Act] = {
    "GET /api/categories": lambda site: site.categories.all(),
    "POST /api/categories": lambda site: site.categories.create(title="New", **CATEGORY),
    "GET /api/categories/{categoryId}": lambda site: site.categories.get(1),
    "POST /api/categories/{categoryId}": lambda site: site.categories.update(1, title="New", **CATEGORY),
    "DELETE /api/categories/{categoryId}": lambda site: site.categories.delete(2),
    "GET /api/categories/{categoryId}/permissions": lambda site: site.categories.permissions(1),
    "POST /api/categories/{categoryId}/permissions/{userGroupId}": lambda site: site.categories.set_permissions(
        1, 7, permissions=every(CategoryPermissions)
    ),
    "GET /api/category_moderators": lambda site: site.moderators.all(category_id=1),
    "POST /api/category_moderators": lambda site: site.moderators.create(
        user_id=201, category_ids=1, rights=every(ModeratorRights)
    ),
    "GET /api/category_moderators/{moderatorId}": lambda site: site.moderators.get(moderator_of(site)),
    "POST /api/category_moderators/{moderatorId}": lambda site: site.moderators.update(
        moderator_of(site), rights=every(ModeratorRights)
    ),
    "DELETE /api/category_moderators/{moderatorId}": lambda site: site.moderators.delete(moderator_of(site)),
    "GET /api/conversations": lambda site: site.conversations.all(user_id=77, folder="inbox"),
    "POST /api/conversations": lambda site: site.conversations.create(**LETTER),
    "GET /api/conversations/{conversationId}": lambda site: site.conversations.get(talk_of(site)),
    "DELETE /api/conversations/{conversationId}": lambda site: site.conversations.delete(talk_of(site)),
    "GET /api/conversations/{conversationId}/messages": lambda site: site.messages.all(
        talk_of(site), user_id=77, include_id=1
    ),
    "POST /api/conversations/{conversationId}/messages": lambda site: site.messages.create(
        talk_of(site), message="m", user_id=77
    ),
    "GET /api/conversations/{conversationId}/messages/{messageId}": lambda site: site.messages.get(
        *message_of(site), user_id=77
    ),
    "GET /api/page_views": lambda site: site.page_views.all(),
    "GET /api/posts": lambda site: site.posts.all(
        post_ids=[8001, 9002],
        user_ids=[102, 103],
        topic_ids=[501, 502],
        category_id=1,
        expand=["topic", "category"],
        sort="postId",
        order="asc",
        include_id=9002,
    ),
    "POST /api/posts": lambda site: site.posts.create(topic_id=501, username="wren", content="c"),
    "GET /api/posts/{postId}": lambda site: site.posts.get(9001, expand=["category"]),
    "POST /api/posts/{postId}": lambda site: site.posts.update(
        9001,
        message="m",
        message_text="m",
        pending=True,
        topic_id=501,
        author=PersonShape(user_id=101),
        attachments=FILES,
        post_timestamp=1,
        like_count=2,
        dislike_count=3,
    ),
    "DELETE /api/posts/{postId}": lambda site: site.posts.delete(9001),
    "GET /api/tags": lambda site: site.tags.all(),
    "GET /api/topics": lambda site: site.topics.all(
        topic_ids=[501], user_ids=[102], category_ids=[1, 2], expand=["category", "poll"], sort="top", period="week"
    ),
    "POST /api/topics": lambda site: site.topics.create(title="t", content="c", username="wren", category_id=1),
    "GET /api/topics/{topicId}": lambda site: site.topics.get(501, expand=["poll"]),
    "POST /api/topics/{topicId}": lambda site: site.topics.update(
        501,
        title="t",
        category_id=2,
        locked=True,
        pinned=False,
        tags=[TagShape(tag_id=1, tag_name="oak")],
        author=PersonShape(user_id=101),
        date_timestamp=1,
        first_post_id=8001,
        poll_id=1,
        view_count=5,
    ),
    "DELETE /api/topics/{topicId}": lambda site: site.topics.delete(502),
    "GET /api/usergroups": lambda site: site.user_groups.all(titles=["Banned", "Muted"]),
    "POST /api/usergroups": lambda site: site.user_groups.create(title="New", permissions=every(GroupPermissions)),
    "GET /api/usergroups/{usergroupId}": lambda site: site.user_groups.get(4),
    "POST /api/usergroups/{usergroupId}": lambda site: site.user_groups.update(
        4, title="All", default_group=True, permissions=every(GroupPermissions)
    ),
    "DELETE /api/usergroups/{usergroupId}": lambda site: site.user_groups.delete(8),
    "POST /api/usergroups/{usergroupId}/users": lambda site: site.user_groups.add_users(7, user_ids=[101, 102]),
    "DELETE /api/usergroups/{usergroupId}/users": lambda site: site.user_groups.remove_users(4, usernames=["wren"]),
    "GET /api/users": lambda site: site.users.all(
        username="wren", email="w", user_group_id=4, include_id=1, **COMPARED
    ),
    "POST /api/users": lambda site: site.users.create(
        username="new", email="n@members.example", password="p", profile=whole_profile(), **MEMBER
    ),
    "GET /api/users/{userId}": lambda site: site.users.get(101),
    "POST /api/users/{userId}": lambda site: site.users.update(
        101, username="w", email="w@a.example", password="p", like_notifications=True, profile=whole_profile(), **MEMBER
    ),
    "DELETE /api/users/{userId}": lambda site: site.users.delete(103),
    "POST /api/users/{userId}/followed_topics": lambda site: site.users.follow_topics(101, topic_ids=[501, 502]),
    "DELETE /api/users/{userId}/followed_topics": lambda site: site.users.unfollow_topics(101, topic_ids=[501]),
}

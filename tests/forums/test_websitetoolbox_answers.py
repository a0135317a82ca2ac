"""What Website Toolbox's API answers: typed objects with every documented field, pages, in whose name."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from service.forums.websitetoolbox.objects import CategoryShape, PageViewShape, PostShape, Shape, TagShape, TopicShape
from service.forums.websitetoolbox.people import (
    CategoryPermissions,
    CategoryPermissionsShape,
    GroupShape,
    ModeratorRights,
    ModeratorShape,
    UserShape,
)
from service.forums.websitetoolbox.talks import ConversationShape, MessageShape
from tests.forums.conftest import Simulated
from tests.forums.test_websitetoolbox_api import OPERATIONS, done, site_of
from tests.forums.websitetoolbox_calls import CALLS, Act

ANSWERS: dict[str, type[BaseModel]] = {
    "/api/categories": CategoryShape,
    "/api/categories/{categoryId}": CategoryShape,
    "/api/categories/{categoryId}/permissions": CategoryPermissionsShape,
    "/api/categories/{categoryId}/permissions/{userGroupId}": CategoryPermissions,
    "/api/category_moderators": ModeratorShape,
    "/api/category_moderators/{moderatorId}": ModeratorShape,
    "/api/conversations": ConversationShape,
    "/api/conversations/{conversationId}": ConversationShape,
    "/api/conversations/{conversationId}/messages": MessageShape,
    "/api/conversations/{conversationId}/messages/{messageId}": MessageShape,
    "/api/page_views": PageViewShape,
    "/api/posts": PostShape,
    "/api/posts/{postId}": PostShape,
    "/api/tags": TagShape,
    "/api/topics": TopicShape,
    "/api/topics/{topicId}": TopicShape,
    "/api/usergroups": GroupShape,
    "/api/usergroups/{usergroupId}": GroupShape,
    "/api/users": UserShape,
    "/api/users/{userId}": UserShape,
}


def missed(shape: type[BaseModel], documented: Any) -> list[str]:
    """The documented fields that a shape does not read, to any depth."""
    known: dict[str, Any] = {}
    for name, info in shape.model_fields.items():
        choices = getattr(info.validation_alias, "choices", [info.validation_alias or info.alias or name])
        known |= dict.fromkeys(choices, info)
    lost = [key for key in documented if key not in known]
    for key, part in documented.items():
        inner = part[0] if isinstance(part, list) else part
        nested = nested_shape(known[key].annotation) if key in known and isinstance(inner, dict) else None
        lost += [f"{key}.{field}" for field in missed(nested, inner)] if nested else []
    return lost


def nested_shape(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (nested_shape(one) for one in getattr(annotation, "__args__", ()))
    return next((one for one in found if one), None)


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_every_documented_field_of_an_answer_is_read(simulated: Simulated, name: str) -> None:
    answer = OPERATIONS[name]["response"]
    result = done(CALLS[name](site_of(simulated)))
    if set(answer) == {"status"}:
        assert result is None
        return
    shape = ANSWERS[OPERATIONS[name]["path"]]
    assert missed(shape, answer["data"][0] if "data" in answer else answer) == []
    for one in result if isinstance(result, list | tuple) else [result]:
        assert isinstance(one, shape)


def test_answers_are_typed(simulated: Simulated) -> None:
    site = site_of(simulated)
    post, topic, user = site.posts.get(9001, expand=["topic", "category"]), site.topics.get(501), site.users.get(102)
    assert (post.post_id, post.topic_id, post.pending, post.message_text) == (
        9001,
        501,
        False,
        "Have a look at this page",
    )
    assert post.author is not None
    assert post.author.username == "wren"
    assert post.topic is not None
    assert post.category is not None
    assert (post.topic.first_post_id, post.category.title) == (8001, "General")
    assert (topic.title, topic.locked, topic.reply_count, topic.category_id) == ("A quiet corner", False, 2, 1)
    assert (user.username, user.user_groups, user.ip_address) == ("marlow", (4, 8), "192.0.2.102")
    assert [group.title for group in site.user_groups.all(titles=["Muted", "staff"])] == ["Staff", "Muted"]
    assert next(site.categories.permissions(1)).view_category is True


@pytest.mark.parametrize(
    ("shape", "sent", "read"),
    [
        (TopicShape, {"topicId": "501", "locked": "1", "replyCount": "3"}, {"topic_id": 501, "locked": True}),
        (TopicShape, {"pinned": 0, "colour": "red", "lastPost": []}, {"pinned": False, "last_post": None}),
        (TopicShape, {"locked": "perhaps", "viewCount": {}}, {"locked": None, "view_count": None}),
        (TopicShape, {}, {"topic_id": None, "title": None, "author": None, "tags": None}),
        (PostShape, {"pending": "false", "attachments": [{"URL": "/a", "fileSize": "9"}, 7]}, {"pending": False}),
        (UserShape, {"ipAddress ": "192.0.2.1", "isModerator": "true"}, {"ip_address": "192.0.2.1"}),
        (UserShape, {"ipAddress": "192.0.2.1", "userGroups": "4"}, {"ip_address": "192.0.2.1", "user_groups": None}),
        (PageViewShape, {"ipAddress": 3221225985, "URI": "/x"}, {"ip_address": "3221225985", "uri": "/x"}),
        (ModeratorShape, {"moderatorId": "12", "lockTopics": "yes"}, {"moderator_id": 12, "lock_topics": True}),
        (GroupShape, {"userGroupId": 4, "viewForum": "0"}, {"user_group_id": 4, "view_forum": False}),
    ],
)
def test_values_may_come_as_strings_may_be_missing_and_may_be_new(
    shape: type[Shape], sent: Any, read: dict[str, Any]
) -> None:
    found = shape.model_validate(sent)
    assert {name: getattr(found, name) for name in read} == read


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (
            lambda site: site.user_groups.add_users(7),
            "which members\\? give one of user_ids, usernames, email_addresses",
        ),
        (lambda site: site.user_groups.add_users(7, user_ids=[1], usernames=["a"]), "which members\\?"),
        (lambda site: site.users.all(post_count="many"), 'post_count is asked for as a comparison such as "> 5"'),
        (lambda site: site.as_user("a\r\nx-api-key: b").topics.get(501), "a username is printable text"),
    ],
)
def test_what_cannot_be_meant_is_an_error_before_it_is_sent(simulated: Simulated, call: Act, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        call(site_of(simulated))
    assert simulated.recorder.requests == []


@pytest.mark.parametrize("way", [{"usernames": ["wren", "pip"]}, {"email_addresses": ["wren@members.example"]}])
def test_members_of_a_group_may_be_named_in_three_ways(simulated: Simulated, way: dict[str, Any]) -> None:
    site_of(simulated).user_groups.add_users(7, **way)
    assert simulated.row("users", 101)["groups"] == ["Members", "Muted"]


def test_a_moderator_may_be_told_as_one_or_as_a_list(simulated: Simulated) -> None:
    made = site_of(simulated).moderators.create(user_id=201, category_ids=2, rights=ModeratorRights(lock_topics=True))
    assert [(one.username, one.lock_topics) for one in made] == [("ann", True)]


def test_a_request_may_be_made_in_the_name_of_a_member(simulated: Simulated) -> None:
    site = site_of(simulated).as_user("Zoë")
    assert site.topics.get(501).title == "A quiet corner"
    sent = dict(simulated.recorder.requests[-1].headers.raw)
    assert sent[b"x-api-username"] == "Zoë".encode()


# Pages


def test_a_list_is_read_page_by_page_as_it_is_asked_for(simulated: Simulated) -> None:
    listed = site_of(simulated).posts.all(limit=2, order="asc")
    assert simulated.recorder.requests == []
    assert next(listed).post_id == 8001
    assert len(simulated.permits.taken) == 1
    assert [post.post_id for post in listed] == [8002, 8003, 9001, 9002]
    assert [request.url.params["page"] for request in simulated.recorder.requests] == ["1", "2", "3"]
    assert simulated.permits.released == 3


def test_the_page_that_has_an_object_is_read_alone(simulated: Simulated) -> None:
    listed = site_of(simulated).posts.all(include_id=8002, limit=2)
    assert [post.post_id for post in listed] == [8003, 8002]
    assert "page" not in simulated.recorder.requests[-1].url.params


def test_several_ids_are_asked_for_in_one_request(simulated: Simulated) -> None:
    listed = site_of(simulated).posts.all(post_ids=[9002, 8001, 8003], sort="postId")
    assert [post.post_id for post in listed] == [9002, 8001, 8003]
    assert simulated.recorder.requests[0].url.params.get_list("postId") == ["9002", "8001", "8003"]
    assert len(simulated.recorder.requests) == 1

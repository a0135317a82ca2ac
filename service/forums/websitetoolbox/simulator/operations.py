"""What each documented operation does to the simulated forum: one function a kind of thing and verb, and the table.

Rules are those of the reference and of platform-facts.md; where both are silent, the stricter reading is simulated, so
that a client which relies on the milder one is found out. Imported by the simulator's `app` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.forums.websitetoolbox.simulator.calls import Call, dressed_row
from service.forums.websitetoolbox.simulator.lists import chosen, page
from service.forums.websitetoolbox.simulator.reference import ApiError
from service.forums.websitetoolbox.simulator.seed import new_group
from service.forums.websitetoolbox.simulator.state import Row

Act = Callable[[Call], Row]

DONE: Row = {"status": "success"}


def answer(call: Call) -> Row:
    """Carry out a request and return the answer's body. Raises ApiError."""
    result = OPERATIONS[call.operation.name](call)
    shape = call.operation.response
    if "data" in shape:
        return {**result, "data": [dressed_row(call, shape["data"][0], row) for row in result["data"]]}
    return dressed_row(call, shape, result)


def _list(table: str, *, limit: int = 10, oldest_first: bool = False) -> Act:
    def act(call: Call) -> Row:
        rows = chosen(call.state, getattr(call.state, table).values(), call.query)
        return page(reversed(rows) if oldest_first else rows, call.query, call.operation.path, limit=limit)

    return act


def _get(table: str, param: str) -> Act:
    return lambda call: call.one(getattr(call.state, table), param)


def _create_topic(call: Call) -> Row:
    category = call.referred(call.state.categories, "categoryId") if "categoryId" in call.body else {"categoryId": 1}
    fields = {"title": call.body["title"], "categoryId": category["categoryId"]}
    return call.state.add_topic(call.writer(), fields, call.body["content"])


def _update_topic(call: Call) -> Row:
    topic = call.one(call.state.topics, "topicId")
    if "categoryId" in call.body:
        call.referred(call.state.categories, "categoryId")
    return call.state.change_topic(topic, call.body)


def _delete_topic(call: Call) -> Row:
    call.state.remove_topic(call.one(call.state.topics, "topicId"))
    return DONE


def _create_post(call: Call) -> Row:
    topic = call.referred(call.state.topics, "topicId")
    return call.state.add_post(call.writer(), topic, call.body["content"])


def _update_post(call: Call) -> Row:
    ignored = {"pending"} if call.pending_ignored else set()
    fields = {name: value for name, value in call.body.items() if name not in ignored}
    return call.state.change_post(call.one(call.state.posts, "postId"), fields)


def _delete_post(call: Call) -> Row:
    call.state.remove_post(call.one(call.state.posts, "postId"))
    return DONE


def _create_user(call: Call) -> Row:
    if call.state.user_named(call.body["username"]) is not None:
        raise ApiError(400, "username", "the username is already taken", "duplicate")
    return call.state.add_user({name: value for name, value in call.body.items() if name != "password"})


def _update_user(call: Call) -> Row:
    return call.state.change_user(call.one(call.state.users, "userId"), call.body)


def _delete_user(call: Call) -> Row:
    call.state.remove_user(call.one(call.state.users, "userId"))
    return DONE


def _follow(call: Call) -> Row:
    user = call.one(call.state.users, "userId")
    followed = call.state.followed.setdefault(user["userId"], set())
    topics = set(call.body.get("topicIds", []))
    (followed.update if call.operation.method == "POST" else followed.difference_update)(topics)
    return DONE


def _create_group(call: Call) -> Row:
    number = next(call.state.ids)
    call.state.usergroups[number] = new_group(number, call.body["title"], dict(call.body))
    return call.state.usergroups[number]


def _update_group(call: Call) -> Row:
    group = call.one(call.state.usergroups, "usergroupId")
    return _change(group, call.body, "userGroupId")


def _delete_group(call: Call) -> Row:
    del call.state.usergroups[call.one(call.state.usergroups, "usergroupId")["userGroupId"]]
    return DONE


def _add_members(call: Call) -> Row:
    number = call.one(call.state.usergroups, "usergroupId")["userGroupId"]
    for user in _members_meant(call):
        if number not in user["userGroups"]:
            call.state.change_user(user, {"userGroups": [*user["userGroups"], number]})
    return DONE


def _remove_members(call: Call) -> Row:
    number = call.one(call.state.usergroups, "usergroupId")["userGroupId"]
    users = _members_meant(call)
    if not all(number in user["userGroups"] for user in users):
        raise ApiError(400, "userIds", "the user is not a member of this user group", "invalid_parameter")
    for user in users:
        call.state.change_user(user, {"userGroups": [one for one in user["userGroups"] if one != number]})
    return DONE


def _members_meant(call: Call) -> list[Row]:
    """The members that a body names by id, username or address. Raises ApiError where one is not there."""
    users = call.state.users
    by_mail = {user.get("email"): user for user in users.values()} if "emailAddresses" in call.body else {}
    found = [("userIds", users.get(number)) for number in call.body.get("userIds", [])]
    found += [("usernames", call.state.user_named(name)) for name in call.body.get("usernames", [])]
    found += [("emailAddresses", by_mail.get(mail)) for mail in call.body.get("emailAddresses", [])]
    absent = next((param for param, user in found if user is None), None if found else "userIds")
    if absent:
        raise ApiError(400, absent, "the user was not found", "not_found")
    return [user for _, user in found if user is not None]


def _list_conversations(call: Call) -> Row:
    if "userId" not in call.query:
        raise ApiError(400, "userId", "userId is required", "missing_parameter")
    return _list("conversations")(call)


def _create_conversation(call: Call) -> Row:
    for name in ("subject", "message", "recipientUsernames", "senderId"):
        if not call.body.get(name):
            raise ApiError(400, name, f"{name} is required", "missing_parameter")
    sender = call.referred(call.state.users, "senderId")
    people = [call.state.user_named(name) for name in call.body["recipientUsernames"]]
    recipients = [user for user in people if user is not None and user.get("enableMessages")]
    if len(recipients) < len(people):
        raise ApiError(
            400, "recipientUsernames", "a recipient does not exist or takes no messages", "invalid_parameter"
        )
    return call.state.add_conversation(sender, recipients, call.body["subject"], call.body["message"])


def _delete_conversation(call: Call) -> Row:
    talk = call.one(call.state.conversations, "conversationId")
    for said in call.state.messages_of(talk):
        del call.state.messages[said["messageId"]]
    del call.state.conversations[talk["conversationId"]]
    return DONE


def _list_messages(call: Call) -> Row:
    talk = call.one(call.state.conversations, "conversationId")
    query = {name: value for name, value in call.query.items() if name != "userId"}
    return page(chosen(call.state, call.state.messages_of(talk), query), query, call.operation.path)


def _get_message(call: Call) -> Row:
    call.one(call.state.conversations, "conversationId")
    return call.one(call.state.messages, "messageId")


def _create_message(call: Call) -> Row:
    talk = call.one(call.state.conversations, "conversationId")
    for name in ("message", "userId"):
        if name not in call.body:
            raise ApiError(400, name, f"{name} is required", "missing_parameter")
    return call.state.add_message(talk, call.referred(call.state.users, "userId"), call.body["message"])


def _create_category(call: Call) -> Row:
    return _store(call, "categories", "categoryId", call.body)


def _update_category(call: Call) -> Row:
    return _change(call.one(call.state.categories, "categoryId"), call.body, "categoryId")


def _delete_category(call: Call) -> Row:
    call.state.remove_category(call.one(call.state.categories, "categoryId"))
    return DONE


def _list_permissions(call: Call) -> Row:
    number = call.one(call.state.categories, "categoryId")["categoryId"]
    groups = call.state.usergroups.items()
    rows = [{**group, **call.state.permissions.get((number, key), {})} for key, group in groups]
    return page(rows, call.query, call.operation.path)


def _update_permissions(call: Call) -> Row:
    category = call.one(call.state.categories, "categoryId")["categoryId"]
    group = call.one(call.state.usergroups, "userGroupId")
    changes = call.state.permissions.setdefault((category, group["userGroupId"]), {})
    return {**group, **_change(changes, call.body, "userGroupId")}


def _create_moderator(call: Call) -> Row:
    user = call.referred(call.state.users, "userId")
    fields = {**call.body, "categoryId": call.body["categoryIds"], "username": user["username"]}
    return _store(call, "category_moderators", "moderatorId", fields)


def _update_moderator(call: Call) -> Row:
    return _change(call.one(call.state.category_moderators, "moderatorId"), call.body, "moderatorId")


def _delete_moderator(call: Call) -> Row:
    del call.state.category_moderators[call.one(call.state.category_moderators, "moderatorId")["moderatorId"]]
    return DONE


def _store(call: Call, table: str, param: str, fields: Mapping[str, Any]) -> Row:
    number = next(call.state.ids)
    rows: dict[int, Row] = getattr(call.state, table)
    rows[number] = {**fields, param: number}
    return rows[number]


def _change(row: Row, fields: Mapping[str, Any], key: str) -> Row:
    row |= {name: value for name, value in fields.items() if name != key}
    return row


OPERATIONS: Mapping[str, Act] = {
    "GET /api/categories": _list("categories", limit=1000, oldest_first=True),
    "POST /api/categories": _create_category,
    "GET /api/categories/{categoryId}": _get("categories", "categoryId"),
    "POST /api/categories/{categoryId}": _update_category,
    "DELETE /api/categories/{categoryId}": _delete_category,
    "GET /api/categories/{categoryId}/permissions": _list_permissions,
    "POST /api/categories/{categoryId}/permissions/{userGroupId}": _update_permissions,
    "GET /api/category_moderators": _list("category_moderators"),
    "POST /api/category_moderators": _create_moderator,
    "GET /api/category_moderators/{moderatorId}": _get("category_moderators", "moderatorId"),
    "POST /api/category_moderators/{moderatorId}": _update_moderator,
    "DELETE /api/category_moderators/{moderatorId}": _delete_moderator,
    "GET /api/conversations": _list_conversations,
    "POST /api/conversations": _create_conversation,
    "GET /api/conversations/{conversationId}": _get("conversations", "conversationId"),
    "DELETE /api/conversations/{conversationId}": _delete_conversation,
    "GET /api/conversations/{conversationId}/messages": _list_messages,
    "POST /api/conversations/{conversationId}/messages": _create_message,
    "GET /api/conversations/{conversationId}/messages/{messageId}": _get_message,
    "GET /api/page_views": _list("page_views"),
    "GET /api/posts": _list("posts"),
    "POST /api/posts": _create_post,
    "GET /api/posts/{postId}": _get("posts", "postId"),
    "POST /api/posts/{postId}": _update_post,
    "DELETE /api/posts/{postId}": _delete_post,
    "GET /api/tags": _list("tags"),
    "GET /api/topics": _list("topics"),
    "POST /api/topics": _create_topic,
    "GET /api/topics/{topicId}": _get("topics", "topicId"),
    "POST /api/topics/{topicId}": _update_topic,
    "DELETE /api/topics/{topicId}": _delete_topic,
    "GET /api/usergroups": _list("usergroups", oldest_first=True),
    "POST /api/usergroups": _create_group,
    "GET /api/usergroups/{usergroupId}": _get("usergroups", "usergroupId"),
    "POST /api/usergroups/{usergroupId}": _update_group,
    "DELETE /api/usergroups/{usergroupId}": _delete_group,
    "POST /api/usergroups/{usergroupId}/users": _add_members,
    "DELETE /api/usergroups/{usergroupId}/users": _remove_members,
    "GET /api/users": _list("users"),
    "POST /api/users": _create_user,
    "GET /api/users/{userId}": _get("users", "userId"),
    "POST /api/users/{userId}": _update_user,
    "DELETE /api/users/{userId}": _delete_user,
    "POST /api/users/{userId}/followed_topics": _follow,
    "DELETE /api/users/{userId}/followed_topics": _follow,
}

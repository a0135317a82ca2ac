"""What each operation does to the simulated project: one function a kind of thing and verb, and the table.

Rules are those of the reference and of platform-facts.md; where both are silent, the stricter reading is simulated, so
that a client which relies on the milder one is found out. Imported by the simulator's `app` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.forums.userecho.simulator.lists import page
from service.forums.userecho.simulator.reference import ApiError, Operation, data, shaped
from service.forums.userecho.simulator.state import Row, State, person


@dataclass(frozen=True, slots=True)
class Call:
    """One checked request: the values in its path, its query and body, who makes it, and the fields to ignore."""

    state: State
    operation: Operation
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    user: Row
    ignored: frozenset[str] = field(default_factory=frozenset)

    def number(self, name: str) -> int:
        """An id in the path."""
        return int(self.path[name])

    def addressed(self, table: str, name: str) -> Row:
        """The record that the path names. Raises ApiError."""
        return self.state.one(table, self.number(name))

    def within_forum(self, table: str) -> Row:
        """The record that the body names by id, which must belong to the forum in the path. Raises ApiError."""
        row = self.state.one(table, self.body["id"])
        if row["forum_id"] != self.number("forum_id"):
            raise ApiError(f"{table} does not exist in this forum")
        return row


Act = Callable[[Call], Any]


def answer(call: Call) -> Row:
    """Carry out a request and return the answer's body. Raises ApiError."""
    result, kind = OPERATIONS[f"{call.operation.method} {call.operation.path}"](call), call.operation.answer
    if isinstance(kind, list):
        listed = page(result, call.query)
        return {**listed, "data": [_shaped(kind[0], row) for row in listed["data"]]}
    if kind == "hook":
        return _hook(result)  # the vendor's example has no envelope
    return {"status": "success", "data": _shaped(kind, result) if kind else None}


def _shaped(kind: str, row: Any) -> Any:
    """A record in its documented shape; with what clients have seen besides (platform-facts.md, 2.3)."""
    more = ("forum", "category", "needs_review") if kind == "topic" else ("groups",) if kind == "user" else ()
    found = shaped(kind, row)
    return {**found, **{name: row[name] for name in more if name in row}} if more else found


def _hook(row: Row) -> Row:
    found: Row = shaped("hook", row)
    return found


def _all(table: str) -> Act:
    return lambda call: list(getattr(call.state, table).values())


def _of_forum(table: str) -> Act:
    def act(call: Call) -> list[Row]:
        number = call.addressed("forums", "forum_id")["id"]
        return [row for row in getattr(call.state, table).values() if row["forum_id"] == number]

    return act


def _topics(keep: Callable[[Call, Row], bool], table: str, name: str) -> Act:
    def act(call: Call) -> list[Row]:
        call.addressed(table, name)
        return [row for row in call.state.topics.values() if keep(call, row)]

    return act


def _in_forum(call: Call, topic: Row) -> bool:
    return bool(topic["forum"]["id"] == call.number("forum_id"))


def _by_user(call: Call, topic: Row) -> bool:
    return bool(topic["author"]["id"] == call.number("user_id"))


def _found(call: Call, topic: Row) -> bool:
    if not call.query.get("query"):
        raise ApiError("query is required")
    wanted = call.query["query"].casefold()
    return _in_forum(call, topic) and wanted in f"{topic['header']} {topic['description']}".casefold()


def _in_category(call: Call, topic: Row) -> bool:
    return topic["category"] is not None and topic["category"]["id"] == call.number("category_id")


def _tagged(call: Call, topic: Row) -> bool:
    return call.number("tag_id") in [tag["id"] for tag in topic["tags"]]


def _sso_user(call: Call) -> Row:
    found = (user for user in call.state.users.values() if user.get("sso_guid") == call.path["sso_guid"])
    user = next(found, None)
    if user is None:
        raise ApiError("User does not exist")
    return user


def _log_out(call: Call) -> None:
    call.state.logged_out.append(call.addressed("users", "user_id")["id"])


def _get_or_create(call: Call) -> Row:
    email = call.body["email"]
    found = next((user for user in call.state.users.values() if user["email"] == email), None)
    made = found or call.state.add_user(email, call.body.get("name", email.partition("@")[0]))
    return {**made, "is_created": found is None}


def _create_group(call: Call) -> Row:
    return call.state.add("user_groups", {"vote_weight": 1, "vote_count": None, **call.body})


def _update_group(call: Call) -> Row:
    group = call.state.one("user_groups", call.body["id"])
    group |= call.body
    return group


def _delete(table: str) -> Act:
    def act(call: Call) -> None:
        del getattr(call.state, table)[call.state.one(table, call.body["id"])["id"]]

    return act


def _membership(call: Call) -> None:
    user, group = call.addressed("users", "user_id"), call.state.one("user_groups", call.body["group"])
    if "group" not in call.ignored:
        others = [number for number in user["groups"] if number != group["id"]]
        user["groups"] = [*others, group["id"]] if call.operation.method == "POST" else others


def _create_forum(call: Call) -> Row:
    return call.state.add("forums", {**call.body, "type": {"name": "PUBLIC"}})


def _create_label(table: str) -> Act:
    def act(call: Call) -> Row:
        return call.state.add(table, {**call.body, "forum_id": call.addressed("forums", "forum_id")["id"]})

    return act


def _update_label(table: str) -> Act:
    def act(call: Call) -> Row:
        row = call.within_forum(table)
        row |= call.body
        return row

    return act


def _delete_label(table: str) -> Act:
    def act(call: Call) -> None:
        del getattr(call.state, table)[call.within_forum(table)["id"]]

    return act


def _access(call: Call) -> list[str]:
    return call.state.access.setdefault(call.addressed("forums", "forum_id")["id"], [])


def _allow(call: Call) -> None:
    _access(call).extend(call.body["emails"])


def _disallow(call: Call) -> None:
    number = call.number("forum_id")
    call.state.access[number] = [one for one in _access(call) if one not in call.body["emails"]]


def _create_topic(call: Call) -> Row:
    call.addressed("forums", "forum_id")
    return call.state.add_topic(call.user, call.number("forum_id"), call.body)


def _update_topic(call: Call) -> Row:
    topic = call.state.one("topics", call.body["id"])
    if topic["forum"]["id"] != call.number("forum_id"):
        raise ApiError("Topic does not exist in this forum")
    fields = {name: value for name, value in call.body.items() if name not in call.ignored}
    return call.state.change_topic(topic, fields)


def _delete_topic(call: Call) -> None:
    call.state.remove_topic(call.addressed("topics", "topic_id"))


def _topic_comments(call: Call) -> list[Row]:
    return call.state.comments_of(call.addressed("topics", "topic_id")["id"])


def _user_comments(call: Call) -> list[Row]:
    number = call.addressed("users", "user_id")["id"]
    return [row for row in call.state.comments.values() if row["author"]["id"] == number]


def _create_comment(call: Call) -> Row:
    topic, official = call.addressed("topics", "topic_id"), call.body.get("is_official", False)
    return call.state.add_comment(call.user, topic, call.body["text"], official=official)


def _upload(call: Call) -> Row:
    forum, name = call.addressed("forums", "forum_id"), call.body["content"]["name"]
    place = {
        "forum": {"id": forum["id"], "name": forum["name"]},
        "user": person(call.user),
        "created": call.state.now(),
    }
    return call.state.add("files", {**place, "type": call.path["kind"], "original_filename": name, "url": f"/s/{name}"})


def _create_hook(call: Call) -> Row:
    if call.body["event"] not in data()["events"]:
        raise ApiError("event is not an available event")
    events = {name: name == call.body["event"] for name in data()["events"]}
    return call.state.add("hooks", {"target_url": call.body["target_url"], "events": events})


def _delete_hook(call: Call) -> None:
    del call.state.hooks[call.addressed("hooks", "hook_id")["id"]]


OPERATIONS: Mapping[str, Act] = {
    "GET users": _all("users"),
    "GET users/current": lambda call: call.user,
    "GET users/{user_id}": lambda call: call.addressed("users", "user_id"),
    "GET users/sso/{sso_guid}": _sso_user,
    "GET users/{user_id}/logout": _log_out,
    "POST users/get_or_create": _get_or_create,
    "POST users/{user_id}/group": _membership,
    "DELETE users/{user_id}/group": _membership,
    "GET users/groups": _all("user_groups"),
    "POST users/groups": _create_group,
    "PUT users/groups": _update_group,
    "DELETE users/groups": _delete("user_groups"),
    "GET forums": _all("forums"),
    "POST forums": _create_forum,
    "DELETE forums": _delete("forums"),
    "GET forums/{forum_id}/types": _of_forum("types"),
    "GET forums/{forum_id}/categories": _of_forum("categories"),
    "POST forums/{forum_id}/categories": _create_label("categories"),
    "PUT forums/{forum_id}/categories": _update_label("categories"),
    "DELETE forums/{forum_id}/categories": _delete_label("categories"),
    "GET forums/{forum_id}/tags": _of_forum("tags"),
    "POST forums/{forum_id}/tags": _create_label("tags"),
    "PUT forums/{forum_id}/tags": _update_label("tags"),
    "DELETE forums/{forum_id}/tags": _delete_label("tags"),
    "GET forums/{forum_id}/access_list": _access,
    "POST forums/{forum_id}/access_list": _allow,
    "DELETE forums/{forum_id}/access_list": _disallow,
    "GET forums/{forum_id}/topics": _topics(_in_forum, "forums", "forum_id"),
    "POST forums/{forum_id}/topics": _create_topic,
    "PUT forums/{forum_id}/topics": _update_topic,
    "GET forums/{forum_id}/users/{user_id}/topics": _topics(
        lambda call, row: _in_forum(call, row) and _by_user(call, row), "users", "user_id"
    ),
    "GET forums/{forum_id}/topics/search": _topics(_found, "forums", "forum_id"),
    "GET users/{user_id}/topics": _topics(_by_user, "users", "user_id"),
    "GET categories/{category_id}/topics": _topics(_in_category, "categories", "category_id"),
    "GET tags/{tag_id}/topics": _topics(_tagged, "tags", "tag_id"),
    "GET topics/{topic_id}": lambda call: call.addressed("topics", "topic_id"),
    "DELETE topics/{topic_id}": _delete_topic,
    "GET topics/{topic_id}/voters": lambda call: call.state.voters.get(call.addressed("topics", "topic_id")["id"], []),
    "GET topics/{topic_id}/comments": _topic_comments,
    "POST topics/{topic_id}/comments": _create_comment,
    "GET users/{user_id}/comments": _user_comments,
    "POST forums/{forum_id}/upload/{file|image}": _upload,
    "GET hooks": _all("hooks"),
    "POST hooks": _create_hook,
    "DELETE hooks/{hook_id}": _delete_hook,
    "GET hooks/events": lambda _: list(data()["events"]),
}

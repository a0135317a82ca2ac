"""What the simulated forum holds at the start: the people, places and things of the sample webhooks.

Imported by the simulator's modules alone.
"""

from __future__ import annotations

from typing import Any

from service.forums.websitetoolbox.simulator.state import Row, State, person

DAY = 86_400
STAFF = 5

GROUPS = {
    1: ("General", {}),
    2: ("Pending Approval", {"replyTopics": False, "startTopics": False}),
    3: ("Banned", {"replyTopics": False, "startTopics": False, "viewForum": False}),
    4: ("Members", {"defaultGroup": True}),
    STAFF: ("Staff", {}),
    6: ("Review", {"requirePostApproval": True}),
    7: ("Muted", {"replyTopics": False, "startTopics": False}),
    8: ("Trusted", {}),
}
"""The three built-in groups, then custom ones. The strictest of a member's groups decides what they may do."""

CATEGORIES = {1: ("General", 0), 2: ("Marketplace", 0), 3: ("Help", 0), 4: ("Introductions", 1), 5: ("Review", 0)}

USERS: dict[int, tuple[str, list[int], int, int, str]] = {
    77: ("modbot", [5], 900, 0, "GB"),
    101: ("wren", [4], 400, 120, "GB"),
    102: ("marlow", [4, 8], 1500, 2400, "IE"),
    103: ("pip", [4], 0, 0, "FR"),
    201: ("ann", [4, 5], 2000, 5100, "GB"),
    202: ("bo", [4, 5], 1800, 3300, "DK"),
}
"""Name, groups, days since joining, posts, country."""

TOPICS = {501: (102, 1, "A quiet corner"), 502: (101, 3, "How do I change my avatar?"), 503: (102, 2, "Two oak chairs")}
POSTS = {
    8001: (501, 102, "<p>A place for slow talk.</p>"),
    8002: (502, 101, "<p>I cannot find the setting.</p>"),
    8003: (503, 102, "<p>Both in good condition, collection only.</p>"),
    9001: (501, 101, '<p>Have a look at <a href="https://example.net/offer">this page</a></p>'),
    9002: (501, 103, "<p>Hello, I am new here.</p>"),
}
"""Topic, author, message; a topic's first is its first post."""


def seeded() -> State:
    """A small forum with members, staff, a bot (77) and a few topics."""
    state = State()
    for number, (title, flags) in GROUPS.items():
        state.usergroups[number] = new_group(number, title, flags)
    for number, (title, parent) in CATEGORIES.items():
        state.categories[number] = {"object": "category", "categoryId": number, "title": title, "parentId": parent}
    for number in USERS:
        state.users[number] = _user(number, state.now())
    for number, (author, category, title) in TOPICS.items():
        state.topics[number] = _topic(number, state.users[author], category, title, state.now() - DAY)
    for number, (topic, author, message) in POSTS.items():
        state.put_post(number, state.users[author], state.topics[topic], message, state.now() - DAY)
    return state


def new_group(number: int, title: str, flags: dict[str, Any]) -> Row:
    """A user group that may do all that members commonly may, but for `flags`."""
    allowed = ("viewForum", "viewCategory", "viewTopicContent", "viewOthersTopics", "startTopics", "replyTopics")
    return {"object": "usergroup", "userGroupId": number, "title": title, **dict.fromkeys(allowed, True), **flags}


def _user(number: int, now: int) -> Row:
    name, groups, days, posts, country = USERS[number]
    user: Row = {"object": "user", "userId": number, "username": name, "name": name.title(), "userGroups": list(groups)}
    user |= {"email": f"{name}@members.example", "ipAddress": f"192.0.2.{number}", "countryCode": country}
    user |= {"joinDateTimestamp": now - days * DAY, "postCount": posts, "reputation": posts // 10, "customFields": []}
    return user | {"enableMessages": True, "allowEmails": True, "isModerator": STAFF in groups}


def _topic(number: int, author: Row, category: int, title: str, then: int) -> Row:
    first = min(post for post, (topic, _, _) in POSTS.items() if topic == number)
    topic: Row = {
        "object": "topic",
        "topicId": number,
        "title": title,
        "categoryId": category,
        "author": person(author),
    }
    topic |= {"locked": False, "pinned": False, "tags": [], "viewCount": 10, "canReply": True, "dateTimestamp": then}
    return topic | {"URL": f"https://forum.example/topic/{number}", "firstPostId": first}

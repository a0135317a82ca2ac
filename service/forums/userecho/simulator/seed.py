"""What the simulated project holds at the start: the people, places and things of the sample webhooks.

Imported by the simulator's modules alone.
"""

from __future__ import annotations

from service.forums.userecho.simulator.state import NEW, State, person, written

DAY = 86_400

FORUMS = {1: "Community", 2: "Helpdesk"}
TYPES = {1: ("Ideas", 1), 2: ("Questions", 1), 6: ("Tickets", 2)}
CATEGORIES = {1: ("General", 1), 2: ("Marketplace", 1), 3: ("Help", 1), 4: ("General", 2)}
TAGS = {1: ("mobile", 1), 2: ("desktop", 1)}
GROUPS = {1: "Members", 2: "Trusted", 3: "Muted"}

USERS = {
    77: ("modbot", True, 900, [1]),
    101: ("wren", False, 400, [1]),
    102: ("marlow", False, 1500, [1, 2]),
    103: ("pip", False, 0, [1]),
    201: ("ann", True, 2000, [1]),
}
"""Name, staff, days since joining, groups."""

TOPICS = {
    501: (102, 1, 1, "A quiet corner", "<p>A place for slow talk.</p>"),
    502: (101, 1, 3, "How do I change my avatar?", "<p>I cannot find the setting.</p>"),
    601: (102, 2, 4, "Ticket one", "<p>It does not start.</p>"),
}
"""Author, forum, category, header, description."""

COMMENTS = {
    9001: (501, 101, '<p>Have a look at <a href="https://example.net/offer">this page</a></p>'),
    9002: (501, 103, "<p>Hello, I am new here.</p>"),
}
"""Topic, author, text."""


def seeded() -> State:
    """A small project with two forums, users, staff, a bot (77) and a few topics."""
    state = State()
    state.forums = {n: {"id": n, "name": name, "type": {"name": "PUBLIC"}} for n, name in FORUMS.items()}
    state.user_groups = {n: {"id": n, "name": name, "vote_weight": 1} for n, name in GROUPS.items()}
    for table, rows in {"types": TYPES, "categories": CATEGORIES, "tags": TAGS}.items():
        getattr(state, table).update({n: {"id": n, "name": name, "forum_id": f} for n, (name, f) in rows.items()})
    _seed_users(state)
    _seed_topics(state)
    state.webhooks.clear()
    return state


def _seed_users(state: State) -> None:
    for number, (name, staff, days, groups) in USERS.items():
        joined = written(state.clock() - days * DAY)
        state.users[number] = {"id": number, "name": name, "email": f"{name}@members.example", "is_staff": staff}
        state.users[number] |= {
            "date_joined": joined,
            "last_activity": joined,
            "rating": 1.5,
            "sso_guid": f"guid-{name}",
        }
        state.users[number] |= {"groups": list(groups), "is_authenticated": True}


def _seed_topics(state: State) -> None:
    then = written(state.clock() - DAY)
    for number, (author, forum, category, header, description) in TOPICS.items():
        fields = {"header": header, "description": description, "category": category, "type": 1, "status": NEW}
        topic = state.add_topic(state.users[author], forum, fields)
        del state.topics[topic["id"]]
        topic |= {"id": number, "created": then, "url": f"https://project.example/topics/{number}"}
        state.topics[number] = topic
        state.voters[number] = [{"user": person(state.users[author]), "vote": 1}]
    for number, (topic_id, author, text) in COMMENTS.items():
        comment = {"id": number, "topic_id": topic_id, "created": then, "author": person(state.users[author])}
        state.comments[number] = {**comment, "text": text, "is_official": False}
        state.topics[topic_id]["comment_count"] += 1

"""Rules against spam, who writes it, and the calls that it takes. Imported by tests of calls."""

from __future__ import annotations

from tests.world import World

DELETE_TOPIC = "DELETE /api/topics/{topicId}"
ADD, REMOVE = "POST /api/usergroups/{usergroupId}/users", "DELETE /api/usergroups/{usergroupId}/users"
UPDATE_TOPIC = "POST /api/topics/{topicId}"


def rule(actions: str, check: str = "body: trigger") -> str:
    return f"name: the rule\n{check}\nmoderators_exempt: false\nlimit: none\nthen: {actions}\n"


def joined(w: World, number: int) -> list[str]:
    """New members by name."""
    names = [f"new{one}" for one in range(number)]
    for name in names:
        w.happen("user.created", username=name)
    return names

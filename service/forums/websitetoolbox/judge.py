"""What an answer of Website Toolbox's API means. Pure; imported by the platform's value and tests.

WT's own clients look for errors in the body (websitetoolbox-reference.txt, Errors; platform-facts.md, 1.3): `status`,
and an `error` with `param`, `message` and `code`.
"""

from __future__ import annotations

from service.forums.http import Reply
from service.forums.port import ForumFailure
from service.forums.values import to_text
from service.forums.verdict import Complaint, verdict

_TARGETS = frozenset({"topicId", "postId", "conversationId"})
"""Parameters that name the target: WT answers a deleted topic with 400 and `param` topicId."""
_MAYBE_TARGETS = _TARGETS | {"", "userId", "userIds", "usergroupId"}


def judge(reply: Reply) -> ForumFailure | None:
    """The failure that an answer means, or None for success."""
    return verdict(reply, _complaint(reply.body))


def _complaint(body: object) -> Complaint | None:
    """What the body complains of: `status` other than success, or an `error`."""
    if not isinstance(body, dict):
        return None
    error = body.get("error")
    if error is None and (body.get("status") or "success") == "success":
        return None
    parts = error if isinstance(error, dict) else {"message": error}
    param, message, code = (to_text(parts.get(name)) or "" for name in ("param", "message", "code"))
    return Complaint(param, message, code, param in _TARGETS, param in _MAYBE_TARGETS)

"""What an answer of UserEcho's API means. Pure; imported by the platform's value and tests.

The envelope counts more than the status: `status` is "success" or "error", and `message` says why (platform-facts.md,
2.2). The vendor documents no status codes, so an error under 200 is an error. A few answers come without an envelope.
"""

from __future__ import annotations

from service.forums.http import Reply
from service.forums.port import ForumFailure, RateLimited, Unsure
from service.forums.values import to_text
from service.forums.verdict import Complaint, verdict

_UNAVAILABLE = 503


def judge(reply: Reply) -> ForumFailure | None:
    """The failure that an answer means, or None for success.

    503 with Retry-After asks everybody to slow down, as 429 does; without it, a write may have been done.
    """
    if reply.status == _UNAVAILABLE and reply.retry_after is not None:
        return RateLimited(f"{reply.operation}: the forum asks us to wait", after=reply.retry_after)
    found = verdict(reply, _complaint(reply.body))
    if found is None and reply.writes and not _is_the_apis(reply.body):
        return Unsure(f"{reply.operation}: sent, but the answer is not the API's")
    return found


def _complaint(body: object) -> Complaint | None:
    """What the envelope complains of. Without one, `status` is a topic's: an object, or not there."""
    status = body.get("status") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(status, str) or status.lower() == "success":
        return None
    return Complaint(message=to_text(body.get("message")) or "")


def _is_the_apis(body: object) -> bool:
    """Whether a write was answered by the API: in the envelope, by the bare object, or with nothing."""
    return body is None or (isinstance(body, dict) and bool({"status", "data", "id"} & body.keys()))

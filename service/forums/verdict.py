"""What an answer means, once a platform has found the complaint in its body.

An HTTP status alone says little: platforms answer 400, or even 200, to bad input, to no permission and to too many
requests alike (platform-facts.md, 1.3 and 2.5). So the wording decides, and what it leaves open is TryLater for the
worker to bound. Texts are safe to log: what the forum said is shortened, and left out where it speaks of keys. Pure;
imported by platform folders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from service.forums.http import Reply
from service.forums.port import ForumFailure, KeyRefused, NotFound, RateLimited, Refused, TryLater, Unsure

_OK, _NO_CONTENT, _BAD_REQUEST, _NOT_FOUND, _TIMED_OUT, _TOO_MANY, _SERVER_ERROR = 200, 204, 400, 404, 408, 429, 500
_UNAUTHORISED, _FORBIDDEN_STATUS = 401, 403

KEY_WAIT = 60.0
"""Seconds to wait when the key is not accepted: somebody must mend it, and every try is a request that is counted."""

UNKNOWN_TRIES = 5
"""How often a request is tried whose answer does not say what is wrong (platform-facts.md, 1.5)."""

LONGEST_QUOTE = 120
"""Characters of the forum's own words in an error."""

_LIMIT = re.compile(
    r"\brate\b|rate.?limit|throttl|slow down|per second|(?:requests?|calls) per|too many (?:api )?(?:requests|calls)",
    re.IGNORECASE,
)
_MAYBE_LIMIT = re.compile(r"\blimit|exceed|quota|too many", re.IGNORECASE)
_OF_CONTENT = re.compile(
    r"length|character|\bsize|too long|maximum|recipient|attachment|storage|\blinks?\b", re.IGNORECASE
)
"""Limits of what is written, not of how often: these must never make all workers pause."""
_GONE = re.compile(r"not.?found|not.?exist|n't exist|no such|(?:been|was|already) deleted", re.IGNORECASE)
_NO_KEY = re.compile(r"unauthori|authenticat|api.?key|access.?token", re.IGNORECASE)
_FORBIDDEN = re.compile(r"permission|forbidden|not allowed|denied|locked", re.IGNORECASE)
_BAD_INPUT = re.compile(
    r"too long|maximum|length|disabled|already|not a member|not belong|invalid|required|missing|must be|does not",
    re.IGNORECASE,
)
_SECRETIVE = re.compile(r"key|token|secret|password", re.IGNORECASE)
_LIKE_A_KEY = re.compile(r"[^\s\d]{0,30}\d\S{10,}|\S{25,}")


@dataclass(frozen=True, slots=True)
class Complaint:
    """The error that an answer's body tells of; empty texts where it tells none."""

    param: str = ""
    message: str = ""
    code: str = ""
    target_at_fault: bool = False
    """The parameter names what the request acts on, so that a complaint about it says: it is not there."""
    may_be_target: bool = True
    """The parameter may name it."""

    @property
    def wording(self) -> str:
        """All that may hint at the kind of error."""
        return f"{self.code} {self.message}"

    def __str__(self) -> str:
        words = "" if _SECRETIVE.search(self.wording) else _LIKE_A_KEY.sub("…", self.message)
        quote = " ".join(_printable(words).split())[:LONGEST_QUOTE]
        about = f" ({_printable(_LIKE_A_KEY.sub('…', self.param))[:40]})" if self.param else ""
        return f"{about}: {quote}" if quote else about


def _printable(text: str) -> str:
    """The text without what would command a terminal, or turn the direction of reading."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def verdict(reply: Reply, complaint: Complaint | None) -> ForumFailure | None:
    """The failure that an answer means, or None for success."""
    if 200 <= reply.status < 300 and complaint is None:  # noqa: PLR2004 - the range of success
        return _unreadable(reply) if reply.body is None and reply.status != _NO_CONTENT else None
    return _failure(reply, complaint or Complaint())


def _unreadable(reply: Reply) -> ForumFailure:
    """A success whose body is no JSON: one that broke off passes by itself, a wrong address does not."""
    if reply.writes:
        return Unsure(f"{reply.operation}: sent, but the answer is not JSON")
    return TryLater(f"{reply.operation}: the answer is not JSON; check api_url", tries=UNKNOWN_TRIES)


def _failure(reply: Reply, complaint: Complaint) -> ForumFailure:
    """The failure that a status and a complaint mean together. The limit comes first: nothing was done then."""
    where, status = reply.operation, reply.status
    if status == _TOO_MANY or _is_limit(complaint):
        return RateLimited(f"{where}: over the forum's request limit", after=reply.retry_after)
    if status >= _SERVER_ERROR or status == _TIMED_OUT:
        return _broken(reply)
    if 300 <= status < 400:  # noqa: PLR2004 - the range of redirects
        return Refused(f"{where}: redirects are refused; check api_url")
    if status == _NOT_FOUND or _is_gone(complaint):
        return NotFound(f"{where}: not found{complaint}")
    return _refusal(reply, complaint)


def _refusal(reply: Reply, complaint: Complaint) -> ForumFailure:
    """No permission, or bad input; an error that names neither may pass by itself."""
    where, status = reply.operation, reply.status
    if status == _UNAUTHORISED or _NO_KEY.search(complaint.wording):
        return KeyRefused(f"{where}: the forum does not accept the API key; check api_key{complaint}", after=KEY_WAIT)
    if status == _FORBIDDEN_STATUS or _FORBIDDEN.search(complaint.wording):
        return Refused(f"{where}: refused; check the bot's permission{complaint}")
    if status in {_OK, _BAD_REQUEST} and not complaint.param and not _BAD_INPUT.search(complaint.wording):
        text = f"{where}: the forum gave an error without a known cause{complaint}"
        return TryLater(text, after=reply.retry_after, tries=UNKNOWN_TRIES)
    return Refused(f"{where}: refused by the forum with status {status}{complaint}")


def _broken(reply: Reply) -> ForumFailure:
    """An error of the forum itself: a write may have been done before it."""
    if reply.writes:
        return Unsure(f"{reply.operation}: sent, and answered with status {reply.status}")
    return TryLater(f"{reply.operation}: answered with status {reply.status}", after=reply.retry_after)


def _is_limit(complaint: Complaint) -> bool:
    """Limit wording in the code; in the message only where no parameter is at fault: it may quote a member's text."""
    if _LIMIT.search(complaint.code):
        return True
    weak = _MAYBE_LIMIT.search(complaint.wording) and not _OF_CONTENT.search(complaint.message)
    return not complaint.param and bool(weak or _LIMIT.search(complaint.message))


def _is_gone(complaint: Complaint) -> bool:
    if complaint.target_at_fault:
        return not _FORBIDDEN.search(complaint.wording)
    return complaint.may_be_target and bool(_GONE.search(complaint.wording))

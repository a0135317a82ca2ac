"""The closed sets that metric labels take their values from (operations.md, B.3), and what keeps them closed.

What is not in its set is counted as `other`: a sender chooses event types before the signature is checked, and a forum
its status codes. Never an id, a name that a user chose, a URL or an exception's text. Imported by
`service.metrics`, `service.readings` and whoever counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rules.actions.kinds import ActsOn
from rules.actions.table import ACTIONS
from rules.mode import Mode

OTHER: Final = "other"
NO_FORUM: Final = ""
"""The forum of what belongs to none: a request to an address that is not ours."""


@dataclass(frozen=True, slots=True)
class Named:
    """Values that are known once the configuration or the rules are read; `what` they are."""

    what: str


Values = tuple[str, ...] | Named
"""A label's closed set."""

FORUM: Final = Named("a configured forum")
RULE: Final = Named("a rule of the forum; from the 201st on `other`")
DIGEST: Final = Named("the digest of the rules in use")
VERSION: Final = Named("the program's version")
REVISION: Final = Named("the source's revision, from MODBOT_REVISION")

EVENTS: Final = (
    *("topic.created", "topic.updated", "topic.deleted"),
    *("post.created", "post.updated", "post.approved", "post.deleted"),
    *("user.created", "user.approved", "user.updated", "user.deleted"),
    *("conversation.created", "message.created"),
    OTHER,
)
ANSWERS: Final = ("accepted", "duplicate", "ignored", "rejected", "unavailable", "error")
ACTION_WORDS: Final = tuple(ACTIONS)
MODES: Final = tuple(str(mode) for mode in Mode)
OUTCOMES: Final = ("done", "shadow", "already_done", "target_gone", "refused", "unsure", "suppressed", "failed")
RESULTS: Final = ("match", "error", "timeout")
LANES: Final = ("urgent", "bulk")

READS: Final = (
    *("get_post", "get_posts", "get_previous", "get_topic", "get_topics", "get_author", "get_category"),
    *("was_sent", "get_groups"),
)
RESOURCE_CALLS: Final = (
    *("add_user_to_group", "remove_user_from_group", "create_comment", "delete_topic", "update_topic"),
    *("get_user", "get_current_user", "list_categories", "list_category_topics", "list_comments", "list_forums"),
    "list_user_groups",
)
"""Operations of a platform whose API is written out whole, and named by its own words (userecho/api)."""

OPERATIONS: Final = (
    *(word for word, action in ACTIONS.items() if action.acts_on is not ActsOn.COUNTER),
    *READS,
    *RESOURCE_CALLS,
    OTHER,
)

STATUSES: Final = ("200", "400", "401", "403", "404", "429", "500", "502", "503", "504")
"""The statuses with a meaning of their own; the rest is counted by its hundred."""
CODES: Final = (*STATUSES, "2xx", "3xx", "4xx", "5xx", "rate_limited", "timeout", "connect", OTHER)

RETRIES: Final = {
    "TryLater": "try_later",
    "NoPermit": "no_permit",
    "RateLimited": "rate_limited",
    "KeyRefused": "key_refused",
    "Unsure": "unsure",
}
"""Failures of a forum call (service.forums.port) after which work is tried again, and the reason that they count as."""

DEATHS: Final = ("retries_exhausted", "permanent_error", "timeout", "abandoned", "rule_error", "malformed")
"""Why work ended as a dead letter."""

MOST_RULES: Final = 200
"""Rules that have series of their own, in one process."""


def event_label(event_type: str | None) -> str:
    """The type of an event if it is known."""
    return event_type if event_type in EVENTS else OTHER


def operation_label(operation: str) -> str:
    """The operation of a forum call if it is known."""
    return operation if operation in OPERATIONS else OTHER


def code_label(code: str) -> str:
    """What came back of a forum call: a status that matters, the hundred of another, or what happened instead."""
    if code in CODES:
        return code
    hundred = f"{code[:1]}xx"
    return hundred if hundred in CODES else OTHER


def retry_label(failure: Exception) -> str:
    """Why work is tried again; `error`: something that nobody foresaw."""
    return RETRIES.get(type(failure).__name__, "error")


@dataclass(frozen=True, slots=True)
class Capped:
    """At most `most` values, the first that come; later ones are `other`."""

    most: int
    known: set[tuple[str, ...]]

    def admits(self, *value: str) -> bool:
        """Whether the value has a series of its own."""
        if value not in self.known and len(self.known) < self.most:
            self.known.add(value)
        return value in self.known

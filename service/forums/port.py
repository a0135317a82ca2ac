"""The Forum port: the verbs a platform offers, the reads that rules need, and the four ways in which either fails.

Every verb is named after its action, as in YAML, the log and the metrics. Nothing above a platform's folder knows an
HTTP status code. `service/forums/<platform>/` implements this; `workers` calls it.

    ForumFailure
    |-- TryLater      nothing was changed; trying again can help   (RateLimited: the forum said we are too fast;
    |                 KeyRefused: it does not accept our key)
    |-- Refused       the forum understood and said no; trying again is useless (NotFound: it is not there)
    |-- Unsure        a write was sent and its outcome is not known
    `-- Unsupported   the platform has no such verb; found when rules load

A webhook is read in two steps. The web edge has its platform `identify` the delivery: is it genuine, which happening is
it. What else it says is `read` by the worker that takes it up, so that a burst is acknowledged before it is understood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from rules.decision import Target
from rules.event import Author, Category, Post, Topic


class Outcome(StrEnum):
    """How a verb ended when it did not fail."""

    DONE = "done"
    ALREADY_DONE = "already_done"  # the forum was in that state before
    TARGET_GONE = "target_gone"  # nothing left to act on; a delete of what is gone is ALREADY_DONE


class ForumFailure(Exception):
    """Why a call to the forum did not do what was asked. The text is safe to log: no key, no token, no body."""


class TryLater(ForumFailure):
    """Nothing was changed. `after` is how long to wait at least, in seconds, where the forum or the limiter says so.

    `tries` bounds how often it is worth it, where the cause is not known and may well be for good.
    """

    def __init__(self, reason: str, *, after: float | None = None, tries: int | None = None) -> None:
        super().__init__(reason)
        self.after = after
        self.tries = tries


class NoPermit(TryLater):
    """No request was made: it is not our turn. That says nothing of the work itself, so it counts as no try of it."""


class RateLimited(TryLater):
    """The forum counts more requests than it allows: every worker pauses."""


class KeyRefused(TryLater):
    """The forum does not accept our key. Every worker pauses: all that is planned waits until the key is mended."""


class Refused(ForumFailure):
    """Final: bad input, no permission, or a state that did not change although the forum said yes."""


class NotFound(Refused):
    """What the request was about does not exist. Platform clients turn it into an Outcome or None."""


class Unsure(ForumFailure):
    """A write was sent and no answer came: it may have happened."""


class Unsupported(ForumFailure):
    """The platform cannot do this."""


class Forum(Protocol):
    """One forum, seen by one job. Every request goes through the shared limiter.

    Verbs take the target and the action's options under the names they have in YAML (`for` is the workers' business,
    `with` is `with_`), and return an `Outcome` or raise a `ForumFailure`. Reads return None for what does not exist.
    """

    def approve(self, target: Target) -> Outcome: ...
    def hold(self, target: Target) -> Outcome: ...
    def delete(self, target: Target) -> Outcome: ...
    def edit(self, target: Target, *, replace: Sequence[str], with_: str, inside_words: bool = False) -> Outcome:
        """Replace these texts in the post as it is now by `with_`, HTML; ALREADY_DONE where none is to be seen."""

    def lock(self, target: Target) -> Outcome: ...
    def unlock(self, target: Target) -> Outcome: ...
    def pin(self, target: Target) -> Outcome: ...
    def unpin(self, target: Target) -> Outcome: ...
    def move(self, target: Target, *, category: str | int) -> Outcome: ...
    def retitle(self, target: Target, *, text: str) -> Outcome: ...
    def add_to_group(self, target: Target, *, group: str | int) -> Outcome: ...
    def remove_from_group(self, target: Target, *, group: str | int) -> Outcome: ...
    def message(self, target: Target, *, subject: str, body: str) -> Outcome: ...
    def reply(self, target: Target, *, text: str) -> Outcome: ...
    def notify_moderators(self, target: Target, *, text: str) -> Outcome: ...

    def get_post(self, post_id: int, topic_id: int | None = None) -> Post | None:
        """The post; `topic_id` helps a platform that finds posts by their topic only."""

    def get_previous(self, topic_id: int, post_id: int) -> Post | None:
        """The post that stood last in the topic when the post `post_id` was written."""

    def get_topic(self, topic_id: int) -> Topic | None: ...
    def get_author(self, user_id: int) -> Author | None: ...
    def get_category(self, category_id: int) -> Category | None: ...
    def was_sent(self, action: str, target: Target, options: Mapping[str, str], since: float) -> bool | None:
        """Whether a message, reply or note with this text was sent by the bot at or after `since` (Unix seconds).

        The way out of Unsure: reads the conversations or the topic. None where that cannot tell.
        """


MOST_READ = 100
"""Objects that one list call reads at most."""

MOST_CHANGED = 100
"""Members that one request changes at most; a guess, for no reference names a limit."""


@runtime_checkable
class Lists(Protocol):
    """A forum whose API lists posts and topics by their ids, up to MOST_READ: what is listed is surely there."""

    def get_posts(self, post_ids: Sequence[int]) -> Mapping[int, Post]: ...
    def get_topics(self, topic_ids: Sequence[int]) -> Mapping[int, Topic]: ...


@runtime_checkable
class ChangesMany(Protocol):
    """A forum whose API changes the groups of several members, up to MOST_CHANGED, in one request."""

    def change_groups(self, action: str, user_ids: Sequence[int], *, group: str | int) -> Outcome:
        """Do `action`, add_to_group or remove_from_group, to all. Raises Refused where one refuses: none is changed."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook as it arrived: header names in lower case, the raw body, the receipt in Unix seconds."""

    headers: Mapping[str, str]
    body: bytes
    received_at: float


@dataclass(frozen=True, slots=True)
class Accepted:
    """A delivery that tells of an event: its name with the platform, and its type in modbot's words.

    `subject` and `version` are its identity: a delivery is a duplicate when the last one seen under the same subject,
    within the forum, had the same version. Where the platform gives an id or a timestamp both are in the subject and
    the version is constant; else the subject is the object and the version a digest of the body.

    `happening` names what happened, where that can be told apart from the version: two edits of one second are two
    events yet one happening, so that what a rule did about the first is not done again. Empty: the event itself.
    """

    name: str
    type: str
    subject: str
    version: str
    signed: bool
    happening: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A delivery to answer 200 and keep, without evaluating: its type is unknown or was not found."""

    reason: str
    type: str | None
    subject: str
    version: str
    signed: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """A delivery to answer with 400 or 401; `reason` is a label of modbot_webhook_rejections_total."""

    status: int
    reason: str
    detail: str


Identified = Accepted | Ignored | Rejected


class Unreadable(ValueError):
    """What an accepted delivery says fits no event. The text is safe to log: it quotes nothing of the body."""


@dataclass(frozen=True, slots=True)
class WebhookTrust:
    """What inbound needs to know of a forum's settings: the secrets, any of which may match, and how strict to be."""

    signing_secrets: tuple[str, ...] = field(default=(), repr=False)
    require_signature: bool = False
    event_keys: tuple[str, ...] = ()
    """Candidate keys of the event type, tried before the platform's own."""

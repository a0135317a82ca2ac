"""The ledger: what has been claimed and done. Nothing is sent to a forum without a claim in it.

An action goes planned -> intent (claimed) -> sent (its request left) -> an outcome. A crash in `intent` is safe to do
over; in `sent` the outcome is unknown, and the action's repeat class says what then (architecture, Repeat classes).
A claim has a fence, a number that grows with every claim: whoever holds an older one can no longer send or finish.
Imported by `service` and `workers`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from redis import Redis

from rules.actions.kinds import RepeatClass
from rules.actions.table import ACTIONS
from rules.decision import PlannedAction
from rules.event import Event
from rules.remember import happening_of
from service.footprints import settings_of
from service.kept import DEAD, DUE, PAUSED, PROGRESS
from service.scripts import load
from service.timers import Timer, timer_after

LEASE_SECONDS = 30.0
"""Above the wait for a permit (8 s) and the HTTP timeouts (19 s): while a claim is live, its holder may be sending."""

ALIVE_MS = 6000
"""A worker that has not said for so long that it runs is dead, and its claims are free (`mark_alive`). Above the age at
which a permit is not used any more (limiter.STALE_SECONDS): a frozen process that wakes up after this sends nothing."""

AT_ONCE, GATHERING_MS = 2, 5000
"""So many changes of a group are made in this time without waiting; then members gather for the next one."""

FINAL_SECONDS = 30 * 24 * 3600


class ClaimLost(Exception):
    """Another worker has claimed the action since: what we know of it is out of date, and nothing may be sent."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed action. `maybe_sent`: an earlier try may have reached the forum.

    Tries left between `first_sent_at` and `last_sent_at`; `claimed_at` is Redis' time (Unix seconds).
    """

    id: str
    fence: int
    forum: str
    event: str
    lane: str
    action: PlannedAction
    attempt: int
    planned_at: float
    maybe_sent: bool
    first_sent_at: float
    last_sent_at: float
    claimed_at: float
    received_at: float
    """When its event came; of what has none of its own, when it fell due (Unix seconds)."""
    apart: str | None = None
    """What made it if no event's plan: `timer` undoes what was done for a time, `digest` tells many notes in one."""
    seen_at: float = 0.0
    """When what it was decided on was so (Unix seconds)."""
    stands: str = ""
    """Why there is nothing to do: its item is `gone`, or is `set` as it asks by us (service.footprints), or what a
    `later` event asked for is done."""
    news: bool = False
    """Whether somebody else has changed its item since."""
    alike: str | None = None
    """The name of the actions that the same call can carry out."""
    trace: str = ""
    """The span that planned it (service.tracing)."""


@dataclass(frozen=True, slots=True)
class Ended:
    """An event's last action has ended, `seconds` after the event's receipt."""

    event: str
    seconds: float


class Ledger:
    """The shared record of actions."""

    def __init__(self, redis: Redis, owner: str, keep_seconds: int = FINAL_SECONDS) -> None:
        """`owner` names this worker process; `keep_seconds` is how long a final record is kept."""
        self._keep_seconds = keep_seconds
        self._redis = redis
        self._owner = owner
        self._claim = load(redis, "claim")
        self._sent = load(redis, "sent")
        self._release = load(redis, "release_claim")
        self._finish = load(redis, "finish")

    def claim(self, action_id: str, *, joins: bool = False) -> Claim | str:
        """Claim an action before anything else; or why not.

        `final`, `busy` (another worker is at it), `paused`, `behind` (an action of an earlier event has its turn first)
        or `gathering` (it waits for others that are alike); with `joins` it is one of these others.
        """
        key = _key(action_id)
        forum = self._redis.hget(key, "forum") or ""
        keys = [key, DUE, PAUSED, PROGRESS]
        verdict, fence, before, _, *known = self._claim(
            keys=keys,
            args=[
                *(action_id, self._owner, int(LEASE_SECONDS * 1000), forum, ALIVE_MS),
                *(0 if joins else AT_ONCE, GATHERING_MS),
            ],
        )
        if verdict != "mine":
            return str(verdict)
        fields = cast("dict[str, str]", self._redis.hgetall(key))
        return Claim(
            id=action_id,
            fence=int(fence),
            forum=fields["forum"],
            event=fields["event"],
            lane=fields["lane"],
            action=PlannedAction.model_validate_json(fields["action"]),
            attempt=int(fields["attempt"]),
            planned_at=float(fields["planned_at"]) / 1000,
            maybe_sent=before == "sent",
            first_sent_at=float(fields.get("first_sent_at") or 0),
            last_sent_at=float(fields.get("last_sent_at") or 0),
            claimed_at=float(fields["lease"]) / 1000 - LEASE_SECONDS,
            received_at=float(fields.get("received_at") or float(fields["planned_at"]) / 1000),
            apart=fields.get("apart"),
            seen_at=float(fields.get("seen_at") or float(fields["planned_at"]) / 1000),
            stands=known[0],
            news=bool(known[1]),
            alike=fields.get("alike"),
            trace=fields.get("trace", ""),
        )

    def claim_alike(self, claim: Claim, most: int) -> list[Claim]:
        """Claim others, `most` at the most, that the claimed action's call can carry out too; the oldest first."""
        popped = cast("list[tuple[str, float]]", self._redis.zpopmin(f"modbot:alike:{claim.alike}", most))
        claims = [self.claim(id_, joins=True) for id_, _ in popped if id_ != claim.id]
        return [one for one in claims if isinstance(one, Claim)]

    def sent(self, *claims: Claim) -> None:
        """Note that the request for these leaves now. Raises ClaimLost if one of the claims is no longer ours."""
        for claim in claims:
            if not self._sent(keys=[_key(claim.id)], args=[claim.fence]):
                raise ClaimLost(claim.id)

    def give_back(
        self, claim: Claim, seconds: float, error: str, *, sent: bool | None, alone: bool = False, tried: bool = True
    ) -> None:
        """Let the action be tried again later; `sent` says whether a try may have reached the forum, None as noted.

        `alone`: not with others that are alike; `tried`: this was a try, and counts as one.
        """
        state = {True: "sent", False: "planned", None: "as_is"}[sent]
        self._release(
            keys=[_key(claim.id), DUE],
            args=[claim.id, claim.fence, state, int(seconds * 1000), error, int(alone), int(tried)],
        )

    def finish(self, claim: Claim, outcome: str, error: str = "", cause: str = "permanent_error") -> Ended | None:
        """Write the outcome, and start, move or end the timer that it asks for; `cause` is for a dead letter.

        Returns the event's end if this was its last action.
        """
        timer = timer_after(claim.forum, claim.id, claim.action, outcome, maybe_sent=claim.maybe_sent)
        keys = [_key(claim.id), DUE, DEAD, timer.key if timer else ""]
        args = [
            claim.id,
            claim.fence,
            outcome,
            error,
            self._keep_seconds,
            *(_timed(claim, timer) if timer else (cause,)),
        ]
        answer = self._finish(keys=keys, args=args)
        return Ended(answer[1], answer[2] / 1000) if len(answer) == 3 else None  # noqa: PLR2004 - see finish.lua


def _timed(claim: Claim, timer: Timer) -> list[str | float]:
    """A timer as finish.lua takes it."""
    if timer.undo is None:
        return [timer.group, timer.step]
    fields = {"event": claim.event, "forum": claim.forum, "lane": claim.lane, "apart": "timer"}
    record = json.dumps(fields | settings_of(timer.undo) | {"action": timer.undo.model_dump_json()})
    return [timer.group, timer.step, timer.id, record, int(timer.seconds)]


def mark_alive(redis: Redis, owner: str) -> None:
    """Say that this worker process runs, so that its claims stand."""
    redis.set(f"modbot:alive:{owner}", 1, px=ALIVE_MS)


def action_id(forum: str, happening: str, event: Event, action: PlannedAction) -> str:
    """The identity of an effect: doing it a second time under the same id is impossible.

    States are set once per happening, rule, slot and target; what writes to people goes out once per item and rule,
    however many events (edits, redeliveries) ask for it (rule-language.md, 6.8).
    """
    if ACTIONS[action.action].repeat is RepeatClass.ONCE:
        parts = [forum, "once", *item(event), action.rule, action.action]
    else:
        parts = [
            forum,
            happening_of(event, happening),
            action.rule,
            action.slot,
            action.target.kind,
            str(action.target.id),
        ]
    return sha256(json.dumps(parts).encode()).hexdigest()[:32]


def item(event: Event) -> tuple[str, str]:
    """The item an event is about: its kind and id. A topic and its first post are one item, known by the post."""
    post, topic, conversation = event.post, event.topic, event.conversation
    if conversation and conversation.message_id:
        return "message", str(conversation.message_id)
    post_id = (post and post.post_id) or (topic and topic.first_post_id)
    if post_id:
        return "post", str(post_id)
    if topic and topic.topic_id:
        return "topic", str(topic.topic_id)
    return "user", str(event.author.user_id if event.author else "")


def _key(action_id: str) -> str:
    return f"modbot:action:{action_id}"

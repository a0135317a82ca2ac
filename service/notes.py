"""Notes to the moderators: the first arrives at once, those of the next five minutes in one digest.

So a raid is not a flood of notes (rule-language.md, 6.5), and costs two calls. A digest is an action like any other:
claimed, limited, tried again. Imported by `workers` and tests.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import cast

from redis import Redis

from rules.actions.people import NotifyModerators
from rules.decision import PlannedAction
from service.kept import DUE
from service.ledger import FINAL_SECONDS, Claim
from service.scripts import load

GATHERING_SECONDS = 300
MOST_NOTES = 1000
"""Notes whose texts a digest keeps; the others are counted."""

MOST_TEXTS = 40
"""Different texts that a digest shows."""

MOST_CHARACTERS = 20_000


class Notes:
    """The notes of every forum."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._gather = load(redis, "gather")

    def gather(self, claim: Claim) -> bool:
        """Put the claimed note into the forum's digest; False if it is the first, to be sent by itself."""
        note = json.dumps([claim.action.rule, str(claim.action.options["text"])])
        digest = claim.action.model_copy(update={"options": {"text": ""}, "also": (), "reason": "digest"})
        fields = {"event": claim.event, "forum": claim.forum, "lane": claim.lane, "apart": "digest"}
        record = json.dumps(fields | {"action": digest.model_dump_json()})
        return bool(
            self._gather(
                keys=[f"modbot:action:{claim.id}", DUE, _key(claim.forum)],
                args=[GATHERING_SECONDS * 1000, _digest_id(claim.id), record, note, MOST_NOTES, FINAL_SECONDS],
            )
        )

    def digest(self, claim: Claim) -> PlannedAction:
        """The claimed digest with its text. The next notes are gathered from now on."""
        record = f"modbot:action:{claim.id}"
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(_key(claim.forum), "until", int(claim.claimed_at * 1000) + GATHERING_SECONDS * 1000)
            pipe.hdel(_key(claim.forum), "digest")
            pipe.pexpire(_key(claim.forum), GATHERING_SECONDS * 1000)
            pipe.hget(record, "notes")
            pipe.lrange(f"{record}:notes", 0, -1)
            *_, number, rows = pipe.execute()
        notes = [tuple(json.loads(row)) for row in cast("list[str]", rows)]
        return claim.action.model_copy(update={"options": {"text": _text(notes, int(number))}})


def is_note(action: PlannedAction) -> bool:
    """Whether the action tells the moderators something."""
    return action.action == NotifyModerators.word


def _text(notes: list[tuple[str, str]], number: int) -> str:
    """The digest: how many notes, then their texts, equal ones once, as many as are fit to be read."""
    head = f"{number} note{'' if number == 1 else 's'} of the last {GATHERING_SECONDS // 60} minutes"
    shown = list(_fitting(Counter(text for _, text in notes)))
    told = sum(times for _, times in shown)
    lines = [text if times == 1 else f"{text} ({times} times)" for text, times in shown]
    more = [f"and {number - told} more; all are in: modbot log --action notify_moderators"] if told < number else []
    return "\n\n".join([head, *lines, *more])


def _fitting(texts: Counter[str]) -> Iterator[tuple[str, int]]:
    left = MOST_CHARACTERS
    for text, times in list(texts.items())[:MOST_TEXTS]:
        left -= len(text)
        if left < 0:
            return
        yield text, times


def _digest_id(note: str) -> str:
    return sha256(f"digest since {note}".encode()).hexdigest()[:32]


def _key(forum: str) -> str:
    return f"modbot:notes:{forum}"

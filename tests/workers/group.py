"""Groups of events put before the evaluate job, on a real Redis and without a forum: for tests of what a group costs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from redis import Redis

from rules.event import Event
from service.configuration import read
from service.enqueue import Arrival, arguments
from service.kept import DUE
from service.scripts import call, teach, transact
from workers.context import Context
from workers.worker import open_context

number = count(1)


def context_of(redis_url: str, folder: Path, rules: str, **forum: Any) -> Context:
    """What a worker under these rules works with, as it is just after its start."""
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    main = {
        "platform": "websitetoolbox",
        "api_key": "key-of-the-group",
        "bot_user": {"id": 77, "username": "modbot"},
        "webhook": {"token": "token-of-the-group"},
        "notify": {"users": ["ann"]},
        "rules": ["rules.yaml"],
    }
    path = folder / "modbot.yaml"
    path.write_text(json.dumps({"forums": {"main": main | forum}}), encoding="utf-8")
    return open_context(read(path, {"MODBOT_REDIS_URL": redis_url}), "the test", lambda _: False)


def stored(redis: Redis, events: Sequence[Event], *, signed: Sequence[bool] | None = None) -> list[str]:
    """Have events taken in, as the edge does, but for the jobs; returns their ids."""
    teach(redis)
    arrivals, ids = [], [event.id or f"event{next(number)}" for event in events]
    for place, (id_, event) in enumerate(zip(ids, events, strict=True)):
        fields = {
            "forum": "main",
            "signed": str(int(signed[place] if signed else True)),
            "received_at": repr(event.at),
            "state": "queued",
            "event": event.model_dump_json(by_alias=True, exclude_none=True),
            "happening": id_,
        }
        arrivals.append(Arrival(id_, f"modbot:seen:main:{id_}", "", fields))
    transact(redis, ["accept"], lambda pipe: call(pipe, "accept", [DUE], arguments(arrivals)))
    return ids


def what_became_of(redis: Redis, ids: Sequence[str]) -> list[dict[str, str | None]]:
    """Of each event: its state, what was decided, planned or asked for, and why it ended."""
    names = ("state", "decision", "actions", "needs", "reason", "error")
    return [dict(zip(names, redis.hmget(f"modbot:event:{id_}", names), strict=True)) for id_ in ids]

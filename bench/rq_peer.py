"""RQ's own workers with the same decision, one job an event: what one would write first. Started by `bench.drain`.

`python -m bench.rq_peer stock|simple URL` drains the queue once. Rules and platform are loaded before the first job, so
that the stock worker's children have them too.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

from redis import Redis
from rq import Queue, SimpleWorker, Worker
from rq.serializers import JSONSerializer

from rules.decide import decide
from rules.facts import Facts
from rules.ruleset import Ruleset, load
from service.forums import PLATFORMS
from service.forums.platform import load as load_now

QUEUE = "peer"
PLATFORM = PLATFORMS["websitetoolbox"]
ARGUMENTS = ("name", "body", "received_at", "facts")
"""What a job is given: fields of the record that modbot's edge would have written."""

PACK = Path("rules/packs/starter")
WORKERS: dict[str, Any] = {"stock": Worker, "simple": SimpleWorker}


@cache
def _rules() -> Ruleset:
    return load([PACK])


def decide_one(name: str, body: str, received_at: str, facts: str) -> str:
    """Decide on the event of one webhook; answers with the decision as JSON."""
    event = PLATFORM.read(name, body.encode(), float(received_at))
    return decide(_rules(), event, Facts.model_validate_json(facts)).model_dump_json()


def enqueue(redis: Redis, records: list[dict[str, str]]) -> None:
    """Queue a job for each event."""
    queue = Queue(QUEUE, connection=redis, serializer=JSONSerializer)
    queue.enqueue_many(
        [Queue.prepare_data(decide_one, args=[one[name] for name in ARGUMENTS], result_ttl=0) for one in records]
    )


def main(kind: str, url: str) -> None:
    """Drain the queue with RQ's worker of this kind, forking or not."""
    _rules()
    load_now(PLATFORM.read)
    worker = WORKERS[kind](
        [Queue(QUEUE, connection=Redis.from_url(url), serializer=JSONSerializer)],
        connection=Redis.from_url(url),
        serializer=JSONSerializer,
        log_job_description=False,
    )
    worker.work(burst=True, logging_level="WARNING")


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.exit(0)

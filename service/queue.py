"""The queues: names, the only functions that may run, and how a job is pushed.

RQ wakes workers up; the truth is in our records (`service.store`, `service.ledger`), so a job that is lost, doubled or
out of date does no harm. Jobs are JSON, their functions come from an allow-list, callbacks are refused
(queue-and-limits.md, A3 and E). Imported by `service` and `workers`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from redis import Redis
from rq import Queue as RQQueue
from rq import Retry
from rq.job import Job as RQJob
from rq.serializers import JSONSerializer

from service.scripts import load

EVALUATE: Final = "evaluate"
URGENT: Final = "urgent"
BULK: Final = "bulk"
QUEUES: Final = (EVALUATE, URGENT, BULK)
"""Roles, queues and lanes share their names."""

FUNCTIONS: Final = {
    "event": "workers.evaluate.evaluate",
    "lookup": "workers.lookup.look_up",
    "action": "workers.act.act",
    "heartbeat": "workers.heartbeat.beat",
}
"""What a job may run, by the kind of thing it is about. Enqueued by dotted name; a test resolves each."""

JOB_TIMEOUT_SECONDS = 30
FAILURE_TTL_SECONDS = 24 * 3600
RETRIES = 1
"""RQ's own tries of a job that failed. Our sweeper brings back whatever is not final (A5)."""


class JobRefused(Exception):
    """A job names a function that is not on the list, or carries a callback."""


class Job(RQJob):
    """An RQ job that imports nothing: its function is looked up in `bound`, which the worker fills at its start."""

    bound: ClassVar[dict[str, Callable[..., str | None]]] = {}

    @property
    def func(self) -> Callable[..., str | None]:
        """The function to run. Raises JobRefused for any other than ours."""
        if self._success_callback_name or self._failure_callback_name or self._stopped_callback_name:
            raise JobRefused("a job of modbot has no callbacks")
        name = self.func_name
        if name not in FUNCTIONS.values() or name is None or self.instance:
            raise JobRefused("the job's function is not one of modbot's")
        return self.bound[name]

    @property
    def success_callback(self) -> None:
        """None: RQ would import it by name."""

    @property
    def failure_callback(self) -> None:
        """None: RQ would import it by name when a job fails, and a job that is refused fails."""

    @property
    def stopped_callback(self) -> None:
        """None: RQ would import it by name."""

    def send_webhooks(self, *_: object, **__: object) -> None:
        """Send none: whoever can write to Redis would have workers call any address."""

    @property
    def answer(self) -> str | None:
        """Why the job that was just performed had nothing to do; None if it had."""
        return self._result


class Queue(RQQueue):
    """An RQ queue of our jobs; asks the server for nothing when a job is made."""

    def get_redis_server_version(self) -> tuple[int, int, int]:
        """The oldest server that modbot supports; RQ needs no more to push a job."""
        return (6, 2, 0)


def open_queue(name: str, connection: Redis) -> Queue:
    """The queue of this name on a connection that returns bytes."""
    return Queue(name, connection=connection, job_class=Job, serializer=JSONSerializer)


class Pusher:
    """Pushes jobs as part of a transaction that the caller executes; itself it never talks to Redis."""

    def __init__(self) -> None:
        self._unused = Redis()  # never connects: every command goes to the caller's pipeline
        self._queues = {name: open_queue(name, self._unused) for name in QUEUES}

    def commands(self, queue: str, kind: str, *args: Any) -> list[Sequence[Any]]:
        """What RQ sends to queue such a job, for a script to carry out."""
        pipeline = self._unused.pipeline()
        self.push(pipeline, queue, kind, *args)
        return [command for command, _ in pipeline.command_stack]

    def push(self, pipeline: Any, queue: str, kind: str, *args: Any, front: bool = False) -> None:
        """Queue the job of this kind on a pipeline, of redis or redis.asyncio; `front`: before all that waits."""
        job = RQQueue.prepare_data(
            FUNCTIONS[kind],
            args=args,
            timeout=JOB_TIMEOUT_SECONDS,
            result_ttl=0,
            failure_ttl=FAILURE_TTL_SECONDS,
            retry=Retry(max=RETRIES),
            description=_described(kind, args),
            at_front=front,
        )
        self._queues[queue].enqueue_many([job], pipeline=pipeline)


def _described(kind: str, args: tuple[Any, ...]) -> str:
    """What a job is about, for people who look at the queue and for along.lua: `event` and the ids, for one."""
    ids = (id_ for arg in args for id_ in (arg if isinstance(arg, list) else [arg]))
    return " ".join([kind, *map(str, ids)])


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that was taken out of the queue: the ids of its events, and how many seconds it had waited."""

    ids: list[str]
    waited: float


class Backlog:
    """The jobs that wait in the evaluate queue.

    RQ needs some twenty round trips for a job, and an event that came alone has one of its own. So a job that runs
    takes along what waits behind it.
    """

    def __init__(self, redis: Redis) -> None:
        self._take = load(redis, "along")

    def take(self, most: int) -> list[Taken]:
        """Take jobs with `most` events together out of the queue, the oldest first; whoever does must do their work."""
        rows = self._take(keys=[f"rq:queue:{EVALUATE}"], args=[most])
        return [Taken(ids.split(), _seconds_since(at)) for at, ids in zip(rows[::2], rows[1::2], strict=True)]


def _seconds_since(written: str) -> float:
    at = datetime.fromisoformat(written) if written else datetime.now(UTC)
    return max(0.0, (datetime.now(UTC) - at).total_seconds())

"""A worker process: one role, one queue, one long life. Non-forking, so connections and compiled rules stay warm.

Started as `python -m workers`. The traps this avoids are listed in queue-and-limits.md, section E.
"""

from __future__ import annotations

import gc
import logging
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from rq import SimpleWorker
from rq.exceptions import AbandonedJobError
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException

from service import metrics
from service.configuration import Configuration
from service.connections import connect, connect_rq
from service.footprints import Footprints
from service.forums.platform import load
from service.heartbeat import Heartbeats
from service.held import HeldItems
from service.ledger import Ledger, mark_alive
from service.notes import Notes
from service.queue import EVALUATE, FUNCTIONS, Backlog, Job, JobRefused, Pusher, Queue, open_queue
from service.retention import Retention, keep_seconds
from service.scripts import teach
from service.settings import Settings
from service.standing import Standings
from service.store import EventStore
from service.timers import Timers
from service.wiring import Forums
from workers.act import act
from workers.context import Context
from workers.evaluate import evaluate
from workers.facts import FactCache
from workers.heartbeat import beat
from workers.live_rules import LiveRules
from workers.lookup import look_up
from workers.recover import Sweeper
from workers.recycling import Recycling
from workers.state import RedisState
from workers.warming import Warming

log = logging.getLogger(__name__)

MAINTENANCE_SECONDS = 20
WORKER_TTL_SECONDS = 35
"""RQ's blocking pop lasts this long less 15 s, and an idle worker looks after the queue only in between (E2)."""

REDIS_AWAY_SECONDS = 1.0
"""After Redis trouble the same process enters its loop again."""

JOBS: dict[str, Callable[..., str | None]] = {"event": evaluate, "lookup": look_up, "action": act, "heartbeat": beat}


class RoleWorker(SimpleWorker):
    """RQ's in-process worker: counts jobs, ends waits inside a job when it is told to stop, and ends when it must."""

    def __init__(
        self, queue: Queue, name: str, stop: threading.Event, why_end: Callable[[], str | None] = lambda: None
    ) -> None:
        """`why_end` says after each job whether it was the last, and why."""
        super().__init__(
            [queue],
            name=name,
            connection=queue.connection,
            job_class=Job,
            queue_class=Queue,
            serializer=JSONSerializer,
            maintenance_interval=MAINTENANCE_SECONDS,
            worker_ttl=WORKER_TTL_SECONDS,
            log_job_description=False,
        )
        self._stop_waiting = stop
        self._why_end = why_end
        self.push_exc_handler(self.count_failure)  # type: ignore[no-untyped-call]
        self.last_loop = time.monotonic()

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """First signal: finish the running job; a wait for a permit ends early and its job is given back."""
        self._stop_waiting.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def request_force_stop(self, _signum: int, _frame: FrameType | None) -> None:
        """Second signal: end now. The job is cut off where it is, and the sweeper brings back what it was about."""
        log.warning("cut off by a second signal")
        raise SystemExit

    def _install_signal_handlers(self) -> None:
        """A signal that came while RQ was getting ready was heard by the process alone: RQ is told of it now."""
        super()._install_signal_handlers()  # type: ignore[no-untyped-call]
        self._stop_requested = self._stop_waiting.is_set()

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """RQ calls this each round of its loop: the process is alive."""
        self.last_loop = time.monotonic()
        super().heartbeat(*args, **kwargs)

    def perform_job(self, job: Any, queue: Any, execution: Any) -> bool:
        """Run one job and count it."""
        if job.enqueued_at:
            metrics.job_queue_wait.labels(queue.name).observe(max(0.0, time.time() - job.enqueued_at.timestamp()))
        with metrics.job_duration.labels(queue.name).time():
            done: bool = super().perform_job(job, queue, execution)
        if done:
            metrics.jobs.labels(queue.name, "skipped" if job.answer else "ok").inc()
        if why := self._why_end():
            log.info("the worker ends and is to be started afresh: %s", why)
            self._stop_waiting.set()
            self._stop_requested = True
        return done

    def handle_exception(self, job: Any, *exc_info: Any) -> None:
        """RQ logs the traceback of a job that failed; what we mean to happen is told in a line."""
        kind, error, *_ = exc_info
        if kind not in (SystemExit, JobRefused):
            super().handle_exception(job, *exc_info)
            return
        if kind is JobRefused:
            log.error("job refused: %s", error, extra={"queue": job.origin})
        self.count_failure(job, kind)

    def count_failure(self, job: Any, kind: type[BaseException], *_: Any) -> None:
        """Count a job that ended in an exception, or whose worker died (RQ calls this for both)."""
        by_kind: dict[type[BaseException], str] = {JobTimeoutException: "timeout", AbandonedJobError: "abandoned"}
        metrics.jobs.labels(job.origin, by_kind.get(kind) or ("retried" if job.should_retry else "failed")).inc()


def open_context(configuration: Configuration, owner: str, sleep: Callable[[float], bool]) -> Context:
    """Open everything that jobs need. Raises RulesInvalid."""
    settings = configuration.settings
    redis, keep = connect(settings.redis_url.get_secret_value()), keep_seconds(settings.retention)
    standings = Standings(redis)
    return Context(
        backlog=Backlog(redis),
        store=EventStore(redis, Pusher(), keep),
        ledger=Ledger(redis, owner, keep),
        forums=Forums(settings, redis, sleep),
        rules=LiveRules(settings, configuration.folder, standings),
        standings=standings,
        facts=FactCache(redis),
        footprints=Footprints(redis),
        heartbeats=Heartbeats(redis, Pusher()),
        held=HeldItems(redis),
        timers=Timers(redis),
        notes=Notes(redis),
        warming=Warming(redis),
        state=partial(RedisState, redis),
    )


def bind(context: Context) -> None:
    """Give the allowed job functions what they work with."""
    Job.bound = {FUNCTIONS[kind]: partial(job, context) for kind, job in JOBS.items()}


def _load_platforms(settings: Settings, role: str) -> None:
    """Load what the role's jobs need of the platforms: inside the first of them it would cost that job's time."""
    for platform in (section.on for section in settings.forums.values()):
        load(platform.read)
        if role != EVALUATE:
            load(platform.connect, platform.headers, platform.judge)


class Process:
    """One worker process of one role, with its sweeper."""

    def __init__(self, configuration: Configuration, role: str) -> None:
        self._stop = threading.Event()
        self._name = f"{role}-{socket.gethostname()}-{uuid.uuid4().hex[:8]}"
        self._settings = configuration.settings
        self._url = self._settings.redis_url.get_secret_value()
        self._redis = connect(self._url)
        self._role = role
        self._recycling = Recycling(self._settings.worker_memory_mb)
        self._worker: RoleWorker | None = None
        bind(open_context(configuration, self._name, self._stop.wait))
        _load_platforms(self._settings, role)
        gc.freeze()  # modules and compiled rules stay: a tenth of an evaluate worker's time went into looking them over

    def run(self) -> None:
        """Work until a signal says stop. Redis trouble ends RQ's loop, not the process."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)
        redis = connect(self._url)
        sweeper = Sweeper(redis, Pusher(), self._name, Retention(redis, self._settings.retention))
        ended = threading.Event()  # not `stop`: while the last job is finished, its claim must stand
        thread = threading.Thread(target=sweeper.run, args=[ended], name="sweeper", daemon=True)
        thread.start()
        while not self._stop.is_set():
            self._work()
        ended.set()
        thread.join(timeout=5)

    def idle_seconds(self) -> float:
        """How long ago the loop last went round."""
        return time.monotonic() - self._worker.last_loop if self._worker else 0.0

    def _request_stop(self, _signum: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _work(self) -> None:
        try:
            teach(self._redis)
            mark_alive(self._redis, self._name)
            queue = open_queue(self._role, connect_rq(self._url))
            self._worker = RoleWorker(queue, f"{self._name}-{uuid.uuid4().hex[:4]}", self._stop, self._recycling.why)
            self._worker.work(logging_level=None)
        except Exception as error:  # noqa: BLE001 - whatever ended RQ's loop, the process goes on
            log.warning("the work loop ended and starts again: %s", error)
        self._stop.wait(REDIS_AWAY_SECONDS)

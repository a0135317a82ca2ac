"""The worker's loop: it ends when it is told to, whenever that is."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest
from redis import Redis

from service.connections import connect_rq
from service.queue import URGENT, open_queue
from workers.worker import RoleWorker


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """The signals' handlers as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_signal_that_came_before_the_loop_was_ready_ends_it(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(*_: object) -> None:
        pytest.fail("it waits for jobs although it was told to stop")

    stop = threading.Event()
    worker = RoleWorker(open_queue(URGENT, connect_rq(redis_url)), "early", stop)
    monkeypatch.setattr(worker, "dequeue_job_and_maintain_ttl", wait)
    stop.set()
    worker.work(logging_level=None)
    assert not redis.smembers("rq:workers")

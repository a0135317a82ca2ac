"""Jobs that somebody else put on the queue: a real worker runs none of them, nor their callbacks, and works on."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue as RQQueue
from rq import Retry
from rq.job import Callback
from rq.job import Job as RQJob
from rq.serializers import JSONSerializer
from rq.webhook import Webhook

from service.connections import connect_rq
from service.queue import EVALUATE, FUNCTIONS
from service.supervisor import Child, wait_until
from tests.processes.life import configured, post, ready, silent_forum, worker

pytestmark = pytest.mark.processes


@dataclass
class Yard:
    """An evaluate worker, and where a job that should not run would leave its mark."""

    folder: Path
    redis: Redis
    queue: RQQueue
    child: Child
    done: int = 0

    @property
    def mark(self) -> Path:
        return self.folder / "owned"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    def works_on(self) -> bool:
        """Whether the worker does its own work after all that is on the queue now."""
        self.done += 1
        id_ = post(self.redis, self.done, "quiet")
        return wait_until(lambda: self.redis.hget(f"modbot:event:{id_}", "state") == "done", 20)


@pytest.fixture
def yard(redis: Redis, redis_url: str, tmp_path: Path) -> Iterator[Yard]:
    found = configured(tmp_path, "http://127.0.0.1:1")
    child = worker(found, EVALUATE, redis_url, tmp_path / "log")
    child.start()
    queue = RQQueue(EVALUATE, connection=connect_rq(redis_url), serializer=JSONSerializer)
    try:
        assert ready(redis)
        yield Yard(tmp_path, redis, queue, child)
        assert child.is_running()
    finally:
        child.stop(10)
        assert child.output
        child.output.close()


@pytest.mark.parametrize(
    "function",
    [
        "os.system",
        "subprocess.getoutput",
        "builtins.eval",
        "workers.act.act.__globals__",
        "tests.processes.life.post",
        "service.queue.Job",
        "",
    ],
)
def test_a_job_of_another_function_does_not_run(yard: Yard, function: str) -> None:
    yard.queue.enqueue(function or "x", f"touch {yard.mark}", retry=Retry(max=2))
    assert yard.works_on()
    assert not yard.mark.exists()
    assert "job refused: the job's function is not one of modbot's" in yard.log
    assert "Traceback" not in yard.log


@pytest.mark.parametrize("which", ["on_success", "on_failure", "on_stopped"])
def test_a_job_with_a_callback_does_not_run_and_nor_does_the_callback(yard: Yard, which: str) -> None:
    callback: dict[str, Any] = {which: Callback("tests.processes.test_hostile_jobs.leave_a_mark")}
    yard.queue.enqueue(FUNCTIONS["event"], [], description=str(yard.mark), **callback)
    assert yard.works_on()
    assert not yard.mark.exists()
    assert "job refused: a job of modbot has no callbacks" in yard.log


def leave_a_mark(job: RQJob, *_: Any) -> None:
    """What a callback would do: the test that this works is below."""
    Path(str(job.description)).touch()


def test_the_callback_would_leave_its_mark_with_a_plain_worker(yard: Yard) -> None:
    from rq import SimpleWorker

    plain = RQQueue("plain", connection=yard.queue.connection, serializer=JSONSerializer)
    call = Callback("tests.processes.test_hostile_jobs.leave_a_mark")
    plain.enqueue("builtins.len", [], description=str(yard.mark), on_success=call)
    SimpleWorker([plain], connection=plain.connection, serializer=JSONSerializer).work(burst=True)
    assert yard.mark.exists()


def test_a_job_that_names_an_address_calls_nobody(yard: Yard) -> None:
    with silent_forum() as elsewhere:
        webhooks = [Webhook(f"{elsewhere.url}/x", how) for how in ("finished", "failed")]
        yard.queue.enqueue(FUNCTIONS["event"], [], webhooks=webhooks)
        yard.queue.enqueue("os.system", "x", webhooks=webhooks)
        assert yard.works_on()
        assert elsewhere.requests == 0


class Payload:
    """Runs code where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def test_a_pickle_is_not_opened(yard: Yard) -> None:
    job = yard.queue.enqueue(FUNCTIONS["event"], [], at_front=True)
    for data in (pickle.dumps(Payload(yard.mark)), b"\x80\x04not a pickle", b"[1", b"", b"\xff\xfe"):
        yard.queue.connection.hset(job.key, "data", data)
        yard.queue.push_job_id(job.id)
        assert yard.works_on()
    assert not yard.mark.exists()


def test_a_job_about_nothing_that_there_is_does_no_harm(yard: Yard) -> None:
    for arguments in ([["no-such-event"]], [], [None], [{"a": 1}], [["e1", "../../x"]], ["x" * 10_000]):
        yard.queue.enqueue(FUNCTIONS["event"], *arguments)
    yard.queue.push_job_id("no-such-job")
    assert yard.works_on()

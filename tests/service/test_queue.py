"""The queues: what may run, and that every name that is enqueued exists."""

from __future__ import annotations

import subprocess
from importlib import import_module

import pytest
from redis import Redis
from rq.job import Callback

from service.connections import connect_rq
from service.queue import EVALUATE, FUNCTIONS, Job, JobRefused, Pusher, open_queue


def test_every_function_that_is_enqueued_by_name_exists() -> None:
    for name in FUNCTIONS.values():
        module, _, function = name.rpartition(".")
        assert callable(getattr(import_module(module), function))


def pushed(redis: Redis, url: str) -> Job:
    with redis.pipeline() as pipe:
        Pusher().push(pipe, EVALUATE, "event", ["e1"])
        pipe.execute()
    queue = open_queue(EVALUATE, connect_rq(url))
    job = queue.fetch_job(queue.get_job_ids()[0])
    assert isinstance(job, Job)
    return job


def test_a_job_is_json_has_retries_and_leaves_nothing_behind(redis: Redis, redis_url: str) -> None:
    job = pushed(redis, redis_url)
    assert (job.func_name, job.args, job.retries_left, job.result_ttl) == ("workers.evaluate.evaluate", [["e1"]], 1, 0)


def test_a_job_runs_what_the_worker_bound_and_nothing_else(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(Job, "bound", {FUNCTIONS["event"]: seen.append})
    job = pushed(redis, redis_url)
    job.perform()
    assert seen == [["e1"]]


@pytest.mark.parametrize(
    "function", ["subprocess.getoutput", "os.system", "workers.act.act.__globals__", "builtins.eval"]
)
def test_a_job_that_names_another_function_is_refused(redis_url: str, redis: Redis, function: str) -> None:
    queue = open_queue(EVALUATE, connect_rq(redis_url))
    job = queue.enqueue(function, "touch /tmp/owned")
    with pytest.raises(JobRefused, match="not one of modbot's"):
        _ = job.func


def test_a_job_with_a_callback_is_refused(redis_url: str, redis: Redis) -> None:
    queue = open_queue(EVALUATE, connect_rq(redis_url))
    job = queue.enqueue(FUNCTIONS["event"], ["e1"], on_success=Callback(subprocess.getoutput))
    with pytest.raises(JobRefused, match="no callbacks"):
        _ = job.func

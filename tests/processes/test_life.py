"""How processes end: one SIGTERM drains, a second is quick, memory ends a worker in time; and nothing is lost by it."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from redis import Redis

from service.kept import DUE
from service.limiter import account_key
from service.queue import BULK, EVALUATE, URGENT, Pusher
from service.supervisor import Child, Supervisor, wait_until
from tests.ports import free_run
from tests.processes.life import (
    SilentForum,
    actions,
    configured,
    ends_within,
    patched_worker,
    post,
    ready,
    silent_forum,
    worker,
)
from tests.service.site import Site

pytestmark = pytest.mark.processes


@pytest.fixture
def forum() -> Iterator[SilentForum]:
    with silent_forum() as one:
        yield one


@contextlib.contextmanager
def running(*children: Child) -> Iterator[None]:
    """These children run; all are gone afterwards."""
    try:
        for child in children:
            child.start()
        yield
    finally:
        for child in children:
            child.kill()
            child.wait(5)
            if child.output:
                child.output.close()


def open_action(redis: Redis) -> dict[str, str]:
    (one,) = actions(redis).values()
    return one


def still_due(redis: Redis) -> set[str]:
    return {item.split(":")[0] for item in redis.zrange(DUE, 0, -1)}


def test_a_worker_that_hangs_in_a_call_finishes_it_on_one_signal_and_is_gone_at_once_on_two(
    redis: Redis, redis_url: str, tmp_path: Path, forum: SilentForum
) -> None:
    found = configured(tmp_path, forum.url)
    both = [worker(found, role, redis_url, tmp_path / "log") for role in (EVALUATE, URGENT)]
    with running(*both):
        assert ready(redis, 2)
        post(redis, 1)
        assert wait_until(lambda: forum.requests == 1, 20)
        evaluate, urgent = both
        evaluate.terminate()
        ends_within(evaluate, 3)
        urgent.terminate()
        time.sleep(1.5)
        assert urgent.is_running(), "it waits for the answer"
        urgent.terminate()
        ends_within(urgent, 3)
    assert [child.exit_status() for child in both] == [0, 0]
    assert open_action(redis)["state"] == "sent"
    assert still_due(redis) == {"action"}, "the sweeper brings it back"


def test_two_signals_in_the_same_moment_are_two(
    redis: Redis, redis_url: str, tmp_path: Path, forum: SilentForum
) -> None:
    found = configured(tmp_path, forum.url)
    both = [worker(found, role, redis_url, tmp_path / "log") for role in (EVALUATE, URGENT)]
    with running(*both):
        assert ready(redis, 2)
        post(redis, 1)
        assert wait_until(lambda: forum.requests == 1, 20)
        both[1].terminate()
        time.sleep(0.2)
        both[1].terminate()
        ends_within(both[1], 3)
        assert still_due(redis) == {"action"}


def test_a_worker_that_waits_for_a_permit_gives_its_job_back_on_one_signal(
    redis: Redis, redis_url: str, tmp_path: Path, forum: SilentForum
) -> None:
    found = configured(tmp_path, forum.url)
    both = [worker(found, role, redis_url, tmp_path / "log") for role in (EVALUATE, URGENT)]
    with running(*both):
        assert ready(redis, 2)
        hold_permits_back(redis, found.settings.forums["main"].api_key.get_secret_value(), seconds=4.8)
        post(redis, 1)
        assert wait_until(lambda: bool(actions(redis)) and open_action(redis)["state"] == "intent", 20)
        time.sleep(0.3)
        both[1].terminate()
        ends_within(both[1], 3)
    assert both[1].exit_status() == 0
    assert open_action(redis)["state"] == "planned", "nothing was sent, and it is free for another worker"
    assert forum.requests == 0
    assert still_due(redis) == {"action"}


def hold_permits_back(redis: Redis, api_key: str, seconds: float) -> None:
    now = redis.time()[0] * 1000
    redis.hset(f"modbot:limit:{{{account_key(api_key)}}}:state", "opens", now + seconds * 1000)


@contextlib.contextmanager
def program(*words: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`modbot` with these words, writing into the folder's log; gone afterwards."""
    argv = [sys.executable, "-m", "service", *words]
    with (
        (folder / "log").open("ab") as output,
        subprocess.Popen(argv, cwd=folder, stdout=output, stderr=subprocess.STDOUT) as one,
    ):
        try:
            yield one
        finally:
            one.kill()


def whole(words: tuple[str, ...], port: int) -> tuple[str, ...]:
    ports = {"up": ("--port", str(port), "--admin-port", str(port + 1)), "work": ("--admin-port", "0")}
    return (*words, *ports[words[0]])


@pytest.mark.parametrize(("words", "workers"), [(("up",), 4), (("work", "--role", "all"), 3)])
def test_the_supervisor_passes_signals_on_and_is_quick_at_the_second(
    redis: Redis, redis_url: str, tmp_path: Path, forum: SilentForum, words: tuple[str, ...], workers: int
) -> None:
    configured(tmp_path, forum.url, redis_url=redis_url)
    with program(*whole(words, free_run(6)), folder=tmp_path) as one:
        assert ready(redis, workers)
        post(redis, 1)
        assert wait_until(lambda: forum.requests == 1, 20)
        children = children_of(one.pid)
        assert len(children) >= workers
        one.send_signal(signal.SIGTERM)
        time.sleep(1)
        assert one.poll() is None, "a worker is in a call"
        one.send_signal(signal.SIGTERM)
        assert one.wait(6) == 0
        assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), 2)
    assert open_action(redis)["state"] == "sent"
    assert still_due(redis) == {"action"}
    assert "Traceback" not in (tmp_path / "log").read_text(encoding="utf-8")


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(word) for word in text.split()]


def test_the_web_process_drops_the_drain_and_slow_requests_at_the_second_signal(
    redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    configured(tmp_path, "http://127.0.0.1:1", drain_seconds=60, redis_url=redis_url)
    port = free_run(2)
    words = ("serve", "--port", str(port), "--admin-port", str(port + 1))
    with program(*words, folder=tmp_path) as one:
        assert wait_until(lambda: answers(f"http://127.0.0.1:{port + 1}/readyz"), 20)
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(HEAD + b'{"half": ')
            time.sleep(0.3)
            one.send_signal(signal.SIGTERM)
            time.sleep(1)
            assert one.poll() is None, "it still takes webhooks in"
            one.send_signal(signal.SIGTERM)
            assert one.wait(4) == 0


HEAD = b"POST /webhooks/main/token-of-the-test HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"


def answers(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(url).is_success
    return False


def test_a_worker_that_has_grown_too_big_ends_after_its_job_and_is_started_afresh(
    redis: Redis, redis_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "service.supervisor")
    found = configured(tmp_path, "http://127.0.0.1:1", worker_memory_mb=64)
    patch = "import workers.recycling\nworkers.recycling.LEAST_LIFE_SECONDS = 6\nballast = bytearray(80 * 1024 * 1024)"
    child = worker(found, EVALUATE, redis_url, tmp_path / "log", patched_worker(found, EVALUATE, patch))
    supervisor = Supervisor([child])
    with running(child):
        assert ready(redis)
        first = child.pid
        post(redis, 1, "quiet")
        assert wait_until(lambda: redis.hget("modbot:event:e1", "state") == "done", 10)
        time.sleep(0.5)
        assert child.is_running(), "not before it has lived its time"
        time.sleep(6)
        post(redis, 2, "quiet")
        supervisor.watch(lambda: child.pid != first and child.is_running())
        assert redis.hget("modbot:event:e2", "state") == "done", "it finished its job"
        post(redis, 3, "quiet")
        assert wait_until(lambda: redis.hget("modbot:event:e3", "state") == "done", 20)
    assert "over 64 (worker_memory_mb)" in (tmp_path / "log").read_text(encoding="utf-8")
    (line,) = caplog.records
    assert (line.levelname, line.message) == ("INFO", "evaluate ended with status 0, starting it again in 0 s")


def test_a_worker_within_its_memory_lives_on(redis: Redis, redis_url: str, tmp_path: Path) -> None:
    found = configured(tmp_path, "http://127.0.0.1:1")
    patch = "import workers.recycling\nworkers.recycling.LEAST_LIFE_SECONDS = 0"
    child = worker(found, BULK, redis_url, tmp_path / "log", patched_worker(found, BULK, patch))
    with running(child):
        assert ready(redis)
        with redis.pipeline(transaction=True) as pipe:
            Pusher().push(pipe, BULK, "heartbeat", BULK)
            pipe.execute()
        assert wait_until(lambda: redis.hexists("modbot:heartbeat", "finished"), 10)
        time.sleep(0.5)
        assert child.is_running()


def test_a_worker_that_is_killed_is_started_again_by_its_supervisor(
    redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    configured(tmp_path, "http://127.0.0.1:1", redis_url=redis_url)
    with program(*whole(("work", "--role", "all"), 0), folder=tmp_path) as one:
        assert ready(redis, 3)
        before = children_of(one.pid)
        os.kill(before[0], signal.SIGKILL)
        assert wait_until(lambda: len(set(children_of(one.pid)) - set(before)) == 1, 5)
        post(redis, 1, "quiet")
        assert wait_until(lambda: redis.hget("modbot:event:e1", "state") == "done", 20)
        one.send_signal(signal.SIGTERM)
        assert one.wait(20) == 0


def test_a_worker_makes_room_in_redis_while_it_works(redis: Redis, redis_url: str, tmp_path: Path) -> None:
    here = Site(redis)
    for _ in range(300):
        here.ended(size=4000)
    unfinished = here.planned()
    found = configured(tmp_path, "http://127.0.0.1:1")
    try:
        here.limit_so_that_used_is(0.75)
        child = worker(found, EVALUATE, redis_url, tmp_path / "log")
        with running(child):
            assert ready(redis)
            assert wait_until(lambda: here.used() < 0.61 * redis.info("memory")["maxmemory"], 15)
            post(redis, 1000, "quiet")
            assert wait_until(lambda: redis.hget("modbot:event:e1000", "state") == "done", 20)
    finally:
        redis.config_set("maxmemory", 0)
    assert {redis.hget(f"modbot:action:{action}", "state") for action in unfinished} == {"planned"}
    assert 0 < len(here.events()) < 302

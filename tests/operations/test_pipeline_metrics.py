"""What the pipeline tells of itself: heartbeats, how jobs end, and the shared state as a real Redis holds it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from fakeredis import FakeAsyncRedis
from redis import Redis
from redis import asyncio as redis_asyncio
from rq.exceptions import AbandonedJobError
from rq.timeouts import JobTimeoutException

from service import exposition, metrics
from service.configuration import read
from service.connections import connect_async
from service.gauges import SharedState
from service.heartbeat import GIVEN_UP_SECONDS, HEARTBEAT, Heartbeats, send_heartbeat
from service.instruments import Part
from service.intake import Intake
from service.queue import FUNCTIONS, QUEUES, Pusher
from service.settings import Settings
from tests.world import TOKEN, World
from workers import worker

Build = Callable[..., World]
QUIET = "name: quiet\nbody: nobody-says-this\nhold: true\n"


def send(w: World) -> bool:
    async def once() -> bool:
        redis = FakeAsyncRedis(server=w.server, decode_responses=True)
        sent = await send_heartbeat(redis, Pusher())
        await redis.aclose()
        return sent

    return asyncio.run(once())


def test_a_heartbeat_goes_through_all_queues_each_minute(world: Build) -> None:
    w = world(QUIET)
    assert send(w)
    before = {queue: jobs(queue, "ok") for queue in QUEUES}
    w.work()
    assert {queue: jobs(queue, "ok") - before[queue] for queue in QUEUES} == dict.fromkeys(QUEUES, 1)
    beats = w.redis.hgetall(HEARTBEAT)
    assert float(beats["finished"]) >= float(beats["enqueued"])
    assert not send(w), "one a minute, whichever web process asks"
    w.clock.advance(61)
    assert send(w)


def test_a_heartbeat_that_was_lost_is_followed_by_another(world: Build) -> None:
    w = world(QUIET)
    send(w)
    w.clock.advance(GIVEN_UP_SECONDS - 2)
    assert not send(w), "one at a time is on its way"
    w.clock.advance(4)
    assert send(w)


def test_a_heartbeat_passes_what_waits_for_the_forum(world: Build) -> None:
    w = world(QUIET)
    with w.redis.pipeline() as pipe:
        Pusher().push(pipe, "urgent", "action", "an action that waits")
        pipe.execute()
    waiting = w.redis.lindex("rq:queue:urgent", 0)
    Heartbeats(w.redis, Pusher()).pass_on("evaluate")
    assert w.redis.lrange("rq:queue:urgent", 1, -1) == [waiting]


def jobs(queue: str, outcome: str) -> float:
    return float(metrics.jobs.labels(queue, outcome)._value.get())


def raising(error: Exception) -> Callable[..., NoReturn]:
    def job(*_: Any) -> NoReturn:
        raise error

    return job


ENDINGS = [(ValueError("what nobody foresaw"), ["retried", "failed"]), (JobTimeoutException("too long"), ["timeout"])]


@pytest.mark.parametrize(("error", "outcomes"), ENDINGS)
def test_a_job_that_raises_is_counted_by_how_it_ended(
    world: Build, monkeypatch: pytest.MonkeyPatch, error: Exception, outcomes: list[str]
) -> None:
    w = world(QUIET)
    monkeypatch.setitem(worker.JOBS, "event", raising(error))
    before = {outcome: jobs("evaluate", outcome) for outcome in (*outcomes, "ok")}
    w.post("a word")
    w.work()
    assert all(jobs("evaluate", outcome) > before[outcome] for outcome in outcomes)
    assert jobs("evaluate", "ok") == before["ok"]


def test_a_job_whose_worker_died_is_abandoned(world: Build) -> None:
    w = world(QUIET)
    rq = worker.RoleWorker(worker.open_queue("bulk", w._rq), "some-worker", threading.Event())
    before = jobs("bulk", "abandoned")
    job = rq.queues[0].prepare_data(FUNCTIONS["action"], args=("x",))
    (job,) = rq.queues[0].enqueue_many([job])
    rq.count_failure(job, AbandonedJobError, AbandonedJobError(), None)
    assert jobs("bulk", "abandoned") == before + 1


def test_a_job_with_nothing_left_to_do_is_skipped(world: Build) -> None:
    w = world(QUIET)
    before = jobs("urgent", "skipped")
    with w.redis.pipeline() as pipe:
        Pusher().push(pipe, "urgent", "action", "an action that is final and forgotten")
        pipe.execute()
    w.work()
    assert jobs("urgent", "skipped") == before + 1


def test_a_request_that_ends_in_an_error_of_ours_is_counted(world: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    w = world(QUIET)
    counter = metrics.webhook_requests.labels(*metrics.UNFORESEEN)
    before = counter._value.get()
    monkeypatch.setattr(Intake, "receive", raising(RuntimeError("a mistake")))
    with pytest.raises(RuntimeError):
        w.web.post(f"/webhooks/main/{TOKEN}", content=b"{}")
    assert counter._value.get() == before + 1


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    path = tmp_path / "modbot.yaml"
    path.write_text(
        "forums: {main: {platform: websitetoolbox, api_key: k, bot_user: {id: 1, username: b}, webhook: {token: t}, rules: [r]}}",
        encoding="utf-8",
    )
    return read(path, {}).settings


def test_a_real_redis_answers_the_same(redis: Redis, redis_url: str, settings: Settings) -> None:
    """Its Lua writes an empty table otherwise than fakeredis does, and it checks what a script may do."""
    redis.zadd("modbot:dead", {"event:1": 1, "action:2": 2, "event:3": 3})
    redis.hset("modbot:event:1", mapping={"forum": "main", "cause": "rule_error"})
    redis.hset("modbot:action:2", mapping={"forum": "main", "cause": "timeout"})
    redis.hset("modbot:event:3", mapping={"forum": "a forum of former days", "cause": "malformed"})

    async def look(client: redis_asyncio.Redis) -> None:
        await send_heartbeat(client, Pusher())
        await SharedState(client, settings.forums).refresh()
        await client.aclose()

    asyncio.run(look(connect_async(redis_url)))
    page = exposition.page(Part.WEB).decode()
    for line in (
        'modbot_queue_jobs{queue="evaluate",state="queued"} 1.0',
        'modbot_dead_letters{forum="main",reason="rule_error"} 1.0',
        'modbot_dead_letters{forum="main",reason="timeout"} 1.0',
        'modbot_dead_letters{forum="",reason="malformed"} 1.0',
        'modbot_forum_daily_requests_limit{forum="main"} 20000.0',
        'modbot_workers{state="idle"} 0.0',
        "modbot_redis_up 1.0",
    ):
        assert line in page.splitlines(), line

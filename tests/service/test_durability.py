"""What Redis is asked about itself, against real servers that are set up well, badly, and close-lipped."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterator

import pytest
from redis import Redis
from starlette.testclient import TestClient

from service import readings
from service.app import admin_app
from service.connections import connect
from service.durability import Durability, Watch, look
from service.embedded import NoServer, embedded_redis

EVICTS = (
    "Redis may drop acknowledged events when it is full (maxmemory-policy allkeys-lru): set maxmemory-policy noeviction"
)
FORGETS = "Redis forgets acknowledged events when it restarts (appendonly no): set appendonly yes"
LATE = (
    "Redis may lose half a minute of acknowledged events at a power cut (appendfsync no): "
    "set appendfsync everysec, or always"
)
UNBOUNDED = (
    "; it has no memory limit: set maxmemory, or retention: memory_mb, "
    "so that old records go before its machine's memory is full"
)
REPLICA = "Redis is a replica, which takes nothing in (role slave): name its primary in redis_url"
FULL = "Redis cannot write its append-only file (aof_last_write_status err) and takes nothing in: make room on its disk"
SILENT = "Redis does not tell all its settings: see to it that it has noeviction and an append-only file"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A server with an append-only file, whose settings a test may change."""
    try:
        with embedded_redis(tmp_path_factory.mktemp("data")) as url:
            yield connect(url)
    except NoServer as none:
        pytest.skip(str(none))


SETTINGS = [
    ({"maxmemory": "64mb"}, [], 1.0, "Redis keeps what it is given; a power cut can cost 1 s (appendfsync everysec)"),
    ({}, [], 1.0, f"Redis keeps what it is given; a power cut can cost 1 s (appendfsync everysec){UNBOUNDED}"),
    (
        {"appendfsync": "always"},
        [],
        0.0,
        f"Redis keeps what it is given; a power cut can cost 0 s (appendfsync always){UNBOUNDED}",
    ),
    ({"appendfsync": "no"}, [LATE], 30.0, LATE),
    ({"maxmemory-policy": "allkeys-lru"}, [EVICTS], 1.0, EVICTS),
    ({"appendonly": "no"}, [FORGETS], math.inf, FORGETS),
    ({"appendonly": "no", "maxmemory-policy": "allkeys-lru"}, [EVICTS, FORGETS], math.inf, f"{EVICTS}; {FORGETS}"),
]


@pytest.mark.parametrize(("changed", "troubles", "loss", "line"), SETTINGS)
def test_each_trouble_is_named_with_its_remedy(
    kept: Redis, changed: dict[str, str], troubles: list[str], loss: float, line: str
) -> None:
    for name, value in {
        "appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction", "maxmemory": "0", **changed
    }.items():  # fmt: skip
        kept.config_set(name, value)
    found = look(kept)
    assert (found.troubles(), found.loss_seconds, str(found)) == (troubles, loss, line)


def test_a_replica_is_named_loudly(kept: Redis) -> None:
    kept.execute_command("REPLICAOF", "127.0.0.1", "1")
    try:
        found = look(kept)
    finally:
        kept.execute_command("REPLICAOF", "NO", "ONE")
    assert REPLICA in found.troubles()
    assert REPLICA not in look(kept).troubles()


def test_a_disk_that_is_full_is_named_loudly() -> None:
    assert Durability("noeviction", append_only=True, appendfsync="always", fails_to_write=True).troubles() == [FULL]


@pytest.mark.parametrize(
    ("rights", "known"),
    [
        (
            ["-config"],
            Durability(policy="noeviction", append_only=True, is_replica=False, fails_to_write=False, limit=0),
        ),
        (["-config", "-info"], Durability()),
    ],
)
def test_what_a_managed_server_does_not_tell_is_not_known(kept: Redis, rights: list[str], known: Durability) -> None:
    for name, value in (("appendonly", "yes"), ("maxmemory-policy", "noeviction")):
        kept.config_set(name, value)
    kept.acl_setuser("guest", enabled=True, nopass=True, keys=["*"], commands=["+@all", *rights], reset=True)
    guest = connect(f"{_url(kept)}&username=guest&password=x")
    found = look(guest)
    assert (found, str(found), found.troubles(), found.loss_seconds) == (known, SILENT, [], None)


def _url(redis: Redis) -> str:
    return f"unix://{redis.connection_pool.connection_kwargs['path']}?db=0"


def test_the_watch_tells_log_metrics_and_readiness_once(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "service.durability")
    watch = Watch(redis)
    assert math.isnan(readings.redis_evicts._value.get())
    for _ in range(2):
        watch.look()
    assert [(one.levelname, one.message) for one in caplog.records] == [("WARNING", FORGETS)]
    assert readings.redis_evicts._value.get() == 0
    assert readings.redis_loss._value.get() == math.inf
    assert _readyz(watch, None) == (200, f"ok\n{FORGETS}")
    assert _readyz(watch, "shutting down") == (503, "shutting down")


def test_the_watch_bears_a_redis_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch(connect("unix:///nonexistent.sock"))
    watch.look()
    assert (watch.troubles(), caplog.records) == ([], [])
    assert _readyz(watch, None) == (200, "ok")


def _readyz(watch: Watch, problem: str | None) -> tuple[int, str]:
    async def probe() -> str | None:
        await asyncio.sleep(0)
        return problem

    async def page() -> bytes:
        await asyncio.sleep(0)
        return b""

    answer = TestClient(admin_app(probe, probe, page, watch.troubles)).get("/readyz")
    return answer.status_code, answer.text

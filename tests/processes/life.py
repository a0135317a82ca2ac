"""Parts for tests of how processes live and end: a forum that takes requests and never answers, and one worker."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from redis import Redis

from service.configuration import Configuration, read
from service.connections import connect
from service.enqueue import Arrival, arguments
from service.kept import DUE
from service.processes import worker_argv
from service.queue import EVALUATE, Pusher
from service.scripts import call, transact
from service.supervisor import Child, wait_until

RULES = "name: lock-it\nbody: xyzzy\nmoderators_exempt: false\nlock: true\n"


class SilentForum:
    """An API that takes every request in and answers none; `requests` are how many came."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self.requests = 0
        self._held: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                one, _ = self._server.accept()
                self._held.append(one)
                one.recv(65536)
                self.requests += 1

    def close(self) -> None:
        for one in (self._server, *self._held):
            one.close()


@contextlib.contextmanager
def silent_forum() -> Iterator[SilentForum]:
    forum = SilentForum()
    try:
        yield forum
    finally:
        forum.close()


def configured(folder: Path, url: str, **top: Any) -> Configuration:
    """A configuration with one forum whose API is at `url`."""
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    forum = {
        "platform": "websitetoolbox",
        "api_url": f"{url}/v1",
        "api_key": "key-of-the-test",
        "bot_user": {"id": 77, "username": "modbot"},
        "webhook": {"token": "token-of-the-test", "signing_secrets": ["secret-of-the-test"]},
        "rules": ["rules.yaml"],
    }
    path = folder / "modbot.yaml"
    path.write_text(json.dumps({"forums": {"main": forum}, **top}), encoding="utf-8")
    return read(path, {})


def worker(found: Configuration, role: str, redis_url: str, output: Path, argv: Sequence[str] = ()) -> Child:
    """One worker process; `argv` runs it in another way."""
    command = argv or worker_argv(role, found, 0, "127.0.0.1")
    return Child(role, command, {"MODBOT_REDIS_URL": redis_url}, output.open("ab"))


def patched_worker(found: Configuration, role: str, patch: str) -> list[str]:
    """The command line of a worker in which `patch` is carried out first."""
    program = f"import sys\n{patch}\nfrom workers.__main__ import main\nsys.exit(main())"
    return [sys.executable, "-c", program, *worker_argv(role, found, 0, "127.0.0.1")[3:]]


def ready(redis: Redis, count: int = 1) -> bool:
    """Wait until so many workers listen."""
    return wait_until(lambda: redis.scard("rq:workers") >= count, 20)


def post(redis: Redis, number: int, message: str = "xyzzy") -> str:
    """Take an event in as the web process would."""
    id_ = f"e{number}"
    event = {
        "id": id_, "forum": "main", "type": "post.created", "at": time.time(),
        "topic": {"topicId": number, "title": "t", "locked": False},
        "post": {"postId": number, "topicId": number, "message": message},
        "author": {"userId": 101, "username": "pip", "userGroups": []},
    }  # fmt: skip
    record = {
        "forum": "main", "signed": "1", "received_at": repr(time.time()), "state": "queued",
        "event": json.dumps(event), "happening": id_,
    }  # fmt: skip
    arrival = Arrival(id_, f"modbot:seen:main:{id_}", "", record)

    def fill(pipe: Any) -> None:
        call(pipe, "accept", [DUE], arguments([arrival]))
        Pusher().push(pipe, EVALUATE, "event", [id_])

    transact(redis, ["accept"], fill)
    return id_


def actions(redis: Redis) -> dict[str, dict[str, str]]:
    return {key.rsplit(":", 1)[1]: redis.hgetall(key) for key in redis.scan_iter("modbot:action:*")}


def ends_within(child: Child, seconds: float) -> float:
    """How long the process took to end; fails when it is longer."""
    started = time.monotonic()
    assert wait_until(lambda: not child.is_running(), seconds), f"{child.name} still runs after {seconds} s"
    return time.monotonic() - started


def open_redis(url: str) -> Redis:
    redis = connect(url)
    redis.flushall()
    return redis

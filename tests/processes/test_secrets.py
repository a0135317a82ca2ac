"""Known secrets are driven through everything that can fail; none of what anybody can read has one of them in it."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from fakeredis import FakeRedis
from redis import Redis

from service.configuration import Configuration, read
from service.connections import connect
from service.enqueue import GroupCommit
from service.forums import PLATFORMS
from service.forums.deliveries import Address
from service.intake import Intake
from service.queue import EVALUATE, URGENT
from service.supervisor import Child, wait_until
from service.wiring import Forums
from tests.ports import free_run
from tests.processes.life import RULES, patched_worker, post, ready, worker
from tests.processes.test_life import answers

pytestmark = pytest.mark.processes

KEY = "wtb_live_K3yOfTheForum/0123456789+abcdef"
TOKEN = "t0ken-in-the-address-9f8e7d6c5b4a"
SIGNING = "whsec_c2lnbmluZy1zZWNyZXQtb2YtdGhlLWZvcnVt"
PASSWORD = "p4ssword of/redis@home%"
SECRETS = {"the API key": KEY, "the token": TOKEN, "the signing secret": SIGNING, "the password": PASSWORD}


def leaks(text: str) -> list[str]:
    """The secrets that a text has in it, as they are or as URLs, JSON and Python write them."""
    return [
        name
        for name, secret in SECRETS.items()
        if any(form in text for form in (secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]))
    ]


class Echo(http.server.BaseHTTPRequestHandler):
    """A forum that refuses the key, and quotes the whole request in its answer."""

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        said = f"bad request {self.path} {dict(self.headers)} {self.rfile.read(length).decode()} key {KEY}"
        body = json.dumps({"error": {"code": "InvalidKey", "message": said}, "message": said}).encode()
        self.send_response(401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = do_PUT = _answer  # noqa: N815 - the names that the library calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def forum_url() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def guarded(redis: Redis) -> Iterator[Redis]:
    """The server, where the user `default` needs the password."""
    redis.config_set("requirepass", PASSWORD)
    try:
        yield redis
    finally:
        redis.config_set("requirepass", "")


def configured(folder: Path, redis_url: str, forum_url: str, password: str = PASSWORD) -> Configuration:
    path = redis_url.removeprefix("unix://").partition("?")[0]
    forum = {
        "platform": "websitetoolbox",
        "api_url": f"{forum_url}/v1",
        "api_key": KEY,
        "bot_user": {"id": 77, "username": "modbot"},
        "webhook": {"token": TOKEN, "signing_secrets": [SIGNING]},
        "rules": ["rules.yaml"],
    }
    url = f"unix://:{quote(password, safe='')}@{path}?db=0"
    text = {"log_level": "debug", "redis_url": url, "forums": {"main": forum}}
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    (folder / "modbot.yaml").write_text(json.dumps(text), encoding="utf-8")
    return read(folder / "modbot.yaml", {})


def said(*words: str, folder: Path, **environ: str) -> str:
    """All that the program prints."""
    done = subprocess.run(
        [sys.executable, "-m", "service", *words],
        cwd=folder, env={**os.environ, **environ}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout + done.stderr, f"{words} says nothing"
    return done.stdout + done.stderr


CRASH = """
import workers.live_rules, service.forums.http
def crash(*_, **__): raise ValueError({key!r})
{what} = crash
"""


def test_no_secret_is_in_anything_that_processes_write_or_answer(
    guarded: Redis, redis_url: str, tmp_path: Path, forum_url: str
) -> None:
    found = configured(tmp_path, redis_url, forum_url)
    url, log, port = found.settings.redis_url.get_secret_value(), tmp_path / "log", free_run(3)
    redis, texts = connect(url), dict[str, str]()
    serve = ["serve", "--config", str(found.path), "--port", str(port), "--admin-port", str(port + 1)]
    web = Child("web", [sys.executable, "-m", "service", *serve], output=log.open("ab"))
    urgent, evaluate = (worker(found, role, url, log) for role in (URGENT, EVALUATE))
    urgent.argv = [*urgent.argv[:-1], str(port + 2)]
    with started(web, evaluate):
        with started(urgent):
            assert ready(redis, 2)
            assert wait_until(lambda: answers(f"http://127.0.0.1:{port + 1}/readyz"), 20)
            deliver_badly(f"http://127.0.0.1:{port}")
            post(redis, 1, f"xyzzy {KEY} {PASSWORD}")
            assert wait_until(lambda: bool(errors(redis)), 30), "the forum refused the key"
            for at in (port + 1, port + 2):
                for path in ("metrics", "readyz", "livez"):
                    texts[f"{path} of {at}"] = httpx.get(f"http://127.0.0.1:{at}/{path}").text
        refused = set(errors(redis))
        with started(crashing(found, URGENT, url, log, "service.forums.http.ForumApi.call")):
            post(redis, 2)
            assert wait_until(lambda: bool(set(errors(redis)) - refused), 30), "the action crashed"
    refused = set(errors(redis))
    with started(crashing(found, EVALUATE, url, log, "workers.live_rules.LiveRules.current")):
        post(redis, 3)
        assert wait_until(lambda: bool(set(errors(redis)) - refused), 30), "the evaluation crashed"
    for item in ("action:x", "event:e3"):
        redis.zadd("modbot:dead", {item: 1})
    for words in (
        ("log", "--json"),
        ("log",),
        ("dead", "list"),
        ("dead", "show", "event:e3"),
        ("config", "check", "--live"),
    ):
        texts[" ".join(words)] = said(*words, folder=tmp_path)
    texts["the log"] = log.read_text(encoding="utf-8")
    texts["the errors that are kept"] = "\n".join(errors(redis))
    found_in = {name: leaks(without_posts(text)) for name, text in texts.items()}
    assert {name: names for name, names in found_in.items() if names} == {}
    for expected in ("webhook rejected", "action failed", "evaluation failed", "[secret]"):
        assert expected in texts["the log"], "the failures that were meant did happen"


def crashing(found: Configuration, role: str, url: str, log: Path, what: str) -> Child:
    """A worker in which a part fails with the key in its error."""
    return worker(found, role, url, log, patched_worker(found, role, CRASH.format(key=KEY, what=what)))


def errors(redis: Redis) -> list[str]:
    """What is kept of errors."""
    keys = [*redis.scan_iter("modbot:action:*"), *redis.scan_iter("modbot:event:*")]
    return [text for key in keys for text in redis.hmget(key, "error", "reason") if text]


def without_posts(text: str) -> str:
    """The text without what a member wrote, who may quote what he likes."""
    return text.replace(f"xyzzy {KEY} {PASSWORD}", "")


@contextlib.contextmanager
def started(*children: Child) -> Iterator[None]:
    try:
        for child in children:
            child.start()
        yield
    finally:
        for child in children:
            child.stop(10)
            if child.output:
                child.output.close()


def deliver_badly(web: str) -> None:
    """Webhooks with secrets in wrong places: signed wrongly, the token in the body, the key in the path."""
    body = json.dumps({"type": TOKEN, "data": {"object": {"message": KEY}}}).encode()
    url = f"{web}/webhooks/main/{TOKEN}"
    for secret in (SIGNING, "wrong"):
        for content in (body, body[:-1], b"\xff" + KEY.encode()):
            httpx.post(url, content=content, headers=dict(PLATFORMS["websitetoolbox"].sign(content, secret)))
    httpx.post(f"{url}x", content=body)
    httpx.post(f"{web}/webhooks/{KEY}/{TOKEN}", content=body)
    httpx.get(url, params={"key": KEY})


COMMANDS = [
    ("log",),
    ("dead", "list"),
    ("pause", "--reason", "x"),
    ("rules", "list"),
    ("config", "check", "--live"),
    ("work", "--role", "urgent", "--admin-port", "0"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_password_that_redis_refuses_is_not_told(
    guarded: Redis, redis_url: str, tmp_path: Path, forum_url: str, words: tuple[str, ...]
) -> None:
    found = configured(tmp_path, redis_url, forum_url, password=f"{PASSWORD}x")
    log = tmp_path / "log"
    with log.open("wb") as output:
        one = Child("one", [sys.executable, "-m", "service", *words, "--config", str(found.path)], output=output)
        one.start()
        wait_until(lambda: not one.is_running() or log.stat().st_size > 1500, 8)
        one.stop(10)
    text = log.read_text(encoding="utf-8")
    assert text
    assert leaks(text) == []
    assert "Traceback" not in text or "workers" in text


BROKEN = {
    "a password in the forum's address": ("api_url", f"https://modbot:{PASSWORD}@forum.example/v1"),
    "a key that is a list": ("api_key", [KEY]),
    "a token that is a mapping": ("webhook", {"token": {"is": TOKEN}}),
    "a secret that is no list": ("webhook", {"token": TOKEN, "signing_secrets": SIGNING}),
    "a key where a number belongs": ("bot_user", {"id": KEY, "username": "modbot"}),
    "a key of the forum that there is not": ("apikey", KEY),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_configuration_with_a_fault_is_told_of_without_its_secrets(
    redis: Redis, redis_url: str, tmp_path: Path, forum_url: str, broken: str
) -> None:
    configured(tmp_path, redis_url, forum_url)
    text = json.loads((tmp_path / "modbot.yaml").read_text(encoding="utf-8"))
    name, value = BROKEN[broken]
    text["forums"]["main"][name] = value
    (tmp_path / "modbot.yaml").write_text(json.dumps(text), encoding="utf-8")
    for words in (("config", "check"), ("log",)):
        told = said(*words, folder=tmp_path, MODBOT_DEBUG="")
        assert "modbot.yaml:1:" in told
        assert leaks(told) == []


@pytest.mark.parametrize("url", [f"http://:{PASSWORD}@host/0", f"redis://:{PASSWORD}@host:port/0", PASSWORD])
def test_an_address_of_redis_with_a_fault_is_told_of_without_its_password(
    redis: Redis, redis_url: str, tmp_path: Path, forum_url: str, url: str
) -> None:
    configured(tmp_path, redis_url, forum_url)
    assert leaks(said("log", folder=tmp_path, MODBOT_REDIS_URL=url)) == []


def test_no_secret_is_in_the_repr_of_anything_that_holds_one(tmp_path: Path) -> None:
    found = configured(tmp_path, "unix:///r.sock?db=0", "http://127.0.0.1:1")
    section = found.settings.forums["main"]
    forums = Forums(found.settings, FakeRedis(decode_responses=True))
    forum = forums.at("main", "urgent")
    intake = Intake(found.settings.forums, GroupCommit.__new__(GroupCommit))
    client, limiter = forums._client("main")
    held = [
        *(found, found.settings, section, section.webhook, section.account, section.trust),
        *(forums, forum, intake, client, limiter, connect(found.settings.redis_url.get_secret_value())),
        Address(f"https://host.example/webhooks/main/{TOKEN}"),
    ]
    for one in held:
        assert leaks(f"{one!r} {one}") == [], type(one).__name__
        assert leaks(repr(getattr(one, "__dict__", ""))) == [] or one in (client, forum), type(one).__name__
    with pytest.raises(httpx.ConnectError) as error:
        httpx.Client(headers=client.headers).get("http://127.0.0.1:1/x")
    assert leaks(f"{error.value!r} {error.value} {error.value.request!r}") == []

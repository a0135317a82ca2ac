"""Secrets in files change without a restart: what is taken over, what is not, and that nothing is told of them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fakeredis import FakeRedis

import service.wiring
from service import logs
from service.configuration import Configuration, read
from service.demo.stage import FORUM
from service.forums.http import open_client
from service.rotation import Rotation
from service.settings import ForumSection
from service.supervisor import wait_until
from service.wiring import Forums
from tests.processes.test_edge import BODY, web

CONFIG = """\
log_format: json
forums:
  main:
    platform: websitetoolbox
    api_key: {file: secrets/key}
    bot_user: {id: 77, username: modbot}
    webhook:
      token: {file: secrets/token}
      signing_secrets: [{file: secrets/signing}]
    rules: [rules/packs/starter]
    mode: shadow
"""


@pytest.fixture
def found(tmp_path: Path) -> Configuration:
    (tmp_path / "secrets").mkdir()
    for name in ("key", "token", "signing"):
        (tmp_path / "secrets" / name).write_text(f"the-first-{name}\n", encoding="utf-8")
    (tmp_path / "modbot.yaml").write_text(CONFIG, encoding="utf-8")
    return read(tmp_path / "modbot.yaml", {})


@pytest.fixture
def lines(found: Configuration) -> Iterator[io.StringIO]:
    """The process's log."""
    root = logging.getLogger()
    handlers, level, stream = root.handlers[:], root.level, io.StringIO()
    logs.configure(found.settings, stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def replace(found: Configuration, name: str, text: str) -> None:
    (found.folder / "secrets" / name).write_text(text, encoding="utf-8")


def main(found: Configuration) -> ForumSection:
    return found.settings.forums["main"]


def test_new_secrets_take_the_place_of_the_old_ones(found: Configuration, lines: io.StringIO) -> None:
    rotation = Rotation(found)
    for name in ("key", "token", "signing"):
        replace(found, name, f"the-second-{name}\n")
    rotation.look()
    assert main(found).api_key.get_secret_value() == "the-second-key"
    assert main(found).webhook.token.get_secret_value() == "the-second-token"
    assert [one.get_secret_value() for one in main(found).webhook.signing_secrets] == ["the-second-signing"]
    (line,) = lines.getvalue().splitlines()
    assert (json.loads(line)["message"], json.loads(line)["forum"]) == ("new secrets are in use", "main")


def test_where_nothing_has_changed_the_sections_are_the_same_objects(found: Configuration, lines: io.StringIO) -> None:
    before = main(found)
    Rotation(found).look()
    assert main(found) is before
    assert lines.getvalue() == ""


def test_nothing_else_changes_without_a_restart(found: Configuration) -> None:
    text = CONFIG.replace("mode: shadow", "mode: live").replace("id: 77", "id: 78")
    found.path.write_text(text, encoding="utf-8")
    replace(found, "key", "the-second-key")
    Rotation(found).look()
    assert main(found).api_key.get_secret_value() == "the-second-key"
    assert (main(found).mode, main(found).bot_user.id) == ("shadow", 77)


def test_a_fault_changes_nothing_and_is_told_once(found: Configuration, lines: io.StringIO) -> None:
    rotation, before = Rotation(found), main(found)
    (found.folder / "secrets/key").unlink()
    for _ in range(3):
        rotation.look()
    assert main(found) is before
    (line,) = lines.getvalue().splitlines()
    told = json.loads(line)
    assert told["level"] == "warning"
    assert told["message"].startswith(f"the secrets stay as they are: {found.path}:5:21: ")
    replace(found, "key", "the-second-key")
    rotation.look()
    assert main(found).api_key.get_secret_value() == "the-second-key"


def test_new_secrets_are_kept_out_of_the_log_as_the_old_ones_are(found: Configuration, lines: io.StringIO) -> None:
    replace(found, "key", "the-second-key")
    Rotation(found).look()
    logging.getLogger("service.somewhere").warning("was the-first-key, is the-second-key")
    assert json.loads(lines.getvalue().splitlines()[-1])["message"] == f"was {logs.HIDDEN}, is {logs.HIDDEN}"


def test_the_next_call_of_the_forum_has_the_new_key(found: Configuration, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = list[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["x-api-key"])
        return httpx.Response(200, json={"userId": 103, "username": "pip"})

    monkeypatch.setattr(
        service.wiring, "open_client", lambda *args: open_client(*args, inner=httpx.MockTransport(answer))
    )
    forums = Forums(found.settings, FakeRedis(decode_responses=True))
    forums.at("main", "urgent").get_author(103)
    replace(found, "key", "the-second-key")
    Rotation(found).look()
    forums.at("main", "urgent").get_author(103)
    assert keys[0] == "the-first-key"
    assert keys[-1] == "the-second-key"


@pytest.mark.processes
def test_a_web_process_takes_a_new_token_while_it_runs(tmp_path: Path, redis_url: str) -> None:
    (tmp_path / "token").write_text("the-first-token", encoding="utf-8")
    with web(tmp_path, redis_url, token="{file: token}") as (child, url, _):
        first, second = (f"{url.rpartition('/')[0]}/the-{nth}-token" for nth in ("first", "second"))
        assert (status(first), status(second)) == (200, 404)
        (tmp_path / "token").write_text("the-second-token", encoding="utf-8")
        assert wait_until(lambda: status(second) == 200, 20)
        assert (status(first), child.restarts) == (404, 0)


def status(url: str) -> int:
    assert f"/{FORUM}/" in url
    return httpx.post(url, content=BODY).status_code

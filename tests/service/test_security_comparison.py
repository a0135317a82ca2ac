"""Secrets are compared in a time that tells nothing: everywhere, and by one function of the standard library."""

from __future__ import annotations

import ast
import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import service
from service.enqueue import GroupCommit
from service.forums import PLATFORMS
from service.forums.port import Accepted, Delivery, Ignored, Rejected, WebhookTrust
from service.intake import Intake
from service.settings import Settings

SECRETS = ("the-old-secret-of-the-forum", "the-new-secret-of-the-forum")
TRUST = WebhookTrust(SECRETS, require_signature=True)


def standard(body: bytes, secret: str) -> Mapping[str, str]:
    """The headers of Standard Webhooks."""
    stamp = str(int(time.time()))
    mac = hmac.new(secret.encode(), f"id.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": "id", "webhook-timestamp": stamp, "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }  # fmt: skip


WAYS = [(name, way) for name in PLATFORMS for way in ("own", "standard")]


def identify(name: str, way: str, secret: str) -> Accepted | Ignored | Rejected:
    platform = PLATFORMS[name]
    body = json.dumps(next(iter(platform.samples.values()))).encode()
    signed = platform.sign(body, secret) if way == "own" else standard(body, secret)
    headers = {key.lower(): value for key, value in signed.items()}
    return platform.identify(Delivery(headers, body, time.time()), TRUST)


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_a_signature_is_right_or_wrong_by_nothing_but_the_constant_time_comparison(
    monkeypatch: pytest.MonkeyPatch, name: str, way: str
) -> None:
    assert not isinstance(identify(name, way, SECRETS[1]), Rejected)
    assert isinstance(identify(name, way, "some-other-secret"), Rejected)
    monkeypatch.setattr(hmac, "compare_digest", lambda _a, _b: False)
    assert isinstance(identify(name, way, SECRETS[1]), Rejected)
    monkeypatch.setattr(hmac, "compare_digest", lambda _a, _b: True)
    assert not isinstance(identify(name, way, "some-other-secret"), Rejected)


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_both_sides_of_a_comparison_are_digests_of_one_length(
    monkeypatch: pytest.MonkeyPatch, name: str, way: str
) -> None:
    compared: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((a, b)) or a == b)
    identify(name, way, SECRETS[1])
    assert len(compared) >= 2, "with each secret that may match"
    for given, wanted in compared:
        assert len(given) == len(wanted)
        assert not any(secret.encode() in wanted for secret in SECRETS)


def intake() -> Intake:
    forum = {
        "platform": "websitetoolbox",
        "api_key": "key-of-the-forum",
        "bot_user": {"id": 77, "username": "modbot"},
        "webhook": {"token": "token-of-the-address"},
        "rules": ["rules/packs/starter"],
    }
    settings = Settings.model_validate({"forums": {"main": forum}})
    return Intake(settings.forums, GroupCommit.__new__(GroupCommit))


@pytest.mark.parametrize("forum", ["main", "other"])
def test_the_token_is_compared_once_whether_there_is_such_a_forum_or_not(
    monkeypatch: pytest.MonkeyPatch, forum: str
) -> None:
    here, compared = intake(), list[tuple[bytes, bytes]]()
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((a, b)) or a == b)
    assert here.forum(forum, "wrong") is None
    assert (here.forum(forum, "token-of-the-address") is not None) is (forum == "main")
    assert len(compared) == 2


def test_a_token_is_right_by_nothing_but_that_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    here = intake()
    monkeypatch.setattr(hmac, "compare_digest", lambda _a, _b: False)
    assert here.forum("main", "token-of-the-address") is None
    monkeypatch.setattr(hmac, "compare_digest", lambda _a, _b: True)
    assert here.forum("main", "wrong") is not None
    assert here.forum("other", "wrong") is None


SECRET_NAME = re.compile(r"secret|token|signature|api_key|password|digest_of|\bmac\b", re.IGNORECASE)
HARMLESS = {"next_token", "token_type"}


def comparisons(path: Path) -> list[str]:
    """The places of a file that compare something of a secret's name with an operator."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
            if any(SECRET_NAME.search(side) and side not in HARMLESS for side in sides):
                found.append(f"{path.name}:{node.lineno}: {ast.unparse(node)}")
    return found


def test_no_operator_compares_a_secret() -> None:
    files = [path for path in Path(service.__file__).parent.rglob("*.py") if "simulator" not in path.parts]
    assert len(files) > 100
    assert [place for path in files for place in comparisons(path)] == []


def test_such_a_comparison_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def f(token, b):\n    return token == b.secret\n", encoding="utf-8")
    assert comparisons(tmp_path / "bad.py") == ["bad.py:2: token == b.secret"]

"""Any bytes at the door: an answer of contract.md, section 4, in the JSON that it says; never a 5xx, never a crash."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fakeredis import FakeAsyncRedis, FakeServer
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from service.app import webhook_app
from service.configuration import read
from service.enqueue import GroupCommit
from service.forums import PLATFORMS
from service.intake import Intake
from tests.forums.every import all_on

TOKEN = "token-of-a-door"
SECRET = "a-signing-secret"
NAMES = list(PLATFORMS)
STATUSES = {200, 400, 401, 413}
MAX_BODY = 64 * 1024


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The web application with a forum of each platform, which takes signed and unsigned deliveries."""
    folder = tmp_path_factory.mktemp("door")
    (folder / "rules.yaml").write_text("name: never\nbody: xyzzy\ndelete: true\n", encoding="utf-8")
    forums = {name: _forum(name) for name in NAMES}
    path = folder / "modbot.yaml"
    path.write_text(json.dumps({"forums": forums}), encoding="utf-8")
    configured = read(path, {}).settings.forums
    intake = Intake(configured, GroupCommit(FakeAsyncRedis(server=FakeServer(), decode_responses=True)))
    with TestClient(webhook_app(intake, MAX_BODY)) as client:
        yield client


def _forum(name: str) -> dict[str, Any]:
    platform = PLATFORMS[name]
    options = {"options": all_on(platform).model_dump()} if platform.trial else {}
    return {
        "platform": name,
        "api_url": f"https://{name}.example{platform.api_path}",
        "api_key": f"key-of-{name}",
        "bot_user": {"id": 77, "username": "modbot"},
        "webhook": {"token": TOKEN, "signing_secrets": [SECRET]},
        "rules": ["rules.yaml"],
        **options,
    }


def deliver(door: TestClient, name: str, body: bytes, headers: Mapping[str, str | bytes], *, signed: bool) -> int:
    """Post a body; the status, once it is one that the contract has, with JSON where the body was read."""
    given = {**headers, **(PLATFORMS[name].sign(body, SECRET) if signed else {})}
    answer: httpx.Response = door.post(f"/webhooks/{name}/{TOKEN}", content=body, headers=given)
    assert answer.status_code in STATUSES, (answer.status_code, answer.text)
    if answer.status_code == 200:
        assert answer.json()["status"] in {"accepted", "duplicate", "ignored"}
    elif answer.status_code != 413:
        assert answer.json()["error"]
    return answer.status_code


def samples(name: str) -> list[bytes]:
    return [json.dumps(body).encode() for body in PLATFORMS[name].samples.values()]


names = st.sampled_from(NAMES)
headers = st.dictionaries(
    st.sampled_from(["content-type", "content-encoding", "webhook-id", "webhook-timestamp", "webhook-signature"])
    | st.sampled_from(["x-wtsignature", "x-ue-signature"]),
    st.binary(max_size=60).filter(lambda value: not set(value) & set(b"\x00\r\n")),
    max_size=3,
)

quick = settings(max_examples=100, deadline=None)


@quick
@given(name=names, body=st.binary(max_size=200), headers=headers, signed=st.booleans())
def test_random_bytes(door: TestClient, name: str, body: bytes, headers: dict[str, str | bytes], signed: bool) -> None:
    deliver(door, name, body, headers, signed=signed)


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, bytes]:
    """A sample whose bytes were cut, doubled or changed somewhere."""
    name = draw(names)
    body = draw(st.sampled_from(samples(name)))
    at = draw(st.integers(0, len(body)))
    until = draw(st.integers(at, min(len(body), at + 30)))
    return name, body[:at] + draw(st.binary(max_size=20)) + body[until:]


@quick
@given(case=spoilt())
def test_a_sample_that_was_spoilt_on_its_way(door: TestClient, case: tuple[str, bytes]) -> None:
    deliver(door, *case, {}, signed=True)


ODD: list[Any] = [
    *(None, True, "", "x" * 5_000, "\ud800", "\x00", -1, 0, 2**31, 2**63, 2**64, 10**400, -(10**30)),
    *(1e308, -0.0, 1e-320, [], {}, [[]], [None], {"a": {}}, [{"id": 2**70}], "9" * 400, "1e999", "NaN"),
]


def places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value in a body."""
    yield path
    for key in body if isinstance(body, dict) else range(len(body)) if isinstance(body, list) else ():
        yield from places(body[key], (*path, key))


def with_odd(body: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    changed = dict(body) if isinstance(body, dict) else list(body)
    changed[path[0]] = with_odd(body[path[0]], path[1:], odd)
    return changed


@st.composite
def odd(draw: st.DrawFn) -> tuple[str, bytes]:
    """A sample with a value somewhere that nobody would expect there."""
    name = draw(names)
    body = draw(st.sampled_from(list(PLATFORMS[name].samples.values())))
    for _ in range(draw(st.integers(1, 3))):
        body = with_odd(body, draw(st.sampled_from(list(places(body)))), draw(st.sampled_from(ODD)))
    return name, json.dumps(body).encode()


@quick
@given(case=odd())
def test_a_sample_with_a_value_of_another_kind(door: TestClient, case: tuple[str, bytes]) -> None:
    deliver(door, *case, {}, signed=True)


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "deeply nested lists": lambda _: b"[" * 30_000 + b"]" * 30_000,
    "deeply nested objects, open": lambda _: b'{"data":' * 8_000,
    "nested below data": lambda body: body[:-1] + b', "more": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001,
    "a number of many digits": lambda body: body[:-1] + b', "n": ' + b"9" * 20_000 + b"}",
    "an exponent without measure": lambda body: body[:-1] + b', "n": 1e99999999}',
    "NaN": lambda body: body[:-1] + b', "n": NaN, "m": -Infinity}',
    "duplicate keys": lambda body: body[:-1] + b", " + body[1:],
    "duplicate keys of two kinds": lambda body: b'{"data": 7, "type": [], "hook": {}, ' + body[1:],
    "a half of a surrogate pair": lambda body: body.replace(b"e", b"\\ud83d", 3),
    "an escaped NUL": lambda body: body.replace(b"Hello", b"\\u0000"),
    "UTF-16": lambda body: body.decode().encode("utf-16"),
    "UTF-32": lambda body: body.decode().encode("utf-32-le"),
    "Latin-1": lambda body: body.replace(b"Hello", "Ólá".encode("latin-1")),
    "a byte order mark": lambda body: b"\xef\xbb\xbf" + body,
    "many keys": lambda _: json.dumps({f"k{n}": n for n in range(4_000)}).encode(),
    "many keys in the object": lambda _: json.dumps({"data": {"object": {f"k{n}": n for n in range(4_000)}}}).encode(),
    "two bodies": lambda body: body + body,
    "over the limit": lambda body: body + b" " * MAX_BODY,
    "a form": lambda _: b"type=post.created&data=x",
    "compressed": lambda _: bytes.fromhex("1f8b0800000000000003ab56ca48cdc9c95788572ac9cf4d55b25250ca"),
}


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spoil", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_bodies(door: TestClient, name: str, spoil: Callable[[bytes], bytes], signed: bool) -> None:
    for body in samples(name):
        deliver(door, name, spoil(body), {}, signed=signed)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_spoilt_is_taken_in(door: TestClient, name: str) -> None:
    for body in samples(name):
        assert deliver(door, name, body, {}, signed=True) == 200


@quick
@given(path=st.binary(max_size=40))
def test_any_path_is_not_there(door: TestClient, path: bytes) -> None:
    for place in ("/", "/webhooks/", f"/webhooks/{NAMES[0]}/"):
        answer = door.post(place + quote(path), content=b"{}", follow_redirects=False)
        assert (answer.status_code, bool(answer.json()["error"])) == (404, True)

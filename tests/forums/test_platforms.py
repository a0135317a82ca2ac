"""What every platform promises: inbound. Platforms in the table, and a toy that is in none, are tested alike."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from rules.actions.table import ACTIONS
from service.cli.rules import rules_app
from service.configuration import read
from service.forums import PLATFORMS
from service.forums.platform import Account, Later, Notify, Platform
from service.forums.port import Accepted, Delivery, Forum, Ignored, Rejected, Unreadable, WebhookTrust
from service.forums.support import items_of, support_page
from tests.forums.every import EVERY, event_in
from tests.forums.toy import TOY

NOW = 1_800_000_000.0


@EVERY
def test_its_actions_are_verbs_of_the_port(platform: Platform) -> None:
    verbs = {
        name
        for name, member in inspect.getmembers(Forum, inspect.isfunction)
        if "target" in inspect.signature(member).parameters
    }
    assert platform.actions <= verbs - {"was_sent"}
    assert platform.lacks.keys() <= platform.actions
    assert all(set(items) <= set(ACTIONS[word].types) for word, items in platform.lacks.items())
    assert platform.notifies <= {"users", "topic"}
    assert platform.per_second >= 1


@EVERY
def test_what_it_loads_later_is_there(platform: Platform) -> None:
    parts = [getattr(platform, one.name) for one in dataclasses.fields(platform)]
    assert all(callable(part.itself) for part in parts if isinstance(part, Later))
    assert inspect.isclass(platform.forum())


@EVERY
def test_it_has_samples_and_reads_each_as_an_event_of_its_name(platform: Platform) -> None:
    assert platform.samples
    for name, body in platform.samples.items():
        raw = json.dumps(body).encode()
        found = platform.identify(Delivery({}, raw, NOW), WebhookTrust())
        assert isinstance(found, Accepted), name
        assert (found.type, found.signed) == (name, False)
        assert event_in(platform, raw, NOW).type == name


@EVERY
def test_a_sample_that_it_signs_is_trusted_and_one_bit_off_is_not(platform: Platform) -> None:
    trust = WebhookTrust(("older", "secret"), require_signature=True)
    for body in platform.samples.values():
        raw = json.dumps(body).encode()
        headers = {name.lower(): value for name, value in platform.sign(raw, "secret").items()}
        reading = platform.identify(Delivery(headers, raw, NOW), trust)
        assert isinstance(reading, Accepted)
        assert reading.signed
        assert not isinstance(platform.identify(Delivery(headers, raw + b" ", NOW), trust), Accepted)
        assert not isinstance(platform.identify(Delivery({}, raw, NOW), trust), Accepted)


@EVERY
def test_a_redelivery_has_the_same_identity_whenever_it_comes(platform: Platform) -> None:
    for body in platform.samples.values():
        raw = json.dumps(body).encode()
        first, again = (platform.identify(Delivery({}, raw, at), WebhookTrust()) for at in (NOW, NOW + 3600))
        assert isinstance(first, Accepted)
        assert isinstance(again, Accepted)
        assert (first.subject, first.version) == (again.subject, again.version)


@EVERY
@pytest.mark.parametrize(
    "raw", [b"", b"{", b"null", b"[]", b"7", b'"x"', b"{}", b"\xff\xfe", b'{"data": NaN}', b"[" * 100_000]
)
def test_a_body_that_is_no_event_is_refused_in_words(platform: Platform, raw: bytes) -> None:
    reading = platform.identify(Delivery({}, raw, NOW), WebhookTrust())
    assert isinstance(reading, Rejected)
    assert reading.status == 400
    assert "\n" not in reading.detail


@EVERY
@pytest.mark.parametrize(("levels", "taken"), [(150, True), (250, False), (960, False)])
def test_a_body_that_nests_too_deeply_for_a_worker_is_refused_at_the_edge(
    platform: Platform, levels: int, taken: bool
) -> None:
    body = next(iter(platform.samples.values()))
    raw = json.dumps({**body, "more": "?"}).replace('"?"', "[" * levels + "]" * levels).encode()
    assert isinstance(platform.identify(Delivery({}, raw, NOW), WebhookTrust()), Accepted) is taken


ODD: list[Any] = [None, 7, -1, 2**70, 1e308, "", "x" * 5000, "\ud800", True, [], {}, [[]], {"id": {}}]


def mutated(body: Any, odd: Any) -> Iterator[Any]:
    """The body once for each of its values, that one replaced."""
    for key, value in body.items() if isinstance(body, dict) else ():
        yield {**body, key: odd}
        yield {name: one for name, one in body.items() if name != key}
        yield from ({**body, key: inner} for inner in mutated(value, odd))


@EVERY
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_whatever_stands_in_a_payload_is_read_or_refused(platform: Platform, odd: Any) -> None:
    for body in platform.samples.values():
        for other in mutated(copy.deepcopy(dict(body)), odd):
            raw = json.dumps(other).encode()
            found = platform.identify(Delivery({}, raw, NOW), WebhookTrust())
            assert isinstance(found, Accepted | Ignored | Rejected)
            if isinstance(found, Accepted):
                with contextlib.suppress(Unreadable):
                    assert platform.read(found.name, raw, NOW).type == found.type


@EVERY
def test_its_key_is_sent_and_never_shown(platform: Platform) -> None:
    account = Account("https://forum.example", "key-0123456789abcdef", 77, "modbot", Notify())
    assert any("key-0123456789abcdef" in value for value in platform.headers(account).values())
    assert "key-0123456789abcdef" not in repr(account)
    assert "secret" not in repr(WebhookTrust(("secret",)))


# Adding one


def test_a_platform_is_one_folder_and_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """With the toy's line in the table, settings, rules and the support matrix know it."""
    monkeypatch.setitem(PLATFORMS, "toy", TOY)
    (tmp_path / "rules.yaml").write_text("name: a\ntype: reply\nbody: casino\ndelete: true\n")
    (tmp_path / "modbot.yaml").write_text(
        "forums: {toys: {platform: toy, api_url: https://toy.example, api_key: k, webhook: {token: t},"
        " bot_user: {id: 77, username: modbot}, notify: {topic: 501}, rules: [rules.yaml]}}"
    )
    forum = read(tmp_path / "modbot.yaml", {}).settings.forums["toys"]
    assert (forum.on, forum.per_second, forum.actions) == (TOY, 5, TOY.actions)
    checked = CliRunner().invoke(rules_app, ["check", str(tmp_path / "rules.yaml"), "--platform", "toy"])
    assert (checked.exit_code, "1 rules load" in checked.output) == (0, True)
    assert items_of(TOY) == "TR"
    assert "| `delete` | no | yes | Delete a post. |" in support_page([TOY])

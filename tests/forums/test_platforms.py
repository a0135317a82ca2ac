"""What every platform in the table promises; a platform that is added is tested from the first minute."""

from __future__ import annotations

import inspect
import json

import pytest

from service.forums import PLATFORMS
from service.forums.platform import Account, Notify, Platform
from service.forums.port import Accepted, Delivery, Forum, WebhookTrust

EVERY = pytest.mark.parametrize("platform", PLATFORMS.values(), ids=PLATFORMS.keys())

NOW = 1_800_000_000.0


@EVERY
def test_its_actions_are_verbs_of_the_port(platform: Platform) -> None:
    verbs = {
        name
        for name, member in inspect.getmembers(Forum, inspect.isfunction)
        if "target" in inspect.signature(member).parameters
    }
    assert platform.actions <= verbs - {"was_sent"}


@EVERY
def test_it_has_samples_and_reads_each_as_an_event_of_its_name(platform: Platform) -> None:
    assert platform.samples
    for name, body in platform.samples.items():
        reading = platform.read(Delivery({}, json.dumps(body).encode(), NOW), WebhookTrust())
        assert isinstance(reading, Accepted), name
        assert reading.event.type == name
        assert not reading.signed


@EVERY
def test_a_sample_that_it_signs_is_trusted_and_one_bit_off_is_not(platform: Platform) -> None:
    trust = WebhookTrust(("older", "secret"), require_signature=True)
    for body in platform.samples.values():
        raw = json.dumps(body).encode()
        headers = {name.lower(): value for name, value in platform.sign(raw, "secret").items()}
        reading = platform.read(Delivery(headers, raw, NOW), trust)
        assert isinstance(reading, Accepted)
        assert reading.signed
        assert not isinstance(platform.read(Delivery(headers, raw + b" ", NOW), trust), Accepted)
        assert not isinstance(platform.read(Delivery({}, raw, NOW), trust), Accepted)


@EVERY
def test_a_redelivery_has_the_same_identity_whenever_it_comes(platform: Platform) -> None:
    for body in platform.samples.values():
        raw = json.dumps(body).encode()
        first, again = (platform.read(Delivery({}, raw, at), WebhookTrust()) for at in (NOW, NOW + 3600))
        assert isinstance(first, Accepted)
        assert isinstance(again, Accepted)
        assert (first.subject, first.version) == (again.subject, again.version)


@EVERY
def test_its_key_is_sent_and_never_shown(platform: Platform) -> None:
    account = Account("https://forum.example", "key-0123456789abcdef", 77, "modbot", Notify())
    assert any("key-0123456789abcdef" in value for value in platform.headers(account).values())
    assert "key-0123456789abcdef" not in repr(account)
    assert "secret" not in repr(WebhookTrust(("secret",)))

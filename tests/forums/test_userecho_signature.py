"""Which deliveries of UserEcho are trusted, and that no input whatever makes reading fail."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.event import Event
from service.forums.port import Accepted, Ignored, Rejected, Unreadable, WebhookTrust
from service.forums.userecho.inbound import EVENTS
from service.forums.userecho.reading import read
from service.forums.userecho.signature import sign
from tests.forums.userecho_deliveries import (
    LENIENT,
    NOW,
    SECRET,
    STANDARD_SECRET,
    STRICT,
    deliver,
    delivery,
    raw_of,
)

RAW = json.dumps(delivery()).encode()


def own(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


def standard(body: bytes, at: float = NOW) -> dict[str, str]:
    key = base64.b64decode(STANDARD_SECRET.removeprefix("whsec_"))
    mac = base64.b64encode(hmac.new(key, f"msg_1.{int(at)}.".encode() + body, hashlib.sha256).digest()).decode()
    return {"webhook_id": "msg_1", "webhook_timestamp": str(int(at)), "webhook_signature": f"v1,{mac}"}


@pytest.mark.parametrize(
    ("trust", "headers", "outcome"),
    [
        (LENIENT, {}, "unsigned"),
        (STRICT, {}, "signature_missing"),
        (WebhookTrust(), {"x_ue_signature": "not checked without a secret"}, "unsigned"),
        (STRICT, {"x_ue_signature": own(RAW)}, "signed"),
        (STRICT, {"x_ue_signature": own(RAW).upper()}, "signed"),
        (STRICT, {"x_ue_signature": own(RAW, "an older secret")}, "signed"),
        (LENIENT, {"x_ue_signature": own(RAW, "another secret")}, "signature_mismatch"),
        (LENIENT, {"x_ue_signature": own(RAW + b" ")}, "signature_mismatch"),
        (LENIENT, {"x_ue_signature": own(RAW)[:-1]}, "signature_mismatch"),
        (LENIENT, {"x_ue_signature": ""}, "signature_mismatch"),
        (LENIENT, {"x_ue_signature": "\u2713 \udce9"}, "signature_mismatch"),
        (STRICT, standard(RAW), "signed"),
        (STRICT, standard(RAW, NOW - 301), "timestamp_stale"),
        (LENIENT, standard(RAW + b" "), "signature_mismatch"),
        (STRICT, standard(RAW) | {"x_ue_signature": "wrong"}, "signature_mismatch"),
    ],
)
def test_a_signature_is_verified_over_the_raw_body(trust: WebhookTrust, headers: dict[str, str], outcome: str) -> None:
    reading = deliver(RAW, trust, **headers)
    if isinstance(reading, Rejected):
        assert (reading.status, reading.reason) == (401, outcome)
    else:
        assert outcome == ("signed" if reading.signed else "unsigned")


def test_a_known_signature() -> None:
    assert sign(b'{"hook": "topic.created"}', "key") == {
        "X-UE-Signature": "1cfffca42b956d75bbf253c039d84c1b96a8535f"
    }  # by openssl


def test_the_signature_is_looked_at_before_the_body_is_parsed() -> None:
    assert deliver(b"{", LENIENT, x_ue_signature="wrong") == Rejected(
        401, "signature_mismatch", "X-UE-Signature matches none of the signing secrets"
    )


# Hostile input


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELD = st.sampled_from(
    [
        *("id", "header", "description", "author", "author_id", "tags", "category", "category_id", "forum", "forum_id"),
        *(
            "created",
            "comment_count",
            "status",
            "vote",
            "custom_fields",
            "text",
            "comment",
            "topic",
            "topic_id",
            "name",
        ),
    ]
)
OBJECTS = st.dictionaries(FIELD, JSON | st.dictionaries(FIELD, JSON, max_size=4), max_size=10)


@given(body=st.binary(max_size=300), header=st.text(max_size=40))
def test_no_bytes_make_reading_fail(body: bytes, header: str) -> None:
    headers = {"x_ue_signature": header, "webhook_signature": header, "webhook_timestamp": header, "webhook_id": header}
    assert isinstance(deliver(body, STRICT, **headers), Rejected)
    assert isinstance(deliver(body), Accepted | Ignored | Rejected)


@given(hook=st.sampled_from(sorted(EVENTS)), data=OBJECTS, created=JSON)
def test_no_json_makes_reading_fail(hook: str, data: dict[str, Any], created: Any) -> None:
    body = {"hook": hook, "created": created, "data": data}
    reading = deliver(body)
    assert isinstance(reading, Accepted | Ignored | Rejected)
    if isinstance(reading, Accepted):
        reading.subject.encode()
        with contextlib.suppress(Unreadable):
            event = read(reading.name, raw_of(body), NOW)
            assert event.type == reading.type
            assert Event.model_validate_json(event.model_dump_json()) == event

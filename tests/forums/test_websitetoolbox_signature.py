"""Which deliveries of Website Toolbox are trusted, and that no input whatever makes reading fail."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.event import Event
from service.forums.port import Accepted, Ignored, Rejected, Unreadable, WebhookTrust
from service.forums.websitetoolbox.inbound import KNOWN
from service.forums.websitetoolbox.reading import read
from service.forums.websitetoolbox.signature import sign
from tests.forums.deliveries import LENIENT, NOW, RAW, SECRET, STANDARD_SECRET, STRICT, deliver, raw_of


def own_signature(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def standard_headers(
    body: bytes, secret: str = STANDARD_SECRET, at: float = NOW, number: str = "msg_1"
) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{number}.{int(at)}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(mac).decode()}"
    return {"webhook_id": number, "webhook_timestamp": str(int(at)), "webhook_signature": signature}


@pytest.mark.parametrize(
    ("trust", "headers", "outcome"),
    [
        (LENIENT, {}, "unsigned"),
        (STRICT, {}, "signature_missing"),
        (WebhookTrust(require_signature=True), {"x_wtsignature": "x"}, "signature_missing"),
        (WebhookTrust(), {"x_wtsignature": "not checked without a secret"}, "unsigned"),
        (STRICT, {"x_wtsignature": own_signature(RAW)}, "signed"),
        (STRICT, {"x_wtsignature": own_signature(RAW, "an older secret")}, "signed"),
        (LENIENT, {"x_wtsignature": own_signature(RAW, "another secret")}, "signature_mismatch"),
        (LENIENT, {"x_wtsignature": own_signature(RAW).rstrip("=")}, "signature_mismatch"),
        (LENIENT, {"x_wtsignature": own_signature(RAW + b" ")}, "signature_mismatch"),
        (LENIENT, {"x_wtsignature": ""}, "signature_mismatch"),
        (LENIENT, {"x_wtsignature": "\u2713 \udce9"}, "signature_mismatch"),
        (STRICT, standard_headers(RAW), "signed"),
        (STRICT, standard_headers(RAW, at=NOW - 300), "signed"),
        (STRICT, standard_headers(RAW, at=NOW - 301), "timestamp_stale"),
        (STRICT, standard_headers(RAW, at=NOW + 301), "timestamp_stale"),
        (LENIENT, standard_headers(RAW) | {"webhook_timestamp": "soon"}, "signature_mismatch"),
        (LENIENT, standard_headers(RAW) | {"webhook_id": "msg_2"}, "signature_mismatch"),
        (LENIENT, standard_headers(RAW + b" "), "signature_mismatch"),
        (LENIENT, {"webhook_signature": "v1,"}, "signature_mismatch"),
        (LENIENT, {"webhook_signature": "v1"}, "signature_mismatch"),
        (LENIENT, {"webhook_signature": "v2,abc v1a,def"}, "signature_mismatch"),
        (STRICT, standard_headers(RAW) | {"x_wtsignature": "wrong"}, "signature_mismatch"),
    ],
)
def test_a_signature_is_verified_over_the_raw_body(trust: WebhookTrust, headers: dict[str, str], outcome: str) -> None:
    reading = deliver(RAW, trust, **headers)
    if isinstance(reading, Rejected):
        assert (reading.status, reading.reason) == (401, outcome)
    else:
        assert reading.signed == (outcome == "signed")
        assert outcome in {"signed", "unsigned"}


def test_several_standard_signatures_may_be_given_and_one_is_enough() -> None:
    headers = standard_headers(RAW)
    headers["webhook_signature"] = f"v1,AAAA {headers['webhook_signature']}"
    assert deliver(RAW, STRICT, **headers).signed  # type: ignore[union-attr]


def test_what_the_standard_webhooks_library_signs_is_accepted() -> None:
    body = b'{"type": "post.created", "data": {"object": {"postId": 9001}}}'
    signature = "v1,jRz1ZzI/OcLWls1pJL9QKCnzov+zjJ/neMeB+gEr59g="  # by standardwebhooks 1.1.0
    headers = {"webhook_id": "msg_7", "webhook_timestamp": "1767270000", "webhook_signature": signature}
    assert deliver(body, STRICT, **headers).signed  # type: ignore[union-attr]


def test_what_sign_makes_is_accepted() -> None:
    assert deliver(RAW, STRICT, x_wtsignature=sign(RAW, SECRET)["X-WTSignature"]).signed  # type: ignore[union-attr]


def test_the_signature_is_looked_at_before_the_body_is_parsed() -> None:
    assert deliver(b"{", LENIENT, x_wtsignature="wrong") == Rejected(
        401, "signature_mismatch", "X-WTSignature matches none of the signing secrets"
    )


# Hostile input


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELD = st.sampled_from(
    [
        *("postId", "topicId", "userId", "conversationId", "messageId", "firstPostId", "categoryId"),
        *("message", "messageText", "title", "value", "pending", "locked", "userGroups", "customFields", "tags"),
        *("author", "user", "sender", "participants", "attachments", "topic", "category", "lastPost"),
        *("postTimestamp", "editTimestamp", "dateTimestamp", "joinDateTimestamp"),
    ]
)
OBJECTS = st.dictionaries(FIELD, JSON | st.dictionaries(FIELD, JSON, max_size=4), max_size=10)


@given(body=st.binary(max_size=300), header=st.text(max_size=40))
def test_no_bytes_make_reading_fail(body: bytes, header: str) -> None:
    headers = {"x_wtsignature": header, "webhook_signature": header, "webhook_timestamp": header, "webhook_id": header}
    assert isinstance(deliver(body, STRICT, **headers), Rejected)
    assert isinstance(deliver(body), Accepted | Ignored | Rejected)


@given(
    kind=st.sampled_from(sorted(KNOWN)),
    thing=OBJECTS,
    more=st.dictionaries(st.sampled_from(["id", "created", "timestamp", "event"]), JSON),
)
def test_no_json_makes_reading_fail(kind: str, thing: dict[str, Any], more: dict[str, Any]) -> None:
    body = {**more, "type": kind, "data": {"object": thing}}
    reading = deliver(body)
    assert isinstance(reading, Accepted | Ignored | Rejected)
    if isinstance(reading, Accepted):
        reading.subject.encode()
        with contextlib.suppress(Unreadable):
            event = read(reading.name, raw_of(body), NOW)
            assert event.type == reading.type
            assert Event.model_validate_json(event.model_dump_json()) == event

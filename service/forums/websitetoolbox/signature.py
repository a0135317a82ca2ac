"""The two ways in which a delivery may be signed: Website Toolbox's own header, and Standard Webhooks.

`X-WTSignature` is the padded standard base64 of HMAC-SHA256 over the raw body, as Website Toolbox's WordPress plugin
checks it (platform-facts.md, 1.1). Standard Webhooks sign `id.timestamp.body`. Its library compares with the machine's
clock and raises on odd headers, so the few lines are here, pure. Imported by `inbound` and the platform's value.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Mapping

from service.forums.port import Delivery, Rejected

TOLERANCE = 300
"""Seconds by which a signed timestamp may differ from the receipt, either way."""

OWN = "x-wtsignature"
STANDARD = "webhook-signature"


def sign(body: bytes, secret: str) -> Mapping[str, str]:
    """The header that Website Toolbox would send with `body`."""
    return {"X-WTSignature": _mac(secret.encode(), body).decode()}


def verify(delivery: Delivery, secrets: tuple[str, ...]) -> bool | Rejected:
    """Whether the delivery is signed; Rejected where a signature is there and not right. Without secrets: False."""
    if not secrets:
        return False
    given = [name for name in (OWN, STANDARD) if name in delivery.headers]
    if OWN in given and not _matches(delivery.headers[OWN], (_mac(s.encode(), delivery.body) for s in secrets)):
        return Rejected(401, "signature_mismatch", "X-WTSignature matches none of the signing secrets")
    if STANDARD in given and (fault := _standard_fault(delivery, secrets)) is not None:
        return fault
    return bool(given)


def _standard_fault(delivery: Delivery, secrets: tuple[str, ...]) -> Rejected | None:
    headers = delivery.headers
    stamp = headers.get("webhook-timestamp", "")
    signed = f"{headers.get('webhook-id', '')}.{stamp}.".encode("utf-8", "replace") + delivery.body
    wanted = [_mac(key, signed) for secret in secrets for key in _keys(secret)]
    given = [part[3:] for part in headers[STANDARD].split(" ") if part.startswith("v1,")]
    if not any(_matches(signature, wanted) for signature in given):
        return Rejected(401, "signature_mismatch", "webhook-signature matches none of the signing secrets")
    if not (stamp.isascii() and stamp.isdigit() and abs(float(stamp[:20]) - delivery.received_at) <= TOLERANCE):
        return Rejected(401, "timestamp_stale", f"webhook-timestamp is not within {TOLERANCE} s of the receipt")
    return None


def _keys(secret: str) -> Iterator[bytes]:
    """The keys a Standard Webhooks secret may mean: its base64 decoded, and the text as it stands."""
    yield secret.encode()
    try:
        yield base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return


def _mac(key: bytes, message: bytes) -> bytes:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest())


def _matches(given: str, wanted: Iterator[bytes] | list[bytes]) -> bool:
    candidate = given.encode("utf-8", "replace")
    return any(hmac.compare_digest(candidate, mac) for mac in wanted)

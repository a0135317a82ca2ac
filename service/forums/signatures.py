"""The two ways in which a delivery may be signed: the platform's own header, and Standard Webhooks.

Standard Webhooks sign `id.timestamp.body`. Their own library compares with the machine's clock and raises on odd
headers, so the few lines are here, pure. Imported by platform folders.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Iterable, Iterator

from service.forums.port import Delivery, Rejected

TOLERANCE = 300
"""Seconds by which a signed timestamp may differ from the receipt, either way."""

STANDARD = "webhook-signature"


def verify(
    delivery: Delivery, secrets: tuple[str, ...], own: str, sign: Callable[[bytes, str], str], *, fold: bool = False
) -> bool | Rejected:
    """Whether the delivery is signed; Rejected where a signature is there and not right. Without secrets: False.

    `own` is the name of the platform's header, `sign` makes its value; `fold` says that its case does not matter.
    """
    if not secrets:
        return False
    given, name = delivery.headers, own.lower()
    if name in given:
        signature = given[name].lower() if fold else given[name]
        if not _matches(signature, (sign(delivery.body, secret).encode() for secret in secrets)):
            return Rejected(401, "signature_mismatch", f"{own} matches none of the signing secrets")
    if STANDARD in given and (fault := _standard_fault(delivery, secrets)) is not None:
        return fault
    return name in given or STANDARD in given


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
    return base64.b64encode(hmac.digest(key, message, "sha256"))


def _matches(given: str, wanted: Iterable[bytes]) -> bool:
    """In a time that tells nothing about how near a wrong signature came."""
    candidate = given.encode("utf-8", "replace")
    return any(hmac.compare_digest(candidate, one) for one in wanted)

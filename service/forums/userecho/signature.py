"""UserEcho's own signature: `X-UE-Signature`, HMAC-SHA1 in hex over the raw body (platform-facts.md, 2.1).

The key is the one shown under Setup, Integration, Website, Webhooks. Pure; imported by
`inbound` and the platform's value.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

HEADER = "X-UE-Signature"


def signature(body: bytes, secret: str) -> str:
    """The header's value for a raw body, in lower case."""
    return hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


def sign(body: bytes, secret: str) -> Mapping[str, str]:
    """The header that UserEcho would send with `body`."""
    return {HEADER: signature(body, secret)}

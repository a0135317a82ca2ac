"""Website Toolbox's own signature: `X-WTSignature`, the padded standard base64 of HMAC-SHA256 over the raw body.

Its WordPress plugin checks it so (platform-facts.md, 1.1). Pure; imported by `inbound` and the platform's value.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping

HEADER = "X-WTSignature"


def signature(body: bytes, secret: str) -> str:
    """The header's value for a raw body."""
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def sign(body: bytes, secret: str) -> Mapping[str, str]:
    """The header that Website Toolbox would send with `body`."""
    return {HEADER: signature(body, secret)}

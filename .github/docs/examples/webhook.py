"""Verify a message of a webhook, with the standard library alone. `secret` is what POST /webhooks answered."""

import base64
import hashlib
import hmac
import time


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether AIPROD sent this, unchanged and within 5 minutes. `headers` have lower-case names; `body` is raw."""
    stamp = headers["webhook-timestamp"]
    if abs(time.time() - int(stamp)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{stamp}.".encode() + body
    ours = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    # During a rotation there are two signatures; one is enough.
    return any(hmac.compare_digest(ours, theirs) for theirs in headers["webhook-signature"].split())

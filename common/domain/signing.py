"""The signature of Standard Webhooks 1.0.0: what proves to a receiver that a message is ours and unchanged."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime


def signed(message_id: str, at: datetime, body: str, secrets: Sequence[bytes]) -> Mapping[str, str]:
    """The three headers of an attempt, with one signature by each secret."""
    seconds = int(at.timestamp())
    text = f"{message_id}.{seconds}.{body}".encode()
    proofs = [base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode() for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{proof}" for proof in proofs),
    }

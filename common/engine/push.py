"""The one reader of what Pub/Sub, Cloud Tasks and Cloud Scheduler deliver."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class InvalidEnvelope(ValueError):
    """The delivery cannot be understood and never will be; the text says why."""


@dataclass(frozen=True)
class Delivery:
    """One delivered message: its data, its id, the how-manieth try this is where the bus tells, and its attributes.

    The id is the publisher's own where it named one, for Pub/Sub gives each publishing an id of its own.
    """

    data: Mapping[str, Any]
    message_id: str
    attempt: int
    attributes: Mapping[str, str] = field(default_factory=dict)


def parse(body: bytes, headers: Mapping[str, str]) -> Delivery:
    """Read a Pub/Sub push envelope, or the plain JSON object of a task or schedule; InvalidEnvelope."""
    try:
        payload = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise InvalidEnvelope(f"The delivery is no JSON: {error}.") from error
    if not isinstance(payload, dict):
        raise InvalidEnvelope("The delivery is no JSON object.")
    lower = {name.lower(): value for name, value in headers.items()}
    message = payload.get("message")
    if not isinstance(message, dict):
        retries = lower.get("x-cloudtasks-taskretrycount", "0")
        return Delivery(
            payload,
            lower.get("x-cloudtasks-taskname", ""),
            int(retries) + 1 if re.fullmatch(r"[0-9]{1,9}", retries) else 1,
        )
    try:
        data = json.loads(base64.b64decode(message.get("data", ""), validate=True) or b"{}")
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise InvalidEnvelope(f"Message {message.get('messageId')!r} carries no base64 JSON: {error}.") from error
    if not isinstance(data, dict):
        raise InvalidEnvelope(f"Message {message.get('messageId')!r} carries no JSON object.")
    attempt, given = payload.get("deliveryAttempt"), message.get("attributes")
    attributes = {name: str(value) for name, value in given.items()} if isinstance(given, dict) else {}
    message_id = attributes.get("message_id") or str(message.get("messageId", ""))
    return Delivery(data, message_id, attempt if isinstance(attempt, int) else 1, attributes)

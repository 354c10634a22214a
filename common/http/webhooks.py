"""Webhooks as clients see them: whose they are, what they hear, and how their messages fared. Never with a secret."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from common.domain.access import Action, allowed
from common.domain.egress import LONGEST, InvalidTarget, target
from common.domain.events import EVENTS, EVERYTHING
from common.domain.model import WHOLE, Model
from common.domain.settings import Settings
from common.domain.webhooks import MOST_RETRIES, Attempt, Delivery, Hook, State
from common.engine import webhooks
from common.engine.webhooks import InvalidSecret, UnknownHook
from common.http import conditional, respond
from common.http.call import Call
from common.http.problem import Fault, Problem, not_found

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _types(value: str | list[str]) -> str | list[str]:
    names = [value] if isinstance(value, str) else value
    if not names:
        raise ValueError(f"event_type names no event; use {EVERYTHING} for all of them.")
    for name in names:
        if name not in (*EVENTS, EVERYTHING):
            shown = name if len(name) <= 60 else f"{name[:57]}..."
            raise ValueError(f"{shown!r} is no event; use {EVERYTHING} or some of {', '.join(EVENTS)}.")
    return value


def _secret(value: str) -> str:
    try:
        webhooks.read_secret(value)
    except InvalidSecret as invalid:
        raise ValueError(str(invalid)) from None
    return value


Types = Annotated[
    str | Annotated[list[str], Field(max_length=len(EVENTS) + 1)],
    AfterValidator(_types),
    Field(description=f"One type, a list of types, or {EVERYTHING} for all: {', '.join(EVENTS)}."),
]
Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST,
        description="Where messages are sent by POST: an https URL that the whole internet can reach.",
    ),
]
Text = Annotated[str, Field(max_length=200, description="What it is for, in your words.")]
Retries = Annotated[
    int,
    Field(strict=True, ge=0, le=MOST_RETRIES, description="How often a message is tried again that was not taken."),
    WHOLE,
]
GivenSecret = Annotated[
    str,
    Field(max_length=200, description="What messages are signed with: whsec_ and base64, or text, of 24 to 64 bytes."),
    AfterValidator(_secret),
]


class HookView(Model):
    """One webhook."""

    id: str = Field(description="Its id.")
    url: str = Field(description="Where messages are sent.")
    event_type: list[str] = Field(description="The events that it hears.")
    description: str = Field(description="What it is for.")
    enabled: bool = Field(description="Whether it hears anything.")
    reason: str = Field(description="Why it is switched off; empty while it is on.")
    retries: int = Field(description="How often a message is tried again that was not taken.")
    failures: int = Field(description="Messages in a row that were given up; 10 switch it off, and success clears it.")
    created_at: datetime = Field(description="When it was made.")
    updated_at: datetime = Field(description="When it was changed last.")


class DeliveryView(Model):
    """One message to one webhook, and every attempt to send it."""

    id: str = Field(description="The webhook-id of every attempt: a receiver knows a repeat by it.")
    event_type: str = Field(description="What it tells of.")
    state: State = Field(description="waiting for an attempt, delivered, failed, or dropped with its webhook.")
    next_attempt_at: datetime | None = Field(description="When it is tried next; null when it is not.")
    created_at: datetime = Field(description="When it was written down.")
    finished_at: datetime | None = Field(description="When it was delivered or given up; null before.")
    attempts: list[Attempt] = Field(description="Every attempt, oldest first; of more than 50 the newest.")
    payload: dict[str, Any] = Field(description="The body as it is sent.")


HOOK_EXAMPLE: dict[str, Any] = {
    "id": "5f0c1b7a9d3e4c8812aa",
    "url": "https://hooks.example.com/aiprod",
    "event_type": ["pipeline.completed", "pipeline.failed"],
    "description": "Tells our editors.",
    "enabled": True,
    "reason": "",
    "retries": 3,
    "failures": 0,
    "created_at": "2026-02-01T12:00:00Z",
    "updated_at": "2026-02-01T12:00:00Z",
}
DELIVERY_EXAMPLE: dict[str, Any] = {
    "id": "msg_2d1f0a9b8c7d6e5f4a3b2c1d",
    "event_type": "pipeline.completed",
    "state": "delivered",
    "next_attempt_at": None,
    "created_at": "2026-02-01T12:03:10Z",
    "finished_at": "2026-02-01T12:03:11Z",
    "attempts": [
        {"number": 1, "at": "2026-02-01T12:03:10Z", "seconds": 0.21, "status": 200, "error": "", "answer": "ok"}
    ],
    "payload": {
        "type": "pipeline.completed",
        "timestamp": "2026-02-01T12:03:10.000Z",
        "data": {"id": "0c9b7a5e3d1f42886e10", "status": "completed", "progress": 1.0},
    },
}


def visible(call: Call[Any], action: Action) -> Hook:
    """The webhook that the path names, if the caller may do this with it; otherwise it is unknown: Problem 404."""
    hook_id = call.params["id"]
    unknown = not_found(f"There is no webhook {hook_id[:64]!r} that you may see.")
    if not _ID.fullmatch(hook_id):
        raise unknown
    try:
        hook = webhooks.load(call.context.documents, hook_id)
    except UnknownHook:
        raise unknown from None
    if not allowed(call.caller.role, action, own=hook.owner == call.caller.id):
        raise unknown
    return hook


def view(hook: Hook) -> HookView:
    """What every answer about a webhook says."""
    return HookView(
        id=hook.id,
        url=hook.url,
        event_type=list(hook.events),
        description=hook.description,
        enabled=hook.enabled,
        reason=hook.reason,
        retries=hook.retries,
        failures=hook.failures,
        created_at=hook.created_at,
        updated_at=hook.updated_at,
    )


def tag(hook: Hook) -> str:
    """The entity tag that the boundary gives the page of this webhook."""
    return conditional.etag(respond.payload(view(hook), "application/json"))


def delivery_view(delivery: Delivery) -> DeliveryView:
    """What every answer about a message says."""
    return DeliveryView(
        id=delivery.id,
        event_type=delivery.type,
        state=delivery.state,
        next_attempt_at=delivery.due_at if delivery.state == "waiting" else None,
        created_at=delivery.created_at,
        finished_at=delivery.finished_at,
        attempts=list(delivery.attempts),
        payload=json.loads(delivery.body),
    )


def listed(types: str | Sequence[str]) -> list[str]:
    """Event types as a list without repeats."""
    return [types] if isinstance(types, str) else list(dict.fromkeys(types))


def checked(settings: Settings, url: str) -> str:
    """The URL as it will be called; Problem 422 for one that may not be."""
    try:
        return target(url, loopback=bool(settings.webhook_loopback)).url
    except InvalidTarget as invalid:
        raise Problem(422, "url_refused", str(invalid), faults=[Fault("#/url", str(invalid))]) from None

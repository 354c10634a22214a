"""What the engine stores beside pipelines and steps, and the change that one commit writes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from common.domain.events import EventType
from common.domain.model import Model
from common.domain.pipeline import Event, Failure, Pipeline, Step


class Announcement(Model):
    """A public event as its owner's webhooks are told of it. `subject` is the id of the pipeline or batch."""

    type: EventType
    subject: str
    owner: str
    at: datetime
    data: dict[str, Any]


class Dispatch(Model):
    """An outbox row: one message to a step's function. The id is deterministic, so relaying twice sends one id.

    With an announcement it is for the function `announce`, and stays until that has done its work; `sent_at` is when
    the sweep sent it again.
    """

    id: str
    pipeline_id: str
    step: str
    key: str
    priority: str = "low"
    not_before: datetime | None = None
    created_at: datetime
    announcement: Announcement | None = None
    sent_at: datetime | None = None


class Reservation(Model):
    """A ledger row. `reserved` before the call, `submitted` once the provider was asked, then settled or released."""

    key: str
    pipeline_id: str
    step_key: str
    engine: str
    version: str
    state: str  # reserved | submitted | settled | released
    estimate: int = 0
    amount: int = 0
    unit: str = ""
    quantity: float = 0.0
    operation: str = ""  # the provider's own id of the work
    resumes: bool = False  # the next attempt goes on with it, where another call would be lost with its attempt
    at: datetime


KEPT = 100_000  # characters of what arrived, in a dead letter


class Replayed(Model):
    """What became of a dead letter: the pipeline that went on from it, or the message that was sent again."""

    by: str
    at: datetime


class DeadLetter(Model):
    """What could not be read, delivered or done, kept for a person who can have it done again.

    `unreadable`: `body` as it arrived. `undeliverable`: `data` of a message that nobody took, or its text in `body`.
    `failed`: a step run that may not run again.
    """

    kind: Literal["unreadable", "undeliverable", "failed"]
    function: str  # for which the message was
    reason: str
    code: str = ""  # of the failure, where a step failed
    pipeline_id: str = ""
    step: str = ""
    key: str = ""
    epoch: int = 0
    body: str = ""
    data: dict[str, Any] = Field(default_factory=dict)
    message_id: str = ""
    at: datetime
    replayed: Replayed | None = None


@dataclass(frozen=True)
class Change:
    """What one commit writes."""

    pipeline: Pipeline | None = None
    steps: tuple[Step, ...] = ()
    events: tuple[Event, ...] = ()
    send: tuple[Dispatch, ...] = ()
    ledger: tuple[Reservation, ...] = ()
    dead: Failure | None = None

"""What the engine stores beside pipelines and steps, and the change that one commit writes."""

from dataclasses import dataclass
from datetime import datetime

from common.domain.model import Model
from common.domain.pipeline import Event, Failure, Pipeline, Step


class Dispatch(Model):
    """An outbox row: one message to a step's function. The id is deterministic, so relaying twice sends one id."""

    id: str
    pipeline_id: str
    step: str
    key: str
    priority: str = "low"
    not_before: datetime | None = None
    created_at: datetime


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
    at: datetime


@dataclass(frozen=True)
class Change:
    """What one commit writes."""

    pipeline: Pipeline | None = None
    steps: tuple[Step, ...] = ()
    events: tuple[Event, ...] = ()
    send: tuple[Dispatch, ...] = ()
    ledger: tuple[Reservation, ...] = ()
    dead: Failure | None = None

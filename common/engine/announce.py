"""Public events on their way to webhooks: an outbox row of the commit that made them true, for the function `announce`.

A row stays in the outbox until `announce` has written every delivery that follows from it, so a message that gets lost
is sent again by the sweep. Ids are deterministic, so whatever comes twice leads to the same deliveries.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from common.domain.events import EVENTS, PROGRESS, EventType
from common.domain.money import dollars
from common.domain.pipeline import Event, Pipeline
from common.engine.decisions import INTERNAL
from common.engine.records import Announcement, Change, Dispatch

FUNCTION = "announce"


def dispatch(kind: EventType, subject: str, owner: str, data: Mapping[str, Any], now: datetime) -> Dispatch:
    """The outbox row of an event that happens once to its subject (a batch), to be told to its owner's webhooks.

    Write `outbox.row(dispatch)` in the commit that makes the event true, and `outbox.relay(context, [dispatch])` after.
    """
    told = Announcement(type=kind, subject=subject, owner=owner, at=now, data=dict(data))
    return Dispatch(id=f"{subject}.{kind}", pipeline_id="", step=FUNCTION, key="", created_at=now, announcement=told)


def outgoing(change: Change) -> tuple[Dispatch, ...]:
    """All that a change sends: messages to steps, and its public events to their announcer."""
    if change.pipeline is None:
        return change.send
    told = [_told(change.pipeline, event) for event in change.events if _public(change.pipeline, event)]
    return (*change.send, *told)


def _public(pipeline: Pipeline, event: Event) -> bool:
    return event.type in EVENTS and (event.type != PROGRESS or pipeline.announces_progress)


def _told(pipeline: Pipeline, event: Event) -> Dispatch:
    told = Announcement(
        type=event.type,
        subject=pipeline.id,
        owner=pipeline.owner,
        at=event.at,
        data=_data(pipeline, event),
    )
    return Dispatch(
        id=f"{pipeline.id}.event.{event.seq:06d}",
        pipeline_id=pipeline.id,
        step=FUNCTION,
        key="",
        created_at=event.at,
        announcement=told,
    )


def _data(pipeline: Pipeline, event: Event) -> dict[str, Any]:
    """The pipeline as this event left it, in words that are a client's to read."""
    cost, error = pipeline.cost, pipeline.error
    data: dict[str, Any] = {
        "id": pipeline.id,
        "seq": event.seq,
        "status": pipeline.status,
        "stage": pipeline.stage,
        "progress": pipeline.progress,
        "preset": pipeline.preset,
        "title": pipeline.title,
        "cost": {
            "cap": None if cost.cap is None else dollars(cost.cap),
            "spent": dollars(cost.spent),
            "reserved": dollars(cost.reserved),
        },
    }
    if error is not None:
        step = error.step.partition(".")[0]
        detail = f"{step or 'A step'} failed." if error.code in INTERNAL else error.detail
        data["error"] = {"code": error.code, "detail": detail, "step": step}
    return data

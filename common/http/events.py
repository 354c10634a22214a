"""A pipeline's events as clients see them: the same words in the list, over a WebSocket and as server-sent events.

A client sees what it may act on. Who cancelled, and what an internal failure was made of, stays with the operators.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from common.domain.model import Model
from common.domain.money import dollars
from common.domain.pipeline import TERMINAL, Event, Failure
from common.http.pipelines import public_failure

# The event that ends a log, whose last part is the status that it ends in.
LAST = frozenset(f"pipeline.{status}" for status in TERMINAL)


class EventView(Model):
    """One entry of a pipeline's log."""

    seq: int = Field(description="Its number in the log: from 1, without a gap, never twice.")
    type: str = Field(description="What happened; a client ignores types it does not know.")
    time: datetime = Field(description="When, in UTC.")
    data: dict[str, Any] = Field(description="`status` of the pipeline after it, and what its type says.")


def public(event: Event) -> EventView:
    """The event in a client's words."""
    said = _SAID.get(event.type, _nothing)(event.data)
    return EventView(seq=event.seq, type=event.type, time=event.at, data={"status": event.data["status"], **said})


def _nothing(_data: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _step(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in ("step", "key", "progress") if name in data}


def _progress(data: Mapping[str, Any]) -> dict[str, Any]:
    if not data.get("failed"):
        return _step(data)
    return {**_step(data), "warning": f"{data['step']} failed; the video is made without what it would have added."}


def _completed(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"progress": 1.0, "cost": dollars(data["cost_micros"])}


def _failed(data: Mapping[str, Any]) -> dict[str, Any]:
    told = public_failure(Failure(code=data["code"], detail=data["detail"], step=data["step"]))
    return {"step": data["step"], "error": told.model_dump(mode="json")}


def _replayed(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"of": data["of"], "kept": data["kept"], "again": data["again"]}


_SAID: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "pipeline.started": _nothing,
    "pipeline.progress": _progress,
    "pipeline.awaiting_approval": _step,
    "pipeline.completed": _completed,
    "pipeline.failed": _failed,
    "pipeline.cancelled": _nothing,
    "pipeline.replayed": _replayed,
    "pipeline.plan_edited": lambda data: {"changes": data["changes"]},
    "pipeline.revised": lambda data: {"of": data["of"], "kept": data["kept"]},
}

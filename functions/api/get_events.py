"""GET /pipeline/{id}/events: what happened to a pipeline, in order, page by page."""

from typing import Any

from pydantic import Field

from common.domain.model import Model
from common.engine import store
from common.http.call import Answer, Call, Empty
from common.http.events import EventView, public
from common.http.paging import DEFAULT_SIZE, MOST
from common.http.pipelines import visible


class Asked(Model):
    """From where on."""

    after: int = Field(default=0, ge=0, le=2**53, description="The last event that the client has; 0 for all.")
    page_size: int = Field(
        default=0, ge=0, description=f"Most events of a page; 0 is {DEFAULT_SIZE}, more than {MOST} are {MOST}."
    )


class Log(Model):
    """A part of a pipeline's log; the stream at /pipeline/{id}/events/stream goes on by itself."""

    events: tuple[EventView, ...] = Field(description="In order, without a gap.")
    after: int = Field(description="Send it as after for what follows, now or later.")
    more: bool = Field(description="Whether more is there already.")


Query = Asked
Reply = Log
PROBLEMS = ("not_found",)
REPLY_EXAMPLE: dict[str, Any] = {
    "events": [
        {"seq": 1, "type": "pipeline.started", "time": "2026-03-01T09:30:00Z", "data": {"status": "processing"}},
        {
            "seq": 2,
            "type": "pipeline.progress",
            "time": "2026-03-01T09:30:01Z",
            "data": {"status": "processing", "step": "analyze", "key": "analyze", "progress": 0.02},
        },
    ],
    "after": 2,
    "more": False,
}


def handle(call: Call[Empty]) -> Answer:
    """The events behind the one that the client has."""
    pipeline = visible(call, "read")
    asked: Asked = call.query
    size = min(asked.page_size or DEFAULT_SIZE, MOST)
    found = store.events(call.context.documents, pipeline.id, asked.after, size + 1)
    shown = tuple(public(event) for event in found[:size])
    return Answer(body=Log(events=shown, after=shown[-1].seq if shown else asked.after, more=len(found) > size))

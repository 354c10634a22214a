"""GET /pipeline/{id}/events/stream: progress as it happens, as server-sent events.

The first event is a snapshot: how the pipeline stands. Then its events follow in the order of their numbers, which
are the ids of the server-sent events, and a comment every 20 seconds where there is nothing to say. A client that comes
back sends the last id as Last-Event-ID (browsers do by themselves) or as `after`, and misses nothing. The stream ends
with the event that ends the pipeline; a browser that comes back after that is told by a 204 to stay away.
"""

from pydantic import Field

from common.domain.model import Model
from common.http.call import Answer, Call, Empty
from common.http.live.feed import Feed
from common.http.pipelines import visible
from common.http.problem import Problem

STATUS = (200, 204)
MEDIA_TYPE = "text/event-stream"
PROBLEMS = ("not_found", "no_such_event", "too_many_connections")


class Query(Model):
    """From where on."""

    after: int | None = Field(
        default=None, ge=0, le=2**53, description="The last event that the client has; 0 for the log from its start."
    )


def handle(call: Call[Empty]) -> Answer:
    """200 with the stream, 204 where a client that was here before has everything there will ever be."""
    pipeline = visible(call, "read")
    seen = call.headers.get("Last-Event-ID", "")
    after = _number(seen) if seen else call.query.after
    if seen and pipeline.settled and after == pipeline.seq:
        return Answer(204, b"", media_type="text/plain")
    # Proxies that collect an answer before they hand it on are asked not to.
    return Answer(body=Feed(call, pipeline, after), media_type=MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Problem(400, "no_such_event", "Last-Event-ID is no number of an event; send the id of the last one.")
    return int(text)

"""GET /ws/pipeline/{id}: progress as it happens, over a WebSocket.

Messages are JSON: {"seq", "type", "time", "data"}. The first is a snapshot: how the pipeline stands. Then its events
follow in the order of their numbers, and {"type": "ping"} every 20 seconds where there is nothing to say. A client
that comes back sends the last number it has as `after`, and misses nothing. `common.http.live.socket` says how a client
proves who it is, and what the codes mean with which the connection is closed.
"""

from pydantic import Field

from common.domain.model import Model
from common.http.call import Answer, Call, Empty
from common.http.live.feed import Feed
from common.http.live.origin import check_origin
from common.http.pipelines import visible
from common.http.problem import Problem

STATUS = 101
MEDIA_TYPE = "application/json"
PROBLEMS = ("not_found", "no_such_event", "too_many_connections", "upgrade_required", "origin_not_allowed")


class Query(Model):
    """From where on."""

    after: int | None = Field(
        default=None, ge=0, le=2**53, description="The last event that the client has; 0 for the log from its start."
    )


def handle(call: Call[Empty]) -> Answer:
    """101 with what is to be told; 426 to a request that is no WebSocket."""
    if call.headers.get("Upgrade", "").lower() != "websocket":
        text = "This path speaks WebSocket only; for server-sent events use /pipeline/{id}/events/stream."
        raise Problem(426, "upgrade_required", text, headers={"Upgrade": "websocket"})
    check_origin(call)
    pipeline = visible(call, "read")
    return Answer(STATUS, Feed(call, pipeline, call.query.after), media_type=MEDIA_TYPE)

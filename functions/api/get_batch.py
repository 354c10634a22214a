"""GET /pipeline/batch/{id}: where a batch stands."""

from common.http.batches import VIEW_EXAMPLE, BatchView, view, visible
from common.http.call import Answer, Call, Empty

Reply = BatchView
PROBLEMS = ("not_found",)
REPLY_EXAMPLE = VIEW_EXAMPLE


def handle(call: Call[Empty]) -> Answer:
    """The batch with every job, how many are in each status, and what they cost."""
    return Answer(body=view(call.context, visible(call)))

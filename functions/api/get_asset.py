"""GET /assets/{id}: where a user's own file stands."""

from common.http.assets import VIEW_EXAMPLE, AssetView, view, visible
from common.http.call import Answer, Call, Empty

Reply = AssetView
REPLY_EXAMPLE = VIEW_EXAMPLE


def handle(call: Call[Empty]) -> Answer:
    """The file, with fresh leave to send its bytes while they have not come."""
    return Answer(body=view(call, visible(call)))

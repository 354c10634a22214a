"""POST /assets/{id}/complete: look at the bytes that were sent, and make the file usable in requests."""

from common.engine import assets
from common.engine.assets import NotArrived
from common.http.assets import VIEW_EXAMPLE, AssetView, view, visible
from common.http.call import Answer, Call, Empty
from common.http.problem import Problem
from common.media.media_file import UnreadableMedia

Reply = AssetView
PROBLEMS = ("asset_not_arrived", "asset_refused")
REPLY_EXAMPLE = VIEW_EXAMPLE


def handle(call: Call[Empty]) -> Answer:
    """200 with the key that requests name it by, also when it was completed before; 409 while bytes are missing.

    422 for content that is not what was announced, whatever its name and type say: it is removed.
    """
    asset = visible(call)
    try:
        ready = assets.accept(call.context, asset)
    except NotArrived as early:
        raise Problem(409, "asset_not_arrived", f"Asset {asset.id} is not complete: {early}.") from None
    except UnreadableMedia as no:
        raise Problem(422, "asset_refused", f"Asset {asset.id} cannot be used: {no}") from None
    return Answer(body=view(call, ready))

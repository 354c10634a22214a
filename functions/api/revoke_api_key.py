"""DELETE /api-keys/{id}: end an API key at once."""

from common.http import keys
from common.http.call import Answer, Call, Empty
from common.http.keys import VIEW_EXAMPLE, KeyView, view, who
from common.identity import api_keys
from common.identity.api_keys import UnknownKey

Reply = KeyView
PROBLEMS = ("not_found",)
REPLY_EXAMPLE = {**VIEW_EXAMPLE, "status": "revoked", "revoked_at": "2026-03-02T10:00:00Z"}


def handle(call: Call[Empty]) -> Answer:
    """200 with the key, also when it was revoked before. The version before it ends with it; a newer one stays."""
    try:
        key = api_keys.revoke(call.context, who(call), call.params["id"])
    except UnknownKey as error:
        raise keys.unknown(error) from None
    return Answer(body=view(key, call.context.clock.now()))

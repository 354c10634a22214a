"""DELETE /webhooks/{id}: deliver nothing more to a URL."""

from common.engine import webhooks
from common.http.audited import note
from common.http.call import Answer, Call, Empty
from common.http.webhooks import visible

STATUS = 204
PROBLEMS = ("not_found",)


def handle(call: Call[Empty]) -> Answer:
    """204 once it is gone. Messages that still wait for it are dropped."""
    hook = visible(call, "change")
    webhooks.delete(call.context, hook.id)
    note(call, "CONFIG_CHANGE", actor=call.caller.id, subject=f"webhooks/{hook.id}", reason="deleted")
    return Answer(204)

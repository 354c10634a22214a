"""DELETE /webhooks/{id}: deliver nothing more to a URL."""

from common.domain.webhooks import Hook
from common.engine import store, webhooks
from common.http import conditional
from common.http.audited import note
from common.http.call import Answer, Call, Empty
from common.http.webhooks import tag, visible
from common.platform.documents import Delete

STATUS = 204
PROBLEMS = ("not_found", "precondition_failed")


def handle(call: Call[Empty]) -> Answer:
    """204 once it is gone. Messages that still wait for it are dropped."""
    hook = visible(call, "change")
    if "If-Match" in call.headers:
        store.settle(call.context.clock, lambda: _delete_as_seen(call, hook.id), store.CLIENT_PATIENCE)
    else:
        webhooks.delete(call.context, hook.id)
    note(call, "CONFIG_CHANGE", actor=call.caller.id, subject=f"webhooks/{hook.id}", reason="deleted")
    return Answer(204)


def _delete_as_seen(call: Call[Empty], hook_id: str) -> None:
    """Remove the webhook if it is what the caller has seen; one that is gone stays so."""
    documents = call.context.documents
    found = documents.get(webhooks.path(hook_id))
    if found is not None:
        conditional.require(call, tag(Hook.model_validate(found.data)))
        documents.commit([Delete(found.path, found.version)])

"""GET /webhooks: where the caller's events are delivered to."""

from pydantic import Field

from common.domain.model import Model
from common.engine import webhooks
from common.http.call import Answer, Call, Empty
from common.http.webhooks import HOOK_EXAMPLE, HookView, view


class Hooks(Model):
    """All webhooks of the caller; there are 20 at most, so they come on one page."""

    webhooks: list[HookView] = Field(description="Oldest first.")


Reply = Hooks
REPLY_EXAMPLE = {"webhooks": [HOOK_EXAMPLE]}


def handle(call: Call[Empty]) -> Answer:
    """The caller's own, without their secrets."""
    return Answer(body=Hooks(webhooks=[view(hook) for hook in webhooks.owned(call.context.documents, call.caller.id)]))

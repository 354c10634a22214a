"""GET /webhooks/{id}: one webhook."""

from common.http.call import Answer, Call, Empty
from common.http.webhooks import HOOK_EXAMPLE, HookView, view, visible

Reply = HookView
PROBLEMS = ("not_found",)
REPLY_EXAMPLE = HOOK_EXAMPLE


def handle(call: Call[Empty]) -> Answer:
    """The webhook, without its secret."""
    return Answer(body=view(visible(call, "read")))

"""POST /webhooks/{id}/deliveries/{delivery_id}/replay: send a message once more, under its own id."""

import re

from common.engine import deliveries
from common.engine.deliveries import NotNow, UnknownDelivery
from common.engine.webhooks import UnknownHook
from common.http.call import Answer, Call, Empty
from common.http.problem import Problem, not_found
from common.http.webhooks import DELIVERY_EXAMPLE, DeliveryView, delivery_view, visible

Reply = DeliveryView
STATUS = 202
PROBLEMS = ("not_found", "webhook_off", "delivery_waiting")
REPLY_EXAMPLE = {
    **DELIVERY_EXAMPLE,
    "state": "waiting",
    "next_attempt_at": "2026-02-01T14:00:00Z",
    "finished_at": None,
}

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def handle(call: Call[Empty]) -> Answer:
    """202 with the message on its way again with all its retries; 409 while it still waits, or its webhook is off."""
    hook, delivery_id = visible(call, "change"), call.params["delivery_id"]
    unknown = not_found(f"There is no delivery {delivery_id[:64]!r} of this webhook.")
    if not _ID.fullmatch(delivery_id):
        raise unknown
    if not hook.enabled:
        raise Problem(409, "webhook_off", f"Webhook {hook.id} is switched off; switch it on first.")
    try:
        return Answer(202, delivery_view(deliveries.replay(call.context, hook.id, delivery_id)))
    except (UnknownDelivery, UnknownHook):
        raise unknown from None
    except NotNow as busy:
        raise Problem(409, "delivery_waiting", str(busy)) from None

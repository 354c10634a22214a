"""POST /webhooks/{id}/test: send a message of no meaning now, and see what comes of it."""

from common.engine import deliveries
from common.engine.deliveries import NotNow, UnknownDelivery
from common.engine.webhooks import UnknownHook
from common.http.call import Answer, Call, Empty
from common.http.problem import Problem, not_found
from common.http.webhooks import DELIVERY_EXAMPLE, DeliveryView, delivery_view, visible

Reply = DeliveryView
PROBLEMS = ("not_found", "webhook_off")
REPLY_EXAMPLE = {
    **DELIVERY_EXAMPLE,
    "event_type": "webhook.test",
    "payload": {
        "type": "webhook.test",
        "timestamp": "2026-02-01T12:03:10.000Z",
        "data": {"webhook": "5f0c1b7a9d3e4c8812aa", "message": "If you can read this, your webhook works."},
    },
}


def handle(call: Call[Empty]) -> Answer:
    """The message with its one attempt, within 15 seconds, whatever came of it; 409 for a webhook that is off."""
    hook = visible(call, "change")
    try:
        return Answer(body=delivery_view(deliveries.ping(call.context, hook.id, f"msg_{call.new_id}")))
    except (UnknownHook, UnknownDelivery):
        raise not_found(f"There is no webhook {hook.id!r} any more.") from None
    except NotNow as off:
        raise Problem(409, "webhook_off", str(off)) from None

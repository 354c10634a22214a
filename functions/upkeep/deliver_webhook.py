"""Send a message to a webhook, and once more later when nobody takes it."""

import re

from common.engine import deliveries
from common.engine.context import Context
from common.engine.push import Delivery, InvalidEnvelope

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def run(context: Context, delivery: Delivery) -> str:
    """Make the attempt that the task is for, if that is still to be made."""
    hook, message, turn = (delivery.data.get(name) for name in ("hook", "delivery", "turn"))
    named = all(isinstance(one, str) and _ID.fullmatch(one) for one in (hook, message))
    if not named or not isinstance(turn, int) or isinstance(turn, bool):
        raise InvalidEnvelope("The delivery names no message and turn.")
    return deliveries.attempt(context, str(hook), str(message), turn)

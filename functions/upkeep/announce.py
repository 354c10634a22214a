"""Write down a delivery of a public event for every webhook that hears it, and notice the end of a batch."""

from common.engine import batches, deliveries
from common.engine.context import Context
from common.engine.push import Delivery, InvalidEnvelope


def run(context: Context, delivery: Delivery) -> str:
    """Take the announcement out of the outbox; one that is not there any more was made before."""
    row = delivery.data.get("row")
    if not isinstance(row, str) or not row or "/" in row:
        raise InvalidEnvelope("The delivery names no announcement.")
    batches.heard(context, row)
    return deliveries.fan_out(context, row)

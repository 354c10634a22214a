"""Give back what a dead worker left behind, relay what was not published and go on with batches."""

import logging

from common.engine import batches
from common.engine.context import Context
from common.engine.push import Delivery
from common.engine.sweep import sweep

log = logging.getLogger(__name__)


def run(context: Context, delivery: Delivery) -> None:
    """Sweep once. A process that has just started says `at_start`, and nothing is too young to be looked at."""
    at_start = bool(delivery.data.get("at_start"))
    swept = sweep(context, at_start=at_start)
    if swept.relayed or swept.given_back or swept.failed or swept.messages:
        found = (swept.relayed, swept.given_back, swept.failed, swept.messages)
        log.info("swept: %d relayed, %d given back, %d failed, %d messages sent for", *found)
    if moved := batches.sweep(context, at_start=at_start):
        log.info("swept: %d batches went on", moved)

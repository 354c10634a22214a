"""Fail the step whose message could not be delivered, with its reason, and keep the message for replay."""

import json
import logging
from collections.abc import Mapping

from common.domain.model import digest
from common.domain.pipeline import Failure
from common.engine import store, worker
from common.engine.context import Context
from common.engine.push import Delivery
from common.engine.records import KEPT, DeadLetter
from common.engine.store import UnknownPipeline
from common.platform.documents import Conflict, Create

log = logging.getLogger(__name__)


def run(context: Context, delivery: Delivery) -> str:
    """Keep the message first, so that nothing is lost if the rest fails; then end what waits for it in vain."""
    letter = _letter(context, delivery)
    path = store.letter_path(digest([delivery.message_id, dict(delivery.data)])[:20])
    try:
        _keep(context, path, letter)
    except ValueError:  # too large, too deep or out of range for a store: its text will do
        text = json.dumps(letter.data)[:KEPT]
        _keep(context, path, letter.model_copy(update={"data": {}, "body": text}))
    said = _end(context, letter)
    log.error(
        "dead letter",
        extra={"pipeline": letter.pipeline_id, "step": letter.key, "reason": letter.reason, "outcome": said},
    )
    return said


def _keep(context: Context, path: str, letter: DeadLetter) -> None:
    try:
        context.documents.commit([Create(path, letter.model_dump(mode="json"))])
    except Conflict:  # a message may be given up more than once, and its letter be replayed by then
        if context.documents.get(path) is None:
            raise  # or the store had too many rivals, and kept nothing


def _end(context: Context, letter: DeadLetter) -> str:
    pipeline_id, key = letter.pipeline_id, letter.key
    if not pipeline_id or not key:
        return "kept: it names no step"
    try:
        step = store.read(context.documents, pipeline_id, key).step
    except (UnknownPipeline, ValueError):
        return "kept: its step is unknown"
    if step is None or step.state != "ready":
        return "kept: its step does not wait for it"  # settled, or in the hands of a worker, whom the sweep watches
    detail = f"The message that starts {key} could not be delivered: {letter.reason}."
    worker.fail(context, pipeline_id, key, Failure(code="undeliverable", detail=detail, step=key), step.epoch)
    return f"kept, and {key} of pipeline {pipeline_id} has failed"


def _letter(context: Context, delivery: Delivery) -> DeadLetter:
    data = dict(delivery.data)
    named = {name: data[name] if isinstance(data.get(name), str) else "" for name in ("pipeline_id", "step", "key")}
    subscription = delivery.attributes.get("CloudPubSubDeadLetterSourceSubscription", "")
    return DeadLetter(
        kind="undeliverable",
        function=named["step"] or subscription.rpartition("/")[2],
        reason=_reason(delivery.attributes, subscription),
        data=data,
        message_id=delivery.message_id,
        at=context.clock.now(),
        **named,
    )


def _reason(attributes: Mapping[str, str], subscription: str) -> str:
    """What the bus says of its last attempt; Pub/Sub only counts them."""
    if said := attributes.get("reason"):
        return said
    count = attributes.get("CloudPubSubDeadLetterSourceDeliveryCount")
    if count or subscription:
        return f"{subscription or 'its subscription'} gave up after {count or 'the last of its'} deliveries"
    return "no worker accepted it"

"""Fail the step whose message could not be delivered, with its reason, and keep the message for replay."""

from common.domain.model import digest
from common.domain.pipeline import Failure
from common.engine import store, worker
from common.engine.context import Context
from common.engine.push import Delivery
from common.engine.store import UnknownPipeline
from common.platform.documents import Put


def run(context: Context, delivery: Delivery) -> str:
    """Keep the message first, so that nothing is lost if the rest fails; then end what waits for it in vain."""
    data = dict(delivery.data)
    letter = {
        "function": "dead_letter",
        "data": data,
        "reason": "no worker accepted the message",
        "message_id": delivery.message_id,
        "at": context.clock.now().isoformat(),
    }
    context.documents.commit([Put(f"dead_letters/{digest([delivery.message_id, data])[:20]}", letter)])
    pipeline_id, key = data.get("pipeline_id"), data.get("key")
    if not isinstance(pipeline_id, str) or not isinstance(key, str):
        return "kept: it names no step"
    try:
        step = store.read(context.documents, pipeline_id, key).step
    except (UnknownPipeline, ValueError):
        return "kept: its step is unknown"
    if step is None or step.state != "ready":
        return "kept: its step does not wait for it"  # settled, or in the hands of a worker, whom the sweep watches
    failure = Failure(code="undeliverable", detail=f"The message that starts {key} could not be delivered.", step=key)
    worker.fail(context, pipeline_id, key, failure, step.epoch)
    return f"kept, and {key} of pipeline {pipeline_id} has failed"

"""What nobody holds any more is given back: the promise that every pipeline reaches an end."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import ValidationError

from common.domain.pipeline import SETTLED, Failure, Step
from common.domain.stamp import stamp
from common.engine import decisions, deliveries, outbox, store, worker
from common.engine.context import Context
from common.engine.records import Change
from common.engine.rounds import going_round
from common.observability import metrics
from common.platform.documents import Conflict, Document, Order, Unavailable, Where

OUTBOX_AGE = timedelta(seconds=10)
READY_AGE = timedelta(seconds=60)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Swept:
    """What one sweep found: rows relayed, steps given back, steps failed for good, messages to webhooks sent for."""

    relayed: int
    given_back: int
    failed: int
    messages: int = 0


def sweep(context: Context, *, at_start: bool = False) -> Swept:
    """Relay forgotten rows, free steps of dead workers and past leases, fail what is out of time or never taken.

    Of each kind it takes as much as one sweep can, and the next one goes on from there. `at_start` takes every row and
    every ready step, however young: nothing here has sent them yet, and claims make repeats harmless.
    """
    relayed = outbox.relay_old(context, timedelta(0) if at_start else OUTBOX_AGE)
    given_back = failed = waiting = 0
    ready_age = timedelta(0) if at_start else READY_AGE
    metrics.DEAD_LETTERS.set(context.documents.count("dead_letters", [Where("replayed", "==", None)]))
    for now, step in _steps(context):
        try:
            verdict = _judge(context, step, now) if step.state != "ready" else None
            if step.state == "ready":
                waiting += 1
                verdict = _send_again(context, step, ready_age)
                given_back += verdict is True
            if isinstance(verdict, Failure):
                failed += _fail(context, step, verdict)
            elif verdict and step.state == "running":
                given_back += _give_back(context, step)
        except Conflict:
            continue  # its worker moved on meanwhile
        except Unavailable:
            raise
        except Exception:  # one broken pipeline must not keep the others from being swept
            log.exception("a step could not be swept", extra={"pipeline": step.pipeline_id, "step": step.key})
    metrics.QUEUE_DEPTH.set(waiting)
    return Swept(relayed, given_back, failed, deliveries.send_again(context))


def _steps(context: Context) -> Iterator[tuple[datetime, Step]]:
    """Steps that may need the sweep, each with the moment of the read by the store's clock."""
    for row in _rows(context):
        try:
            step = Step.model_validate(row.data)
        except ValidationError:
            log.exception("a step could not be read", extra={"document": row.path})
            continue
        yield row.read_at, step


def _rows(context: Context) -> Iterator[Document]:
    """Ready steps come first, before this sweep makes more of them; parked ones only once their time is up."""
    for state in ("ready", "running"):
        yield from going_round(context, f"steps-{state}", "steps", [Where("state", "==", state)], group=True)
    over = stamp(context.clock.now() + deliveries.SKEW)
    where = [Where("state", "==", "parked"), Where("deadline", "<=", over)]
    yield from going_round(context, "steps-parked", "steps", where, [Order("deadline")], group=True)


def _judge(context: Context, step: Step, now: datetime) -> Failure | bool | None:
    """A failure if the step is out of time, True if its worker is gone, None if all is well.

    A step that was handed to a job is held by the job as long as that runs, or waits for its turn. A parked one waits
    for its client.
    """
    if now > step.deadline:
        detail = f"{step.step} did not finish by {step.deadline:%Y-%m-%d %H:%M:%S} UTC."
        return Failure(code="deadline_exceeded", detail=detail, step=step.key)
    if step.state == "parked":
        return None
    if context.catalogue.rules(step.step).job:
        state = context.jobs.state(f"{step.pipeline_id}.{step.key}.{step.epoch}")
        if state is not None and state != "succeeded":
            return None if state == "running" else True
    if step.lease_until is None or now >= step.lease_until:
        return True
    return True if context.alive(step.owner.split("/")[0]) is False else None


def _fail(context: Context, step: Step, failure: Failure) -> int:
    """Fail a step for good; where its pipeline has ended meanwhile, it is only put away."""
    found = store.read(context.documents, step.pipeline_id, step.key)
    current = found.step
    assert current is not None
    if not found.pipeline.settled:
        worker.fail(context, step.pipeline_id, step.key, failure, step.epoch)
        return 1
    if current.state not in SETTLED:
        gone = current.model_copy(update={"state": "cancelled", "lease_until": None})
        store.commit(context.documents, found, Change(steps=(gone,)))
    return 0


def _give_back(context: Context, step: Step) -> int:
    def attempt() -> Change | None:
        found = store.read(context.documents, step.pipeline_id, step.key)
        current = found.step
        assert current is not None
        if current.epoch != step.epoch or current.state != "running" or _judge(context, current, found.now) is None:
            return None
        if found.pipeline.settled:
            gone = current.model_copy(update={"state": "cancelled", "lease_until": None})
            store.commit(context.documents, found, Change(steps=(gone,)))
            return None
        change = decisions.give_back(
            current, now=found.now, priority=found.pipeline.priority, failure=_job_failure(context, current)
        )
        store.commit(context.documents, found, change)
        return change

    change = store.settle(context.clock, attempt)
    if change is None:
        return 0
    if context.catalogue.rules(step.step).job:
        context.jobs.cancel(f"{step.pipeline_id}.{step.key}.")
    outbox.follow(context, change)
    return 1


def _job_failure(context: Context, step: Step) -> Failure | None:
    """What is known of the end of the job that held a step; None for a step without one."""
    reason = ""
    if context.catalogue.rules(step.step).job:
        reason = context.jobs.reason(f"{step.pipeline_id}.{step.key}.{step.epoch}")
    return Failure(code="error", detail=f"its job failed: {reason}", step=step.key) if reason else None


def _send_again(context: Context, step: Step, age: timedelta) -> Failure | bool | None:
    """Send again for a ready step that nobody claimed, for its message was lost: True. Claims make repeats harmless.

    A failure when that was done often, and for as long as the step may take: nobody is able to take it.
    """
    due = max(step.not_before or step.created_at, step.created_at)
    found = store.read(context.documents, step.pipeline_id, step.key)
    current = found.step
    assert current is not None
    if found.pipeline.settled and current.state == "ready":
        gone = current.model_copy(update={"state": "cancelled"})
        store.commit(context.documents, found, Change(steps=(gone,)))
        return None
    waited = found.now - max(due, found.pipeline.updated_at)
    if waited < age or current.state != "ready" or found.pipeline.parts[step.key].state != "ready":
        return None
    rules = context.catalogue.rules(step.step)
    if current.resent >= rules.attempts and waited >= rules.deadline:
        detail = f"The message that starts {step.key} was sent {current.resent + 1} times, and nobody took it."
        return Failure(code="undeliverable", detail=detail, step=step.key)
    change = decisions.give_back(current, now=found.now, priority=found.pipeline.priority)
    [freed] = change.steps
    counted = freed.model_copy(update={"resent": current.resent + 1})
    store.commit(context.documents, found, replace(change, steps=(counted,)))
    outbox.follow(context, change)
    return True

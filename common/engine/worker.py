"""One delivery of one step: claim it, work, record the outcome, send what follows."""

import contextlib
import errno
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from common.domain.pipeline import SETTLED, Failure, Outcome
from common.engine import decisions, operations, outbox, store
from common.engine.context import Context
from common.engine.decisions import GiveUp, Skip
from common.engine.heartbeat import Heartbeat
from common.engine.records import Change
from common.engine.task import Cancelled, Handed, LeaseLost, StepFailed, Task, Waiting
from common.observability import metrics
from common.platform.documents import Unavailable
from common.platform.jobs import JobsUnavailable
from common.platform.objects import StorageFull, StorageUnavailable
from common.platform.secrets import SecretsUnavailable
from common.providers.errors import ProviderUnavailable, Refused, Throttled

Handler = Callable[[Task], Outcome]

# Something outside did not answer: nothing is wrong with the step.
_AWAY = (ProviderUnavailable, Unavailable, StorageUnavailable, JobsUnavailable, SecretsUnavailable)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _GivenUp:
    """The step may not run again, and that is recorded."""

    failure: Failure
    change: Change


def deliver(context: Context, handler: Handler, pipeline_id: str, key: str) -> str:
    """Run a step if it is this worker's turn; what was done, for the log. Unavailable asks for redelivery."""
    owner = f"{context.owner}/{context.new_id()[:8]}"
    try:
        claimed = store.settle(context.clock, lambda: _claim(context, pipeline_id, key, owner))
    except store.UnknownPipeline as unknown:
        return f"nothing: {unknown}"
    if isinstance(claimed, Skip):
        return f"nothing: {claimed.reason}"
    if isinstance(claimed, _GivenUp):
        _follow(context, pipeline_id, claimed.change)
        return f"failed: {claimed.failure.detail}"
    context.failpoints.reach("after_claim", claimed.step.step)
    return perform(claimed, handler)


def perform(task: Task, handler: Handler) -> str:
    """Work on a step that is claimed, under its heartbeat, and record how it ended."""
    context, step = task.context, task.step
    try:
        with Heartbeat(task):
            outcome = handler(task)
            task.check()
        context.failpoints.reach("after_work", step.step)
        return "done" if finish(task, outcome) else "superseded: another attempt's outcome stands"
    except Handed:
        return "handed to its job"
    except (Cancelled, LeaseLost) as over:
        return f"stopped: {over}"
    except (Throttled, Waiting) as busy:
        # A little later than asked, each by its own share, so that many do not come back at one instant.
        delay = timedelta(seconds=(busy.retry_after or _backoff(step.attempts)) * random.uniform(1.0, 1.2))
        code = "waiting" if isinstance(busy, Waiting) else "throttled"
        _put_off(task, Failure(code=code, detail=str(busy), step=step.key), delay, free=True)
        return f"put off: {busy}"
    except Exception as broken:
        if task.stop.is_set():
            return "stopped while it failed"
        return _failed(task, broken)


def _failed(task: Task, error: Exception) -> str:
    """Record an error: as final, or for another attempt to get past."""
    step = task.step
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        error = StorageFull("The disk is full; make room and run it again.")
    if code := _final(error):
        fail(task.context, task.pipeline.id, step.key, Failure(code=code, detail=str(error), step=step.key), step.epoch)
        return f"failed: {error}"
    if isinstance(error, _AWAY):
        failure = Failure(code="unavailable", detail=str(error), step=step.key)
    else:
        log.error(
            "step failed",
            exc_info=error,
            extra={"pipeline": task.pipeline.id, "step": step.key, "epoch": step.epoch},
        )
        failure = Failure(code="error", detail=f"{type(error).__name__}: {error}", step=step.key)
    _put_off(task, failure, timedelta(seconds=_backoff(step.attempts)), free=False)
    return f"put off: {error}"


def finish(task: Task, outcome: Outcome) -> bool:
    """Record the outcome in one commit and send what follows; False when this attempt no longer counts."""
    context = task.context
    charged = outcome.model_copy(update={"charges": (*outcome.charges, *task.charges)})
    tried: Change | None = None

    def attempt() -> Change | None:
        nonlocal tried
        found = store.read(context.documents, task.pipeline.id, task.step.key)
        step = found.step
        assert step is not None
        if tried is not None and step == tried.steps[0]:
            return tried  # our commit arrived, only its answer was lost
        if step.epoch != task.step.epoch or found.pipeline.settled or step.state != "running":
            return None
        held = found.pipeline.cost.reserved  # nothing is: then no row is open, and rivals wait for one read less
        rows = store.reservations(context.documents, task.pipeline.id, step.key) if held else []
        change = decisions.finish(
            found.pipeline, step, charged, now=found.now, catalogue=context.catalogue, reservations=rows
        )
        tried = change
        store.commit(context.documents, found, change)
        return change

    change = store.settle(context.clock, attempt)
    if change is None:
        return False
    context.failpoints.reach("after_commit", task.step.step)
    outbox.follow(context, change)
    settled = {charge.key for charge in charged.charges}
    operations.call_off(context, [row for row in change.ledger if row.key not in settled])
    if outcome.complete is not None:
        _count_jobs(context, change)
    return True


def _count_jobs(context: Context, change: Change) -> None:
    """Count the steps of a completed pipeline that jobs recorded: nobody reads the counts of a job's process."""
    assert change.pipeline is not None
    for key, part in change.pipeline.parts.items():
        if context.catalogue.rules(part.step).job:
            with contextlib.suppress(Unavailable, store.UnknownPipeline):
                found = store.read(context.documents, change.pipeline.id, key)
                metrics.ended([found.step] if found.step else [])


def adopt(context: Context, pipeline_id: str, key: str, epoch: int) -> Task | None:
    """Go on, in a job, with the attempt that started it; None when that attempt no longer counts."""

    def attempt() -> Task | None:
        found = store.read(context.documents, pipeline_id, key)
        step = found.step
        assert step is not None
        if found.pipeline.settled or step.epoch != epoch or step.state != "running":
            return None
        until = found.now + context.catalogue.rules(step.step).lease
        ours = step.model_copy(update={"owner": context.owner, "lease_until": until})
        store.commit(context.documents, found, Change(steps=(ours,)))
        return Task(context, found.pipeline, ours)

    return store.settle(context.clock, attempt)


def _claim(context: Context, pipeline_id: str, key: str, owner: str) -> Task | Skip | _GivenUp:
    """Take the step, or let it be; where it may not run again it fails, if nobody has gone on with it meanwhile."""
    found = store.read(context.documents, pipeline_id, key)
    assert found.step is not None
    if found.step.state == "running" and found.step.owner == owner:
        return Task(context, found.pipeline, found.step)  # our commit arrived, only its answer was lost
    context.failpoints.reach("before_claim", found.step.step)
    decision = decisions.claim(
        found.pipeline,
        found.step,
        now=found.now,
        owner=owner,
        rules=context.catalogue.rules(found.step.step),
    )
    if isinstance(decision, Skip):
        return decision
    if isinstance(decision, GiveUp):
        return _GivenUp(decision.failure, _failed_for_good(context, found, decision.failure))
    store.commit(context.documents, found, decision)
    outbox.follow(context, decision)
    return Task(context, decision.pipeline or found.pipeline, decision.steps[0])


def fail(context: Context, pipeline_id: str, key: str, failure: Failure, epoch: int) -> None:
    """Record a final failure of one attempt, unless the step is settled or that attempt passed."""

    def attempt() -> Change | None:
        found = store.read(context.documents, pipeline_id, key)
        step = found.step
        assert step is not None
        if found.pipeline.settled or step.state in SETTLED or step.epoch != epoch:
            return None
        return _failed_for_good(context, found, failure)

    change = store.settle(context.clock, attempt)
    if change is not None:
        _follow(context, pipeline_id, change)


def _failed_for_good(context: Context, found: store.Read, failure: Failure) -> Change:
    """Commit a final failure of what was read."""
    assert found.step is not None
    rows = store.reservations(context.documents, found.pipeline.id)
    change = decisions.fail(
        found.pipeline, found.step, failure, now=found.now, catalogue=context.catalogue, reservations=rows
    )
    store.commit(context.documents, found, change)
    return change


def _follow(context: Context, pipeline_id: str, change: Change) -> None:
    """After a final failure: send what goes on without the step, or stop what still runs of the pipeline."""
    outbox.follow(context, change)
    operations.call_off(context, change.ledger)
    ended = change.pipeline if change.pipeline is not None and change.pipeline.settled else None
    if ended and any(part.state == "ready" and context.catalogue.rules(part.step).job for part in ended.parts.values()):
        context.jobs.cancel(f"{pipeline_id}.")  # last, for it may fail; a job learns it by itself too


def _put_off(task: Task, failure: Failure, delay: timedelta, *, free: bool) -> None:
    context = task.context
    rules = context.catalogue.rules(task.step.step)
    if not free and task.step.attempts >= rules.attempts:
        final = failure.model_copy(update={"detail": f"{failure.detail} ({task.step.attempts} attempts)"})
        fail(context, task.pipeline.id, task.step.key, final, task.step.epoch)
        return

    def attempt() -> Change | None:
        found = store.read(context.documents, task.pipeline.id, task.step.key)
        step = found.step
        assert step is not None
        if found.pipeline.settled or step.epoch != task.step.epoch or step.state != "running":
            return None
        change = decisions.put_off(
            step, failure, now=found.now, delay=delay, priority=found.pipeline.priority, free=free
        )
        store.commit(context.documents, found, change)
        return change

    change = store.settle(context.clock, attempt)
    if change is not None:
        outbox.follow(context, change)


def _final(error: Exception) -> str:
    """The code of an error that no other attempt gets past; empty for the others."""
    if isinstance(error, StepFailed):
        return error.code
    if isinstance(error, Refused):
        return "refused"
    return "storage_full" if isinstance(error, StorageFull) else ""


def _backoff(attempts: int) -> float:
    """Exponential with full jitter, half a second to a minute."""
    return float(random.uniform(0.5, 1.0) * min(60.0, 2.0 ** max(0, attempts - 1)))

"""What may happen to a pipeline and its steps, decided without I/O.

Every function takes what was read and answers what to write. The caller commits the answer under guards
on everything that was read, so a decision made on old facts is never written. `now` is always the store's time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from common.domain.catalogue import Catalogue, StepRules
from common.domain.pipeline import SETTLED, Event, Failure, Outcome, Part, Pipeline, Spec, Step, titled
from common.engine import ledger
from common.engine.records import Change, Dispatch, Reservation

EARLY = timedelta(seconds=2)  # by how much a queue's clock may be ahead of the store's
# Failures whose text speaks of our insides, for operators alone: code, and what a client is told instead.
INTERNAL: Mapping[str, str] = MappingProxyType(
    {
        "error": "an internal error",
        "unavailable": "a service it needs staying away",
        "attempts_exhausted": "repeated failures",
    }
)


@dataclass(frozen=True)
class Skip:
    """Nothing to do; acknowledge the message."""

    reason: str


@dataclass(frozen=True)
class GiveUp:
    """The step may not run again."""

    failure: Failure


def claim(pipeline: Pipeline, step: Step, *, now: datetime, owner: str, rules: StepRules) -> Change | Skip | GiveUp:
    """Take the step, unless it is settled, early, held by a live lease, or out of attempts or time."""
    if pipeline.settled:
        return Skip(f"the pipeline is {pipeline.status}")
    if step.state in SETTLED or step.state == "parked":
        return Skip(f"the step is {step.state}")
    part = pipeline.parts[step.key]
    if part.state != "ready":
        return Skip(f"the step waits for {', '.join(part.needs)}")
    if step.not_before and now + EARLY < step.not_before:
        return Skip("the step is put off")
    if step.state == "running" and step.lease_until and now < step.lease_until:
        return Skip(f"{step.owner} holds the step")
    if step.started_at and now > step.deadline:
        return GiveUp(
            _failure("deadline_exceeded", f"{step.step} did not finish by {step.deadline:%H:%M:%S} UTC", step)
        )
    if step.attempts >= rules.attempts:
        last = f": {step.failure.detail}" if step.failure else " (its worker died each time)"
        return GiveUp(_failure("attempts_exhausted", f"{step.step} failed {step.attempts} times{last}", step))
    taken = step.model_copy(
        update={
            "state": "running",
            "epoch": step.epoch + 1,
            "attempts": step.attempts + 1,
            "owner": owner,
            "lease_until": now + rules.lease,
            "deadline": step.deadline if step.started_at else now + rules.deadline,
            "started_at": step.started_at or now,
            "not_before": None,
            "resent": 0,
        }
    )
    if pipeline.status != "queued":
        return Change(steps=(taken,))
    begun, event = record(pipeline.model_copy(update={"status": "processing"}), "pipeline.started", now)
    return Change(pipeline=begun, steps=(taken,), events=(event,))


def finish(
    pipeline: Pipeline,
    step: Step,
    outcome: Outcome,
    *,
    now: datetime,
    catalogue: Catalogue,
    reservations: Sequence[Reservation] = (),
) -> Change:
    """Record the outcome, let the graph grow, start what became ready, and settle money, all in one commit.

    `reservations` are those of the step: one that no charge settles is left over from a call without an answer.
    """
    key = step.key
    if outcome.park:
        parked = step.model_copy(update={"state": "parked", "result": outcome.result, "lease_until": None, "owner": ""})
        waiting = pipeline.model_copy(
            update={"status": "awaiting_approval", "stage": step.step, "facts": {**pipeline.facts, **outcome.facts}}
        )
        waiting, event = record(waiting, "pipeline.awaiting_approval", now, {"step": step.step, "key": key})
        return Change(pipeline=waiting, steps=(parked,), events=(event,))

    done = step.model_copy(
        update={"state": "done", "result": outcome.result, "failure": None, "finished_at": now, "lease_until": None}
    )
    parts = dict(pipeline.parts)
    parts[key] = parts[key].model_copy(update={"state": "done"})
    moved, created, send = advance(pipeline, parts, outcome.then, now, catalogue, by=key)
    cost, rows = ledger.settle(pipeline.cost, outcome.charges, reservations, step, now)
    moved = moved.model_copy(
        update={
            "status": "processing",
            "facts": {**pipeline.facts, **outcome.facts},
            "cost": cost.model_copy(update={"cap": _lowest(cost.cap, outcome.cap)}),
        }
    )
    if outcome.title:
        moved = titled(moved, outcome.title)
    if outcome.complete is None:
        moved, event = record(
            moved, "pipeline.progress", now, {"step": step.step, "key": key, "progress": moved.progress}
        )
        return Change(pipeline=moved, steps=(done, *created), events=(event,), send=send, ledger=rows)
    ended = moved.model_copy(update={"status": "completed", "result": outcome.complete, "progress": 1.0, "stage": ""})
    ended, event = record(ended, "pipeline.completed", now, {"cost_micros": ended.cost.spent})
    return Change(pipeline=ended, steps=(done,), events=(event,), ledger=rows)


def fail(
    pipeline: Pipeline,
    step: Step,
    failure: Failure,
    *,
    now: datetime,
    catalogue: Catalogue,
    reservations: Sequence[Reservation] = (),
) -> Change:
    """Record a final failure. An optional part degrades the pipeline, any other fails it; both free their money.

    `reservations` are those of the pipeline.
    """
    failed = step.model_copy(update={"state": "failed", "failure": failure, "finished_at": now, "lease_until": None})
    part = pipeline.parts[step.key]
    if part.optional:
        parts = {**pipeline.parts, step.key: part.model_copy(update={"state": "failed"})}
        moved, created, send = advance(pipeline, parts, (), now, catalogue)
        reason = f"{step.step} failed." if failure.code in INTERNAL else failure.detail
        lost = [*pipeline.facts.get("lost", []), {"key": step.key, "reason": reason}]
        cost, rows = ledger.close(pipeline.cost, [row for row in reservations if row.step_key == step.key], now)
        moved = moved.model_copy(update={"facts": {**pipeline.facts, "lost": lost}, "cost": cost})
        moved, event = record(moved, "pipeline.progress", now, {"step": step.step, "key": step.key, "failed": True})
        return Change(pipeline=moved, steps=(failed, *created), events=(event,), send=send, ledger=rows, dead=failure)
    cost, rows = ledger.close(pipeline.cost, reservations, now)
    ended = pipeline.model_copy(update={"status": "failed", "error": failure, "stage": step.step, "cost": cost})
    ended, event = record(
        ended, "pipeline.failed", now, {"step": step.step, "code": failure.code, "detail": failure.detail}
    )
    return Change(pipeline=ended, steps=(failed,), events=(event,), ledger=rows, dead=failure)


def put_off(step: Step, failure: Failure, *, now: datetime, delay: timedelta, priority: str, free: bool) -> Change:
    """Give the step back to run again later; `free` hands its attempt back (the provider was merely busy).

    Later is at its deadline at the latest, for a step out of time must be found to be so.
    """
    late = step.deadline + timedelta(seconds=1)
    again = step.model_copy(
        update={
            "state": "ready",
            "failure": failure,
            "attempts": step.attempts - 1 if free else step.attempts,
            "lease_until": None,
            "owner": "",
            "not_before": min(now + delay, max(now, late)),
        }
    )
    return Change(steps=(again,), send=(_dispatch(again, now, priority, f"epoch{step.epoch}", again.not_before),))


def give_back(step: Step, *, now: datetime, priority: str, failure: Failure | None = None) -> Change:
    """Free a step whose worker is gone, and send for it again; `failure` is what is known of the worker's end."""
    freed = step.model_copy(
        update={
            "state": "ready",
            "lease_until": None,
            "owner": "",
            "not_before": None,
            "failure": failure or step.failure,
        }
    )
    return Change(steps=(freed,), send=(_dispatch(freed, now, priority, f"swept{step.epoch}"),))


def cancel(
    pipeline: Pipeline, reservations: Sequence[Reservation], parked: Step | None = None, *, now: datetime, by: str
) -> Change:
    """End the pipeline: no later claim or finish counts, money not yet asked for is freed, and no plan waits."""
    cost, rows = ledger.close(pipeline.cost, reservations, now)
    ended = pipeline.model_copy(update={"status": "cancelled", "cost": cost})
    ended, event = record(ended, "pipeline.cancelled", now, {"by": by})
    gone = (parked.model_copy(update={"state": "cancelled"}),) if parked else ()
    return Change(pipeline=ended, steps=gone, events=(event,), ledger=rows)


def begin(pipeline: Pipeline, spec: Spec, *, now: datetime, catalogue: Catalogue) -> Change:
    """Accept a new pipeline with its first step."""
    moved, created, send = advance(titled(pipeline, pipeline.title), {}, (spec,), now, catalogue)
    return Change(pipeline=moved, steps=created, send=send)


def record_progress(
    pipeline: Pipeline, step: Step, fraction: float, *, now: datetime, catalogue: Catalogue
) -> Change | None:
    """Show how far a running step is; progress never goes back."""
    start, end = catalogue.rules(step.step).progress
    reached = round(start + (end - start) * fraction, 4)
    if pipeline.settled or reached <= pipeline.progress:
        return None
    moved = pipeline.model_copy(update={"progress": reached})
    moved, event = record(moved, "pipeline.progress", now, {"step": step.step, "key": step.key, "progress": reached})
    return Change(pipeline=moved, events=(event,))


def new_step(pipeline_id: str, spec: Spec, now: datetime, catalogue: Catalogue) -> Step:
    """A step run that nobody has claimed yet."""
    return Step(
        pipeline_id=pipeline_id,
        step=spec.step,
        key=spec.key,
        input=spec.input,
        deadline=now + catalogue.rules(spec.step).deadline,
        created_at=now,
    )


def advance(
    pipeline: Pipeline,
    parts: dict[str, Part],
    then: Sequence[Spec],
    now: datetime,
    catalogue: Catalogue,
    by: str = "",
) -> tuple[Pipeline, tuple[Step, ...], tuple[Dispatch, ...]]:
    """Let the graph grow by what a step asks for, and start every part that waits for nothing any more."""
    created = []
    for spec in then:
        if spec.key in parts:
            raise ValueError(f"Pipeline {pipeline.id} already has a step run {spec.key!r}.")
        parts[spec.key] = Part(step=spec.step, needs=spec.needs, optional=spec.optional, by=by)
        created.append(new_step(pipeline.id, spec, now, catalogue))
    send = []
    for key, part in parts.items():
        if part.state == "waiting" and all(parts[need].state in ("done", "failed") for need in part.needs):
            parts[key] = part.model_copy(update={"state": "ready"})
            send.append(
                Dispatch(
                    id=f"{pipeline.id}.{key}.start",
                    pipeline_id=pipeline.id,
                    step=part.step,
                    key=key,
                    priority=pipeline.priority,
                    created_at=now,
                )
            )
    ready = [part.step for part in parts.values() if part.state == "ready"]
    moved = pipeline.model_copy(
        update={
            "parts": parts,
            "stage": ready[0] if ready else pipeline.stage,
            "progress": max(pipeline.progress, _progress(parts, catalogue)),
            "updated_at": now,
        }
    )
    return moved, tuple(created), tuple(send)


def _progress(parts: dict[str, Part], catalogue: Catalogue) -> float:
    """Steps that share a range of the catalogue share it evenly; the furthest range begun counts."""
    done: dict[tuple[float, float], list[bool]] = {}
    for part in parts.values():
        done.setdefault(catalogue.rules(part.step).progress, []).append(part.state in ("done", "failed"))
    reached = 0.0
    for (start, end), states in done.items():
        if any(states):
            reached = max(reached, start + (end - start) * sum(states) / len(states))
    return round(reached, 4)


def record(
    pipeline: Pipeline, kind: str, now: datetime, data: dict[str, object] | None = None
) -> tuple[Pipeline, Event]:
    """The pipeline with one more event in its log."""
    seq = pipeline.seq + 1
    event = Event(seq=seq, type=kind, at=now, data={"status": pipeline.status, **(data or {})})
    return pipeline.model_copy(update={"seq": seq, "updated_at": now}), event


def _lowest(*caps: int | None) -> int | None:
    return min((cap for cap in caps if cap is not None), default=None)


def _dispatch(step: Step, now: datetime, priority: str, why: str, not_before: datetime | None = None) -> Dispatch:
    return Dispatch(
        id=f"{step.pipeline_id}.{step.key}.{why}",
        pipeline_id=step.pipeline_id,
        step=step.step,
        key=step.key,
        priority=priority,
        not_before=not_before,
        created_at=now,
    )


def _failure(code: str, detail: str, step: Step) -> Failure:
    return Failure(code=code, detail=f"{detail}.", step=step.key)

"""What one commit may make of a pipeline."""

from collections.abc import Callable, Iterator

from common.domain.events import EVENTS, PROGRESS
from common.domain.pipeline import SETTLED, Step
from common.engine.decisions import EARLY
from common.engine.invariants.snapshot import Transition, Violation
from common.engine.ledger import OPEN

_ORDER = {"waiting": 0, "ready": 1, "done": 2, "failed": 2}
_MONEY = {"reserved": 0, "submitted": 1, "settled": 2, "released": 2}
_OUTSIDE = frozenset({"deadline_exceeded", "attempts_exhausted", "undeliverable"})  # failures nobody's work ended in

TransitionCheck = Callable[[Transition], Iterator[str]]
TRANSITION: dict[str, TransitionCheck] = {}


def _transition(name: str) -> Callable[[TransitionCheck], TransitionCheck]:
    return lambda check: TRANSITION.setdefault(name, check)


@_transition("epochs only grow")
def _fenced(made: Transition) -> Iterator[str]:
    for key, was, now in made.moved:
        if now.epoch < was.epoch or now.epoch > was.epoch + 1:
            yield f"{key} went from epoch {was.epoch} to {now.epoch}"
        if now.epoch > was.epoch and now.state != "running":
            yield f"{key} has a new epoch {now.epoch} and is {now.state}"
        if now.epoch == was.epoch and now.state == "running" and was.state != "running":
            yield f"{key} began to run in its old epoch {was.epoch}"
        if now.epoch > was.epoch and now.attempts != was.attempts + 1:
            yield f"{key} was claimed without counting the attempt"
        if was.state == "running" and now.epoch > was.epoch and not _over(was, made):
            yield f"{key} was taken from {was.owner} at {made.at:%H:%M:%S}, which holds it until {was.lease_until}"


@_transition("a terminal state never changes")
def _settled(made: Transition) -> Iterator[str]:
    before, after = made.before, made.after
    if before.pipeline.settled and after.pipeline != before.pipeline:
        yield f"it was {before.pipeline.status} and was written again"
    for key, was, now in made.moved:
        if was.state in SETTLED:
            yield f"{key} was {was.state} and became {now.state}"
    for number, event in before.events.items():
        if after.events.get(number) != event:
            yield f"event {number} changed"
    for key, row in before.ledger.items():
        now_row = after.ledger.get(key)
        if row.state not in OPEN and now_row != row:
            yield f"the {row.state} reservation {key} changed"


@_transition("cancel wins")
def _ended(made: Transition) -> Iterator[str]:
    before, after = made.before, made.after
    if before.pipeline.settled:
        for key, was, now in made.moved:
            unaware = now.state in ("running", "ready") and not made.aware
            if now.state != "cancelled" and (now.state, now.epoch) != (was.state, was.epoch) and not unaware:
                yield f"{key} became {now.state} in a pipeline that is {before.pipeline.status}"
        for key in after.ledger.keys() - before.ledger.keys():
            yield f"{key} was reserved in a pipeline that is {before.pipeline.status}"
        for key in after.steps.keys() - before.steps.keys():
            yield f"{key} was made in a pipeline that is {before.pipeline.status}"
    for key, _was, now in made.moved:
        if now.state == "cancelled" and not after.pipeline.settled:
            yield f"{key} was cancelled in a pipeline that goes on"


@_transition("superseded attempts change nothing")
def _spoken_for(made: Transition) -> Iterator[str]:
    before, after = made.before, made.after
    for key, was, now in made.moved:
        if was.state != "running" or now.epoch != was.epoch or made.epochs.get(key) == was.epoch:
            continue
        nobody = _over(was, made) or (now.state == "failed" and made.at > was.deadline)
        given_back = now.state == "ready" and now.attempts == was.attempts and not now.not_before
        failed = now.state == "failed" and now.failure is not None and now.failure.code in _OUTSIDE
        if now.state != "cancelled" and not (nobody and (given_back or failed)):
            held = made.epochs.get(key)
            whose = f"attempt {held}" if held else "somebody else"
            yield f"{key} became {now.state} by {whose} while attempt {was.epoch} runs"
    for key, row in after.ledger.items():
        if key not in before.ledger and row.state in OPEN:
            step = before.steps[row.step_key]
            if step.state != "running" or made.epochs.get(row.step_key) != step.epoch:
                yield f"{key} was reserved by an attempt that does not hold {row.step_key}"


@_transition("state and event together")
def _told(made: Transition) -> Iterator[str]:
    before, after = made.before, made.after
    new = sorted(after.events.keys() - before.events.keys())
    if len(new) != after.pipeline.seq - before.pipeline.seq:
        yield f"its count went from {before.pipeline.seq} to {after.pipeline.seq} with the events {new}"
    if after.pipeline.status != before.pipeline.status and not new:
        yield f"it became {after.pipeline.status} without an event"
    settled = [key for key, was, now in made.moved if now.state in ("done", "parked", "failed")]
    if settled and not new:
        yield f"{', '.join(settled)} settled without an event"


@_transition("work and its message together")
def _sent(made: Transition) -> Iterator[str]:
    before, after = made.before, made.after
    new = {row.key for name, row in after.outbox.items() if before.outbox.get(name) != row}
    for key, part in after.pipeline.parts.items():
        was = before.pipeline.parts.get(key)
        if part.state == "ready" and (was is None or was.state == "waiting") and key not in new:
            yield f"{key} may start, and nothing was sent for it"
    for key, was_step, now in made.moved:
        if was_step.state == "running" and now.state == "ready" and key not in new:
            yield f"{key} may run again, and nothing was sent for it"


@_transition("what happens in public is announced")
def _announced(made: Transition) -> Iterator[str]:
    before, after = made.before, made.after
    for number in after.events.keys() - before.events.keys():
        kind, name = after.events[number].type, f"{after.pipeline.id}.event.{number:06d}"
        public = kind in EVENTS and (kind != PROGRESS or after.pipeline.announces_progress)
        if public != (name in after.outbox):
            yield f"event {number}, {kind}, is {'not ' if public else ''}announced"


@_transition("fan-in fires once")
def _started_once(made: Transition) -> Iterator[str]:
    before, after = made.before, made.after
    for key, was in before.pipeline.parts.items():
        now = after.pipeline.parts.get(key)
        if now is None:
            yield f"{key} is gone"
        elif _ORDER[now.state] < _ORDER[was.state] or (_ORDER[was.state] == 2 and now != was):
            yield f"{key} went back from {was.state} to {now.state}"
    for name, row in after.outbox.items():
        known = before.pipeline.parts.get(row.key)
        if name not in before.outbox and name.endswith(".start") and known and known.state != "waiting":
            yield f"{row.key} was started a second time"


@_transition("early messages change nothing")
def _on_time(made: Transition) -> Iterator[str]:
    before = made.before
    for key, was, now in made.moved:
        part = before.pipeline.parts.get(key)
        if now.epoch > was.epoch and (part is None or part.state != "ready"):
            yield f"{key} was claimed while it is {part.state if part else 'unknown'}"


@_transition("no claim out of its time")
def _in_time(made: Transition) -> Iterator[str]:
    decided = made.decided or made.at
    for key, was, now in made.moved:
        if now.epoch > was.epoch:
            if was.not_before and decided + EARLY < was.not_before:
                yield f"{key} was claimed at {decided:%H:%M:%S}, and was put off until {was.not_before:%H:%M:%S}"
            if was.started_at and decided > was.deadline:
                yield f"{key} was claimed at {decided:%H:%M:%S}, after its deadline {was.deadline:%H:%M:%S}"


@_transition("money is settled once")
def _spent_once(made: Transition) -> Iterator[str]:
    before, after = made.before, made.after
    for key in before.ledger.keys() - after.ledger.keys():
        yield f"the reservation {key} is gone"
    for key, row in after.ledger.items():
        was = before.ledger.get(key)
        if was is None or was == row:
            continue
        if _MONEY[row.state] < _MONEY[was.state]:
            yield f"{key} went back from {was.state} to {row.state}"
        if was.state == "reserved" and row.state == "settled":
            yield f"{key} was paid for without a word that it would be asked for"
    spent, was_spent = after.pipeline.cost.spent, before.pipeline.cost.spent
    if spent < was_spent:
        yield f"what was spent went back from {was_spent} to {spent}"


@_transition("the cap holds")
def _capped(made: Transition) -> Iterator[str]:
    before, after = made.before, made.after
    cost = after.pipeline.cost
    for key in after.ledger.keys() - before.ledger.keys():
        row = after.ledger[key]
        if row.state in OPEN and cost.cap is not None and cost.spent + cost.reserved > cost.cap:
            yield f"{key} was reserved with {cost.spent} spent and {cost.reserved} reserved under a cap of {cost.cap}"
    if before.pipeline.cost.cap is not None and (cost.cap is None or cost.cap > before.pipeline.cost.cap):
        yield f"the cap was raised from {before.pipeline.cost.cap} to {cost.cap}"


@_transition("progress never goes back")
def _onward(made: Transition) -> Iterator[str]:
    before, after = made.before, made.after
    if after.pipeline.progress < before.pipeline.progress:
        yield f"its progress went from {before.pipeline.progress} to {after.pipeline.progress}"
    last = before.events.get(before.pipeline.seq)
    for number in after.events.keys() - before.events.keys():
        if last is not None and after.events[number].at < last.at:
            yield f"event {number} is dated before event {last.seq}"


def transition(made: Transition) -> list[Violation]:
    """What a commit did that no commit may do."""
    pipeline_id = made.after.pipeline.id
    return [Violation(name, pipeline_id, text) for name, check in TRANSITION.items() for text in check(made)]


def _over(step: Step, made: Transition) -> bool:
    """Whether nobody held the step any more when the commit was made."""
    return step.lease_until is None or step.lease_until <= made.at or step.key in made.gone

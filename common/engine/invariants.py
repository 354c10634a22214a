"""What always holds of a pipeline, each promise one named check.

State checks look at all documents of one pipeline, transition checks at what one commit made of them, rest checks at
a world in which nothing is left to do. The simulation runs them after every commit; `audit` runs them on a store.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from common.domain.catalogue import Catalogue
from common.domain.pipeline import SETTLED, Event, Pipeline, Step
from common.engine import store
from common.engine.decisions import EARLY
from common.engine.ledger import OPEN
from common.engine.records import Dispatch, Reservation
from common.platform.documents import Documents

PATIENCE = timedelta(minutes=3)  # after which a running system has swept up whatever was left behind
_WAITING = ("ready", "running", "parked")
_ORDER = {"waiting": 0, "ready": 1, "done": 2, "failed": 2}
_MONEY = {"reserved": 0, "submitted": 1, "settled": 2, "released": 2}
_OUTSIDE = frozenset({"deadline_exceeded", "attempts_exhausted", "undeliverable"})  # failures nobody's work ended in


@dataclass(frozen=True)
class Violation:
    """A promise that does not hold: which, of which pipeline, and what was found."""

    invariant: str
    pipeline_id: str
    detail: str

    def __str__(self) -> str:
        return f"{self.invariant}: pipeline {self.pipeline_id}: {self.detail}"


@dataclass(frozen=True)
class Snapshot:
    """Every document of one pipeline at one moment. `dead` are the keys of steps with a dead letter."""

    pipeline: Pipeline
    steps: Mapping[str, Step] = field(default_factory=dict)
    events: Mapping[int, Event] = field(default_factory=dict)
    ledger: Mapping[str, Reservation] = field(default_factory=dict)
    outbox: Mapping[str, Dispatch] = field(default_factory=dict)
    dead: frozenset[str] = frozenset()


def unborn(pipeline: Pipeline) -> Snapshot:
    """What stood before the commit that made a pipeline."""
    return Snapshot(pipeline.model_copy(update={"parts": {}, "seq": 0, "progress": 0.0}))


@dataclass(frozen=True)
class Transition:
    """One commit: the pipeline before (`unborn` for a new one) and after, when, and what the writer may speak for.

    `epochs` are the attempts the writer worked for: step key to epoch. A sweep or a client has none. `gone` are steps
    whose owner is known to be dead, whatever their lease says. `aware`: the writer had read how the pipeline ended, if
    it had; a step that is taken or given back just then stays without an outcome, and is put away later. `decided`:
    when the writer last read what it decided on, at the latest `at`.
    """

    before: Snapshot
    after: Snapshot
    at: datetime
    epochs: Mapping[str, int] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    aware: bool = True
    decided: datetime | None = None

    @cached_property
    def moved(self) -> tuple[tuple[str, Step, Step], ...]:
        """Steps that the commit changed: key, before and after."""
        before, after = self.before.steps, self.after.steps
        pairs = ((key, was, after.get(key)) for key, was in before.items())
        return tuple((key, was, now) for key, was, now in pairs if now is not None and now is not was and now != was)


StateCheck = Callable[[Snapshot], Iterator[str]]
TransitionCheck = Callable[[Transition], Iterator[str]]

STATE: dict[str, StateCheck] = {}
TRANSITION: dict[str, TransitionCheck] = {}
REST: dict[str, StateCheck] = {}


def _state(name: str) -> Callable[[StateCheck], StateCheck]:
    return lambda check: STATE.setdefault(name, check)


def _transition(name: str) -> Callable[[TransitionCheck], TransitionCheck]:
    return lambda check: TRANSITION.setdefault(name, check)


def _rest(name: str) -> Callable[[StateCheck], StateCheck]:
    return lambda check: REST.setdefault(name, check)


# What every pipeline looks like between two commits.


@_state("one owner per step")
def _owned(seen: Snapshot) -> Iterator[str]:
    for step in seen.steps.values():
        if step.state == "running" and not (step.owner and step.lease_until and step.epoch):
            yield f"{step.key} runs without owner, lease or epoch"
        if step.state != "running" and step.lease_until:
            yield f"{step.key} is {step.state} and still leased to {step.owner}"


@_state("parts and steps agree")
def _agreed(seen: Snapshot) -> Iterator[str]:
    parts = seen.pipeline.parts
    for key in parts.keys() ^ seen.steps.keys():
        yield f"{key} is only one of part and step"
    for key in parts.keys() & seen.steps.keys():
        part, step = parts[key], seen.steps[key]
        if (part.state == "done") != (step.state == "done"):
            yield f"{key} is {step.state} as a step and {part.state} as a part"
        if step.state == "failed" and part.state != "failed" and not seen.pipeline.settled:
            yield f"{key} failed, and the pipeline goes on as if it were {part.state}"
        if part.state == "failed" and step.state != "failed":
            yield f"{key} is a failed part, but its step is {step.state}"
        if part.state == "waiting" and step.epoch:
            yield f"{key} was claimed while it waits for {', '.join(part.needs)}"


@_state("no state without its event")
def _recorded(seen: Snapshot) -> Iterator[str]:
    pipeline = seen.pipeline
    last = seen.events.get(pipeline.seq)
    if pipeline.seq and last is None:
        yield f"event {pipeline.seq} is missing"
    told = last.data.get("status") if last else "queued"
    if last is not None and told != pipeline.status:
        yield f"it is {pipeline.status}, and event {pipeline.seq} says {told}"
    if pipeline.seq == 0 and pipeline.status != "queued":
        yield f"it is {pipeline.status}, and no event says so"


@_state("the event log has no gap")
def _gapless(seen: Snapshot) -> Iterator[str]:
    numbers = sorted(seen.events)
    if numbers != list(range(1, seen.pipeline.seq + 1)):
        yield f"it counts {seen.pipeline.seq} events and holds {numbers}"


@_state("one outcome")
def _one_outcome(seen: Snapshot) -> Iterator[str]:
    pipeline = seen.pipeline
    if pipeline.status == "completed" and pipeline.result is None:
        yield "it is completed without a result"
    if pipeline.status == "completed" and (late := [k for k, part in pipeline.parts.items() if _ORDER[part.state] < 2]):
        yield f"it is completed while {', '.join(late)} is not settled"
    if pipeline.status == "failed" and (pipeline.error is None or not pipeline.error.detail):
        yield "it failed without a reason"
    if pipeline.status in ("processing", "queued", "awaiting_approval") and pipeline.result is not None:
        yield f"it is {pipeline.status} and has a result"


@_state("money adds up")
def _adds_up(seen: Snapshot) -> Iterator[str]:
    cost = seen.pipeline.cost
    spent = sum(row.amount for row in seen.ledger.values() if row.state == "settled")
    held = sum(row.estimate for row in seen.ledger.values() if row.state in OPEN)
    if cost.spent != spent:
        yield f"it says {cost.spent} was spent, and its ledger {spent}"
    if cost.reserved != held:
        yield f"it says {cost.reserved} is reserved, and its ledger {held}"
    if seen.pipeline.settled and held:
        yield f"it is {seen.pipeline.status} and holds {held} back"


@_state("fan-in fires once")
def _fanned_in(seen: Snapshot) -> Iterator[str]:
    parts = seen.pipeline.parts
    for key, part in parts.items():
        settled = all(parts[need].state in ("done", "failed") for need in part.needs)
        if part.state == "waiting" and settled and not seen.pipeline.settled:
            yield f"{key} waits, and all it needs is settled"
        if part.state != "waiting" and not settled:
            yield f"{key} is {part.state} before {', '.join(part.needs)}"


@_state("no lost work")
def _somebody_cares(seen: Snapshot) -> Iterator[str]:
    pipeline = seen.pipeline
    if pipeline.settled:
        return
    moving = [key for key, part in pipeline.parts.items() if part.state == "ready"]
    if not moving:
        yield f"it is {pipeline.status}, and nothing of it can run"
    for key in moving:
        if key in seen.steps and seen.steps[key].state not in _WAITING:
            yield f"{key} may run, but is {seen.steps[key].state}"
    parked = [step.key for step in seen.steps.values() if step.state == "parked"]
    if (pipeline.status == "awaiting_approval") != bool(parked):
        yield f"it is {pipeline.status}, and {len(parked)} of its steps wait for the client"


@_state("poison ends with a reason")
def _explained(seen: Snapshot) -> Iterator[str]:
    for step in seen.steps.values():
        if step.state == "failed":
            if step.failure is None or not step.failure.code or not step.failure.detail:
                yield f"{step.key} failed without a reason"
            if step.key not in seen.dead:
                yield f"{step.key} failed without a dead letter"
    if seen.pipeline.status == "failed" and seen.pipeline.error:
        culprit = seen.steps.get(seen.pipeline.error.step)
        if culprit is None or culprit.state != "failed":
            yield f"it failed for {seen.pipeline.error.step!r}, which did not fail"


# What a commit may do.


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


# What is left when nothing is left to do.


@_rest("every pipeline ends")
def _ends(seen: Snapshot) -> Iterator[str]:
    if not seen.pipeline.settled:
        states = ", ".join(f"{step.key} {step.state}" for step in seen.steps.values() if step.state not in SETTLED)
        yield f"it is {seen.pipeline.status} for good ({states or 'no step is open'})"


@_rest("the outbox drains")
def _drained(seen: Snapshot) -> Iterator[str]:
    for name in seen.outbox:
        yield f"{name} was never relayed"


@_rest("leases end")
def _released(seen: Snapshot) -> Iterator[str]:
    for step in seen.steps.values():
        if step.state in ("ready", "running"):
            yield f"{step.key} is still {step.state} in a pipeline that is {seen.pipeline.status}"


def state(seen: Snapshot, catalogue: Catalogue | None = None) -> list[Violation]:
    """What does not hold of a pipeline as it stands; with a catalogue, its bounds as well."""
    found = [Violation(name, seen.pipeline.id, text) for name, check in STATE.items() for text in check(seen)]
    if catalogue is not None:
        for step in seen.steps.values():
            bound = catalogue.rules(step.step).attempts
            if not 0 <= step.attempts <= bound:
                text = f"{step.key} counts {step.attempts} attempts of {bound}"
                found.append(Violation("attempts are bounded", seen.pipeline.id, text))
    return found


def transition(made: Transition) -> list[Violation]:
    """What a commit did that no commit may do."""
    pipeline_id = made.after.pipeline.id
    return [Violation(name, pipeline_id, text) for name, check in TRANSITION.items() for text in check(made)]


def rest(seen: Snapshot) -> list[Violation]:
    """What is left of a pipeline although nothing is left to do in the world."""
    return [Violation(name, seen.pipeline.id, text) for name, check in REST.items() for text in check(seen)]


def late(seen: Snapshot, now: datetime, patience: timedelta = PATIENCE) -> list[Violation]:
    """What nobody took care of for too long, in a system that is up."""
    found = [f"the outbox row {name} was not relayed" for name, row in seen.outbox.items() if _old(row, now, patience)]
    for step in seen.steps.values():
        part = seen.pipeline.parts.get(step.key)
        # A step that was given back does not say when; the next sweep sends it again anyway.
        sent = step.not_before or (None if step.epoch else seen.pipeline.updated_at)
        due = step.started_at and step.state in ("ready", "running")  # the time of a step begins with its first claim
        if due and now > step.deadline + patience and not seen.pipeline.settled:
            found.append(f"{step.key} is {step.state} past its deadline, {step.deadline:%Y-%m-%d %H:%M:%S} UTC")
        elif step.state == "running" and step.lease_until and now > step.lease_until + patience:
            found.append(f"{step.key} is held by {step.owner}, whose lease ended {step.lease_until:%H:%M:%S} UTC")
        elif step.state == "ready" and part and part.state == "ready" and sent and now > sent + patience:
            found.append(f"{step.key} is ready since {sent:%Y-%m-%d %H:%M:%S} UTC, and nobody took it")
    return [Violation("no lost work", seen.pipeline.id, text) for text in found]


def audit(documents: Documents, catalogue: Catalogue | None = None, *, at_rest: bool = False) -> list[Violation]:
    """Check every pipeline of a store. `at_rest`: nothing is running, and everything must have come to its end."""
    outbox: dict[str, dict[str, Dispatch]] = {}
    for row in documents.query("outbox"):
        dispatch = Dispatch.model_validate(row.data)
        outbox.setdefault(dispatch.pipeline_id, {})[dispatch.id] = dispatch
    found = []
    for row in documents.query("pipelines"):
        seen, now = observe(documents, row.id)
        seen = replace(seen, outbox=outbox.pop(row.id, {}))
        found += [*state(seen, catalogue), *(rest(seen) if at_rest else late(seen, now))]
    found += [
        Violation("work and its message together", pipeline_id, f"there is no such pipeline, and {name} is sent for it")
        for pipeline_id, rows in outbox.items()
        for name in rows
    ]
    return found


def observe(documents: Documents, pipeline_id: str, tries: int = 20) -> tuple[Snapshot, datetime]:
    """A pipeline's documents as they stood together, and when; UnknownPipeline. The outbox is not looked at.

    Documents are read one by one, so a pipeline that moved meanwhile is read again; the last try is taken as it is.
    """
    while True:
        tries -= 1
        first = store.read(documents, pipeline_id)
        steps = {step.key: step for step in store.steps(documents, pipeline_id)}
        events = {event.seq: event for event in store.events(documents, pipeline_id)}
        ledger = {row.key: row for row in store.reservations(documents, pipeline_id)}
        failed = [key for key, step in steps.items() if step.state == "failed"]
        dead = frozenset(key for key in failed if documents.get(store.dead_letter_path(pipeline_id, key)))
        again = store.read(documents, pipeline_id)
        if again.pipeline_version == first.pipeline_version or not tries:
            return Snapshot(first.pipeline, steps, events, ledger, {}, dead), again.now


def _over(step: Step, made: Transition) -> bool:
    """Whether nobody held the step any more when the commit was made."""
    return step.lease_until is None or step.lease_until <= made.at or step.key in made.gone


def _old(row: Dispatch, now: datetime, patience: timedelta) -> bool:
    return now - row.created_at > patience

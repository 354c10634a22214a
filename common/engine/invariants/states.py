"""What every pipeline looks like between two commits."""

from collections.abc import Callable, Iterator

from common.domain.catalogue import Catalogue
from common.engine.invariants.snapshot import Snapshot, Violation
from common.engine.ledger import OPEN

_WAITING = ("ready", "running", "parked")
_ORDER = {"waiting": 0, "ready": 1, "done": 2, "failed": 2}

StateCheck = Callable[[Snapshot], Iterator[str]]
STATE: dict[str, StateCheck] = {}


def _state(name: str) -> Callable[[StateCheck], StateCheck]:
    return lambda check: STATE.setdefault(name, check)


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

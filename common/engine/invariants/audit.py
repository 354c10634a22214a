"""A whole store under the checks, and what must not be left where nothing is left to do."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from common.domain.catalogue import Catalogue
from common.domain.pipeline import SETTLED
from common.engine import store
from common.engine.invariants.snapshot import Snapshot, Violation
from common.engine.invariants.states import state
from common.engine.records import Dispatch
from common.platform.documents import Documents

PATIENCE = timedelta(minutes=3)  # after which a running system has swept up whatever was left behind
RestCheck = Callable[[Snapshot], Iterator[str]]
REST: dict[str, RestCheck] = {}


def _rest(name: str) -> Callable[[RestCheck], RestCheck]:
    return lambda check: REST.setdefault(name, check)


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


def rest(seen: Snapshot) -> list[Violation]:
    """What is left of a pipeline although nothing is left to do in the world."""
    return [Violation(name, seen.pipeline.id, text) for name, check in REST.items() for text in check(seen)]


def late(
    seen: Snapshot, now: datetime, catalogue: Catalogue | None = None, patience: timedelta = PATIENCE
) -> list[Violation]:
    """What nobody took care of for too long, in a system that is up.

    A lease does not tell of a job that waits for its turn, so steps with a job, as the catalogue says, have until their
    deadline.
    """
    found = [f"the outbox row {name} was not relayed" for name, row in seen.outbox.items() if _old(row, now, patience)]
    for step in seen.steps.values():
        part = seen.pipeline.parts.get(step.key)
        # A step that was given back does not say when; the next sweep sends it again anyway.
        sent = step.not_before or (None if step.epoch else seen.pipeline.updated_at)
        due = step.started_at and step.state in ("ready", "running")  # the time of a step begins with its first claim
        if due and now > step.deadline + patience and not seen.pipeline.settled:
            found.append(f"{step.key} is {step.state} past its deadline, {step.deadline:%Y-%m-%d %H:%M:%S} UTC")
        elif step.state == "running" and catalogue and catalogue.rules(step.step).job:
            continue
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
    found = _of_no_pipeline(outbox.pop("", {}), documents, at_rest=at_rest)
    for row in documents.query("pipelines"):
        seen, now = observe(documents, row.id)
        seen = replace(seen, outbox=outbox.pop(row.id, {}))
        found += [*state(seen, catalogue), *(rest(seen) if at_rest else late(seen, now, catalogue))]
    found += [
        Violation("work and its message together", pipeline_id, f"there is no such pipeline, and {name} is sent for it")
        for pipeline_id, rows in outbox.items()
        for name in rows
    ]
    return found


def _of_no_pipeline(rows: Mapping[str, Dispatch], documents: Documents, *, at_rest: bool) -> list[Violation]:
    """Events of batches that were not announced in time."""
    found = []
    for name, row in rows.items():
        stored = documents.get(store.outbox_path(row))
        if stored is not None and (at_rest or _old(row, stored.read_at, PATIENCE)):
            found.append(Violation("the outbox drains", "", f"{name} was not relayed"))
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


def _old(row: Dispatch, now: datetime, patience: timedelta) -> bool:
    return now - row.created_at > patience

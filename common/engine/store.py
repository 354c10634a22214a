"""Pipelines in the document store: where they stand, how they are read, and how a change is committed."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from common.domain.pipeline import Event, Pipeline, Step
from common.engine import announce
from common.engine.records import Change, DeadLetter, Dispatch, Reservation
from common.observability import metrics
from common.platform.clock import Clock
from common.platform.documents import Conflict, Create, Documents, Order, Put, Unavailable, Update, Where, Write

T = TypeVar("T")
_ATTEMPTS = 40  # of rivals
WORKER_PATIENCE = timedelta(minutes=1)  # work was done, so its outcome is worth waiting for
LONGEST_WAIT = timedelta(seconds=3)  # between two tries
CLIENT_PATIENCE = timedelta(seconds=3)  # somebody waits for the answer


class UnknownPipeline(LookupError):
    """No pipeline has that id."""


@dataclass(frozen=True)
class Read:
    """What a decision was made on, with the versions that its commit is guarded by.

    `now` is the moment of the read by the store's clock: leases and deadlines of all hosts are judged by it alone.
    """

    pipeline: Pipeline
    pipeline_version: str
    now: datetime
    step: Step | None = None
    step_version: str = ""


def pipeline_path(pipeline_id: str) -> str:
    """Path of a pipeline's document."""
    return f"pipelines/{pipeline_id}"


def step_path(pipeline_id: str, key: str) -> str:
    """Path of a step run's document."""
    return f"pipelines/{pipeline_id}/steps/{key}"


def ledger_path(pipeline_id: str, key: str) -> str:
    """Path of a ledger row."""
    return f"pipelines/{pipeline_id}/ledger/{key}"


def dead_letter_path(pipeline_id: str, key: str) -> str:
    """Path of what is kept of a step that failed for good."""
    return letter_path(f"{pipeline_id}.{key}")


def letter_path(letter_id: str) -> str:
    """Path of a dead letter."""
    return f"dead_letters/{letter_id}"


def read(documents: Documents, pipeline_id: str, key: str | None = None) -> Read:
    """A pipeline, and one of its step runs, as of one moment; UnknownPipeline when either is missing."""
    paths = [pipeline_path(pipeline_id), *([] if key is None else [step_path(pipeline_id, key)])]
    found, *steps = documents.get_all(paths)
    if found is None:
        raise UnknownPipeline(f"There is no pipeline {pipeline_id}.")
    pipeline = Pipeline.model_validate(found.data)
    if key is None:
        return Read(pipeline, found.version, found.read_at)
    [step] = steps
    if step is None:
        raise UnknownPipeline(f"Pipeline {pipeline_id} has no step run {key}.")
    return Read(pipeline, found.version, step.read_at, Step.model_validate(step.data), step.version)


def steps(documents: Documents, pipeline_id: str) -> list[Step]:
    """Every step run of a pipeline, oldest first."""
    found = [Step.model_validate(row.data) for row in documents.query(f"pipelines/{pipeline_id}/steps")]
    return sorted(found, key=lambda step: (step.created_at, step.key))


def events(documents: Documents, pipeline_id: str, after: int = 0, limit: int | None = None) -> list[Event]:
    """The event log from a sequence number on, in order."""
    where, order = [Where("seq", ">", after)], [Order("seq")]
    rows = documents.query(f"pipelines/{pipeline_id}/events", where, order, limit)
    return [Event.model_validate(row.data) for row in rows]


def reservations(documents: Documents, pipeline_id: str, step_key: str | None = None) -> list[Reservation]:
    """Every ledger row of a pipeline, or of one of its step runs."""
    where = [] if step_key is None else [Where("step_key", "==", step_key)]
    rows = documents.query(f"pipelines/{pipeline_id}/ledger", where=where)
    return [Reservation.model_validate(row.data) for row in rows]


def commit(documents: Documents, read: Read, change: Change, *, extra: Sequence[Write] = ()) -> None:
    """Write a change or nothing: every document that was read must be unchanged, every new one must be new."""
    pipeline_id = read.pipeline.id
    writes: list[Write] = list(extra)
    if change.pipeline is not None:
        path = pipeline_path(pipeline_id)
        writes.append(Update(path, change.pipeline.model_dump(mode="json"), read.pipeline_version))
    for step in change.steps:
        data, path = step.model_dump(mode="json"), step_path(pipeline_id, step.key)
        known = read.step is not None and read.step.key == step.key
        writes.append(Update(path, data, read.step_version) if known else Create(path, data))
    for event in change.events:
        writes.append(Create(f"pipelines/{pipeline_id}/events/{event.seq:06d}", event.model_dump(mode="json")))
    for row in change.ledger:
        writes.append(Put(ledger_path(pipeline_id, row.key), row.model_dump(mode="json")))
    for dispatch in announce.outgoing(change):
        writes.append(Put(outbox_path(dispatch), dispatch.model_dump(mode="json")))
    if change.dead is not None and read.step is not None:
        step = read.step
        letter = DeadLetter(
            kind="failed",
            function=step.step,
            reason=change.dead.detail,
            code=change.dead.code,
            pipeline_id=pipeline_id,
            step=step.step,
            key=step.key,
            epoch=step.epoch,
            at=read.now,
        )
        writes.append(Put(dead_letter_path(pipeline_id, step.key), letter.model_dump(mode="json")))
    if writes:
        documents.commit(writes)
        metrics.committed(read.pipeline, change.pipeline, change.steps)


def outbox_path(dispatch: Dispatch) -> str:
    """Path of an outbox row."""
    return f"outbox/{dispatch.id}"


def settle(clock: Clock, attempt: Callable[[], T], patience: timedelta = WORKER_PATIENCE) -> T:
    """Run read-decide-commit until it is written: on a rival's commit or a silent store, wait a little and read anew.

    `attempt` must recognise its own earlier success, because a store that did not answer may have committed.
    A store that stays silent for longer than `patience` is Unavailable.
    """
    begun, tries = clock.now(), 0
    while True:
        started = clock.now()
        try:
            return attempt()
        except (Conflict, Unavailable) as missed:
            tries += 1
            silent = isinstance(missed, Unavailable)
            if clock.now() - begun >= patience if silent else tries == _ATTEMPTS:
                raise
            # The slower the store, the fewer rivals it serves at once: the wait grows with what the attempt took.
            took = (clock.now() - started).total_seconds()
            longest = min(LONGEST_WAIT.total_seconds(), max(0.01, 8.0 * took) * 1.2 ** (tries - 1))
            clock.sleep(random.uniform(0.0, 1.0) * longest)

"""Taking up again what failed or got stuck, at an operator's word.

A terminal state never changes, so a failed pipeline is gone on from by a new one, which keeps every finished step run
with its result. There is one such pipeline of each, under an id that follows from the old one's: a command that is
repeated, or given by two people at once, makes one. Nothing is sent from here; what is to be sent lies in the outbox.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from common.domain.catalogue import Catalogue
from common.domain.model import digest
from common.domain.money import dollars
from common.domain.pipeline import Cost, Pipeline, Spec, Step
from common.engine import decisions, store
from common.engine.push import InvalidEnvelope, parse
from common.engine.records import Change, DeadLetter, Dispatch, Replayed
from common.engine.store import UnknownPipeline
from common.engine.sweep import READY_AGE
from common.platform.clock import Clock
from common.platform.documents import Create, Document, Documents, Put, Update, Where, Write

DISMISSED = "nobody"  # in place of what went on from a letter that was only looked at


class NothingToReplay(Exception):
    """There is nothing to take up again; the text says why."""


@dataclass(frozen=True)
class Replay:
    """What a replay came to: the pipeline that goes on, whether this call made it, and the step runs sent for."""

    pipeline: Pipeline
    made: bool
    kept: int
    sent: tuple[Dispatch, ...]


def successor(pipeline_id: str) -> str:
    """Id of the pipeline that goes on from a failed one."""
    return digest(["replay of", pipeline_id])[:20]


def renew(old: Pipeline, steps: Sequence[Step], *, now: datetime, catalogue: Catalogue) -> Change:
    """The pipeline that goes on from a failed one: what is finished is kept, the rest runs again with fresh attempts.

    A finished run that did without an optional part, which failed, runs again with it; what it asked for is left out,
    for it asks again. Money counts anew, under the same cap.
    """
    again, gone = _to_run(old)
    fresh = old.model_copy(
        update={
            "id": successor(old.id),
            "replay_of": old.id,
            "batch": "",  # which has counted the failed one
            "status": "queued",
            "stage": "",
            "progress": 0.0,
            "seq": 0,
            "facts": _facts(old, again | gone),
            "cost": Cost(cap=old.cost.cap),
            "result": None,
            "error": None,
            "created_at": now,
        }
    )
    parts = {
        key: part.model_copy(update={"state": "waiting"}) if key in again else part
        for key, part in old.parts.items()
        if key not in gone
    }
    grown, _, send = decisions.advance(fresh, parts, (), now, catalogue)
    kept = [step.model_copy(update={"pipeline_id": fresh.id}) for step in steps if step.key not in again | gone]
    started = [
        decisions.new_step(fresh.id, Spec(step=step.step, key=step.key, input=step.input), now, catalogue)
        for step in steps
        if step.key in again
    ]
    data: dict[str, object] = {"of": old.id, "kept": len(kept), "again": sorted(again)}
    born, event = decisions.record(grown, "pipeline.replayed", now, data)
    return Change(pipeline=born, steps=(*kept, *started), events=(event,), send=send)


def replay(documents: Documents, catalogue: Catalogue, clock: Clock, pipeline_id: str) -> Replay:
    """Go on from a failed pipeline, or from the newest that went on from it; NothingToReplay, UnknownPipeline."""

    def attempt() -> Replay:
        newest = _newest(documents, pipeline_id)
        found = store.read(documents, newest)
        if found.pipeline.status != "failed":
            return _already(found.pipeline, pipeline_id)
        steps = store.steps(documents, newest)
        unknown = [step.step for step in steps if step.step not in catalogue]
        if unknown:
            raise NothingToReplay(f"Pipeline {newest} has a step {unknown[0]}, which this version does not know.")
        change = renew(found.pipeline, steps, now=found.now, catalogue=catalogue)
        born = change.pipeline
        assert born is not None
        writes: list[Write] = [Create(store.pipeline_path(born.id), born.model_dump(mode="json"))]
        rows = documents.query("dead_letters", where=[Where("pipeline_id", "==", newest)])
        writes += _marks(rows, born.id)
        rest = Change(steps=change.steps, events=change.events, send=change.send)
        store.commit(documents, store.Read(born, "", found.now), rest, extra=writes)
        return Replay(born, True, len([part for part in born.parts.values() if part.state == "done"]), change.send)

    return store.settle(clock, attempt, store.CLIENT_PATIENCE)


def nudge(documents: Documents, catalogue: Catalogue, clock: Clock, pipeline_id: str) -> Replay:
    """Send again for the step runs of a pipeline that nobody took or whose lease ran out; NothingToReplay."""
    pipeline = store.read(documents, pipeline_id).pipeline
    sent: list[Dispatch] = []
    for key in pipeline.parts:
        attempt = functools.partial(_send, documents, catalogue, pipeline_id, key)
        sent += store.settle(clock, attempt, store.CLIENT_PATIENCE)
    if not sent:
        raise NothingToReplay(f"Pipeline {pipeline_id} is {pipeline.status} and moves: nothing of it is overdue.")
    return Replay(pipeline, False, 0, tuple(sent))


def overdue(pipeline: Pipeline, step: Step, now: datetime, catalogue: Catalogue) -> datetime | None:
    """Since when a step run waits in vain for somebody to take it or to go on with it; None when all is well.

    A job may wait for its turn without a lease, so a step that was handed to one has until its deadline.
    """
    part = pipeline.parts.get(step.key)
    if pipeline.settled or part is None or part.state != "ready":
        return None
    if step.state == "running":
        until = step.deadline if catalogue.rules(step.step).job else step.lease_until
        return until if until and now >= until else None
    due = max(step.not_before or step.created_at, step.created_at, pipeline.updated_at)
    return due if step.state == "ready" and now - due >= READY_AGE else None


def resend(documents: Documents, catalogue: Catalogue, clock: Clock, letter_id: str) -> Replay:
    """Send a dead letter to its function again, or go on from the pipeline that failed by it; NothingToReplay."""

    def attempt() -> Replay:
        row = documents.get(store.letter_path(letter_id))
        if row is None:
            raise NothingToReplay(f"There is no dead letter {letter_id}.")
        letter = DeadLetter.model_validate(row.data)
        pipeline_id, key = _addressee(letter)
        try:
            found = store.read(documents, pipeline_id, key)
        except (UnknownPipeline, ValueError) as unknown:
            raise NothingToReplay(f"The letter's step run cannot be found: {unknown}") from None
        if found.pipeline.status == "failed":
            return replay(documents, catalogue, clock, pipeline_id)
        assert found.step is not None
        if found.pipeline.settled or found.step.state not in ("ready", "running"):
            state = f"{key} of pipeline {pipeline_id} is {found.step.state}, the pipeline {found.pipeline.status}"
            raise NothingToReplay(f"Nothing waits for the letter: {state}.")
        dispatch = Dispatch(
            id=f"{pipeline_id}.{key}.letter-{letter_id[:20]}",
            pipeline_id=pipeline_id,
            step=found.step.step,
            key=key,
            priority=found.pipeline.priority,
            created_at=found.now,
        )
        sent = Put(store.outbox_path(dispatch), dispatch.model_dump(mode="json"))
        documents.commit([*_marks([row], dispatch.id), sent])
        return Replay(found.pipeline, False, 0, (dispatch,))

    return store.settle(clock, attempt, store.CLIENT_PATIENCE)


def dismiss(documents: Documents, clock: Clock, name: str) -> int:
    """Note that a person saw a dead letter, or all of a pipeline, and that nothing is to be done; how many."""

    def attempt() -> int:
        row = documents.get(store.letter_path(name))
        rows = [row] if row else documents.query("dead_letters", where=[Where("pipeline_id", "==", name)])
        if not rows:
            raise NothingToReplay(f"There is no dead letter {name}, nor one of a pipeline of that id.")
        documents.commit(_marks(rows, DISMISSED))
        return len(rows)

    return store.settle(clock, attempt, store.CLIENT_PATIENCE)


def _marks(rows: Sequence[Document], by: str) -> list[Write]:
    """Dead letters with a note of what became of them."""
    return [
        Update(row.path, {**row.data, "replayed": Replayed(by=by, at=row.read_at).model_dump(mode="json")}, row.version)
        for row in rows
    ]


def _to_run(old: Pipeline) -> tuple[set[str], set[str]]:
    """Keys of the step runs to run again, and of those to leave out because one of the former asks for them anew."""
    again = {key for key, part in old.parts.items() if part.state != "done"}
    gone: set[str] = set()
    while True:
        lacking = {key for key, part in old.parts.items() if again & set(part.needs)}
        # What needs a run that is left out has to be asked for after that run was asked for anew.
        lacking |= {part.by for key, part in old.parts.items() if key not in gone and gone & set(part.needs)}
        asked = {key for key, part in old.parts.items() if part.by in again | gone}
        if lacking <= again | gone and asked <= gone:
            return again, gone
        gone |= asked
        again = (again | lacking) - gone


def _facts(old: Pipeline, new: set[str]) -> dict[str, object]:
    facts = dict(old.facts)
    if lost := [part for part in facts.pop("lost", []) if part["key"] not in new]:
        facts["lost"] = lost
    if old.cost.spent:
        note = f"this goes on from pipeline {old.id}, which spent ${dollars(old.cost.spent):.4f} before it failed"
        facts["notes"] = [*facts.get("notes", []), note]
    return facts


def _newest(documents: Documents, pipeline_id: str) -> str:
    """The last of the pipelines that went on from each other."""
    while documents.get(store.pipeline_path(successor(pipeline_id))) is not None:
        pipeline_id = successor(pipeline_id)
    return pipeline_id


def _already(pipeline: Pipeline, asked: str) -> Replay:
    if pipeline.id != asked:
        kept = len([part for part in pipeline.parts.values() if part.state == "done"])
        return Replay(pipeline, False, kept, ())
    raise NothingToReplay(f"Pipeline {asked} is {pipeline.status}, and only a failed one is gone on from.")


def _send(documents: Documents, catalogue: Catalogue, pipeline_id: str, key: str) -> tuple[Dispatch, ...]:
    found = store.read(documents, pipeline_id, key)
    assert found.step is not None
    if overdue(found.pipeline, found.step, found.now, catalogue) is None:
        return ()
    change = decisions.give_back(found.step, now=found.now, priority=found.pipeline.priority)
    store.commit(documents, found, change)
    return change.send


def _addressee(letter: DeadLetter) -> tuple[str, str]:
    """Pipeline and step run that a letter is about, read from its body by today's rules where it was unreadable."""
    data = {"pipeline_id": letter.pipeline_id, "key": letter.key}
    if letter.kind == "unreadable":
        try:
            data = dict(parse(letter.body.encode(), {}).data)
        except InvalidEnvelope as still:
            raise NothingToReplay(f"The letter still cannot be read: {still}") from None
    pipeline_id, key = data.get("pipeline_id"), data.get("key")
    if not isinstance(pipeline_id, str) or not isinstance(key, str) or not pipeline_id or not key:
        raise NothingToReplay("The letter names no step run, so there is nobody to send it to.")
    return pipeline_id, key

"""What needs an operator: pipelines that failed inside or got stuck, letters nobody reads, broken promises."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import ValidationError

from common.domain.catalogue import Catalogue
from common.domain.model import Model
from common.domain.pipeline import Pipeline, Step
from common.engine import invariants, replay, store
from common.engine.batches import Batch
from common.engine.records import DeadLetter, Dispatch
from common.engine.store import UnknownPipeline
from common.platform.documents import Document, Documents, Where

# Failures that answer what was asked for: another run ends the same way, so they are the client's to read.
ANSWERS = frozenset({"content_refused", "script_refused", "quality_rejected", "unreadable_media", "refused"})
OPEN = ("queued", "processing", "awaiting_approval")


class Trouble(Model):
    """One thing that needs a person: what it is about, why, since when, and the command that comes next."""

    kind: str  # failed | stuck | unsent | dead letter | violation
    id: str  # of the pipeline, or of the dead letter
    step: str = ""
    status: str = ""
    reason: str
    since: datetime | None = None
    attempts: int = 0
    next: str = ""


def troubles(documents: Documents, catalogue: Catalogue) -> list[Trouble]:
    """Everything in a store that needs a person, the oldest of each kind first."""
    stuck = list(_stuck(documents, catalogue))
    known = {trouble.id for trouble in stuck} | _held_by_jobs(documents, catalogue)
    found = [*_letters(documents), *stuck, *_batches(documents), *_unsent(documents)]
    found.sort(key=lambda trouble: (trouble.kind, trouble.since.timestamp() if trouble.since else 0.0))
    return [*found, *_violations(documents, catalogue, known)]


def _letters(documents: Documents) -> Iterator[Trouble]:
    """Failed pipelines by the letter of the step that failed them, and letters that no failed pipeline stands for."""
    for row in documents.query("dead_letters", where=[Where("replayed", "==", None)]):
        try:
            letter = DeadLetter.model_validate(row.data)
        except ValidationError as error:
            yield _unreadable(row, error)
            continue
        try:
            found = store.read(documents, letter.pipeline_id, letter.key) if letter.key else None
        except (UnknownPipeline, ValueError):
            found = None
        if letter.kind == "failed":
            if found is not None and found.step is not None:
                yield from _failed(found.pipeline, found.step, letter)
        elif found is None or not found.pipeline.settled:
            yield _letter(row.id, letter)


def _failed(pipeline: Pipeline, step: Step, letter: DeadLetter) -> Iterator[Trouble]:
    # A pipeline that goes on without an optional part needs nobody: its manifest says what is missing.
    error = pipeline.error
    if pipeline.status == "failed" and error and error.step == step.key and error.code not in ANSWERS:
        yield Trouble(
            kind="failed",
            id=pipeline.id,
            step=step.key,
            status=pipeline.status,
            reason=error.detail,
            since=letter.at,
            attempts=step.attempts,
            next=f"aiprod replay {pipeline.id}",
        )


def _letter(letter_id: str, letter: DeadLetter) -> Trouble:
    about = f", about {letter.key} of pipeline {letter.pipeline_id}" if letter.key else ""
    can = bool(letter.key) or letter.kind == "unreadable"
    return Trouble(
        kind="dead letter",
        id=letter_id,
        step=letter.key,
        status=letter.kind,
        reason=f"a message to {letter.function or 'nobody'}{about}: {letter.reason}",
        since=letter.at,
        next=f"aiprod replay {letter_id}{'' if can else ' --dismiss'}",
    )


def _stuck(documents: Documents, catalogue: Catalogue) -> Iterator[Trouble]:
    for row in documents.query("pipelines", where=[Where("status", "in", list(OPEN))]):
        try:
            pipeline = Pipeline.model_validate(row.data)
            steps = store.steps(documents, pipeline.id)
        except ValidationError as error:
            yield _unreadable(row, error)
            continue
        for step in steps:
            if step.step not in catalogue:
                continue  # of another version; the audit says so
            since = replay.overdue(pipeline, step, row.read_at, catalogue)
            if since is None or row.read_at - since < invariants.PATIENCE:
                continue  # the sweep has that long
            why = f"{step.owner} does not go on with it" if step.state == "running" else "nobody took it"
            last = f"; last failure: {step.failure.detail}" if step.failure else ""
            yield Trouble(
                kind="stuck",
                id=pipeline.id,
                step=step.key,
                status=pipeline.status,
                reason=f"{step.key} is {step.state}, and {why}{last}",
                since=since,
                attempts=step.attempts,
                next=f"aiprod replay {pipeline.id}",
            )


def _held_by_jobs(documents: Documents, catalogue: Catalogue) -> set[str]:
    """Pipelines that wait for a job: it needs no lease before its turn, and the sweep asks the platform about it."""
    jobs = {entry.name for entry in catalogue.steps() if catalogue.rules(entry.name).job}
    rows = documents.query_group("steps", where=[Where("state", "==", "running")])
    return {str(row.data.get("pipeline_id")) for row in rows if row.data.get("step") in jobs}


def _batches(documents: Documents) -> Iterator[Trouble]:
    """Batches that were accepted, and whose pipelines no sweep made."""
    for row in documents.query("batches", where=[Where("state", "==", "accepted")]):
        try:
            batch = Batch.model_validate(row.data)
        except ValidationError as error:
            yield _unreadable(row, error)
            continue
        if row.read_at - batch.created_at >= invariants.PATIENCE:
            yield Trouble(
                kind="stuck",
                id=batch.id,
                status="accepted",
                reason=f"the batch of {batch.jobs} jobs was accepted, and no sweep makes its pipelines",
                since=batch.created_at,
                next="aiprod serve",
            )


def _unsent(documents: Documents) -> Iterator[Trouble]:
    for row in documents.query("outbox"):
        try:
            dispatch = Dispatch.model_validate(row.data)
        except ValidationError as error:
            yield _unreadable(row, error)
            continue
        if row.read_at - dispatch.created_at >= invariants.PATIENCE:
            yield Trouble(
                kind="unsent",
                id=dispatch.pipeline_id,
                step=dispatch.key,
                reason=f"the message {dispatch.id} lies in the outbox: no sweep relays it",
                since=dispatch.created_at,
                next="aiprod serve",
            )


def _violations(documents: Documents, catalogue: Catalogue, known: set[str]) -> Iterator[Trouble]:
    try:
        found = invariants.audit(documents, catalogue)
    except (ValidationError, KeyError) as error:
        yield Trouble(kind="violation", id="", reason=f"a document cannot be read, so none was checked: {error}")
        return
    for violation in found:
        if violation.invariant == "no lost work" and violation.pipeline_id in known:
            continue  # said above, with the way out, or in the hands of a job
        yield Trouble(
            kind="violation",
            id=violation.pipeline_id,
            status=violation.invariant,
            reason=violation.detail,
            next=f"aiprod explain {violation.pipeline_id}",
        )


def _unreadable(row: Document, error: ValidationError) -> Trouble:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return Trouble(kind="violation", id=row.id, reason=f"{row.path} cannot be read: {where}: {first['msg']}")

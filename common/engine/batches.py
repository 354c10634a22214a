"""Many pipelines accepted at once: all of them or none, each made once, and one word when the last has ended.

The first commit makes the batch with all of its requests, so from then on it is accepted. Its pipelines follow in a few
commits, under ids that follow from the batch's: whoever goes on with it, after a crash, makes those that are missing.
"""

import contextlib
import functools
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Literal, get_args

from common.domain.model import Model, digest
from common.domain.money import dollars, micros
from common.domain.pipeline import TERMINAL, Pipeline, Status
from common.domain.request import PipelineRequest
from common.engine import announce, control, outbox, store, webhooks
from common.engine.context import Context
from common.engine.records import Dispatch
from common.engine.rounds import going_round
from common.engine.store import UnknownPipeline
from common.platform.documents import Conflict, Create, Document, Documents, Order, Unavailable, Update, Where, Write

MOST = 100  # jobs of one batch
CHUNK = 20  # pipelines of one commit, well below the most writes and bytes that a store takes at once
SENDERS = 8  # messages that are on their way at a time
YOUNG = timedelta(seconds=15)  # a batch that its own request still starts
_NEWEST = (Order("created_at", descending=True),)  # an order, for which the pipelines of a batch have an index
_GOING_ON = sorted(set(get_args(Status)) - TERMINAL)
_ENDS = frozenset(f"pipeline.{status}" for status in TERMINAL)

log = logging.getLogger(__name__)


class UnknownBatch(LookupError):
    """No batch has that id."""


class Batch(Model):
    """Many jobs. `accepted`: pipelines may still be missing; `running`: all are made; `completed`: all have ended."""

    id: str
    owner: str
    jobs: int
    budget: int | None = None  # micro-dollars, shared out among its jobs
    state: Literal["accepted", "running", "completed"] = "accepted"
    created_at: datetime
    completed_at: datetime | None = None


class Job(Model):
    """One job: what was asked for, which pipeline makes it, and what that may cost in micro-dollars."""

    number: int
    pipeline_id: str
    request: PipelineRequest
    cap: int | None = None


def path(batch_id: str) -> str:
    """Path of a batch's document."""
    return f"batches/{batch_id}"


def pipeline_id(batch_id: str, number: int) -> str:
    """Id of the pipeline of a job, which follows from the batch's."""
    return digest(["job of", batch_id, number])[:20]


def submit(
    context: Context, requests: Sequence[PipelineRequest], owner: str, *, batch_id: str, budget: float | None
) -> Batch:
    """Accept a batch, then start its pipelines. The same id makes a repeated submit go on with what is missing."""
    now = context.clock.now()
    cap = None if budget is None else micros(budget)
    batch = Batch(id=batch_id, owner=owner, jobs=len(requests), budget=cap, created_at=now)
    jobs = [
        Job(number=number, pipeline_id=pipeline_id(batch_id, number), request=request, cap=share)
        for number, (request, share) in enumerate(zip(requests, shares(requests, cap), strict=True), 1)
    ]
    created = announce.dispatch("batch.created", batch_id, owner, {"id": batch_id, "jobs": batch.jobs}, now)
    writes: list[Write] = [Create(path(batch_id), batch.model_dump(mode="json")), outbox.row(created)]
    writes += [Create(_job_path(batch_id, job.number), job.model_dump(mode="json")) for job in jobs]
    fresh = store.settle(context.clock, lambda: _accept(context, batch_id, writes), store.CLIENT_PATIENCE)
    with contextlib.suppress(Conflict, Unavailable):  # it is accepted: the sweep starts what is not started here
        begin(context, load(context.documents, batch_id), fresh=fresh)
        outbox.relay(context, [created])
    return load(context.documents, batch_id)


def shares(requests: Sequence[PipelineRequest], budget: int | None) -> list[int | None]:
    """What each job may cost: its own budget, or an even share of what the batch's leaves to those without one."""
    own = [None if request.budget is None else micros(request.budget) for request in requests]
    if budget is None or None not in own:
        return own
    share = max(0, budget - sum(cap for cap in own if cap is not None)) // own.count(None)
    return [share if cap is None else cap for cap in own]


def load(documents: Documents, batch_id: str) -> Batch:
    """The batch; UnknownBatch."""
    found = documents.get(path(batch_id))
    if found is None:
        raise UnknownBatch(f"There is no batch {batch_id}.")
    return Batch.model_validate(found.data)


def jobs(documents: Documents, batch_id: str) -> list[Job]:
    """The jobs of a batch, in order."""
    rows = documents.query(f"{path(batch_id)}/jobs")
    return sorted((Job.model_validate(row.data) for row in rows), key=lambda job: job.number)


def pipelines(documents: Documents, batch_id: str) -> dict[str, Pipeline]:
    """The pipelines of a batch that are made so far, by id."""
    rows = documents.query("pipelines", [Where("batch", "==", batch_id)], _NEWEST)
    return {row.id: Pipeline.model_validate(row.data) for row in rows}


def _waits(documents: Documents, batch_id: str) -> bool:
    """Whether a pipeline of a batch goes on: one row, if any, for everybody who ends one asks this."""
    goes_on = [Where("batch", "==", batch_id), Where("status", "in", _GOING_ON)]
    return bool(documents.query("pipelines", goes_on, _NEWEST, 1))


def begin(context: Context, batch: Batch, *, fresh: bool = False) -> int:
    """Make every pipeline that is missing and send for its first step; how many. `fresh`: nobody can have made any."""
    if batch.state != "accepted":
        return 0
    progress = webhooks.wants_progress(context.documents, batch.owner)
    known = set() if fresh else set(pipelines(context.documents, batch.id))
    sent: list[Dispatch] = []
    everything = jobs(context.documents, batch.id)
    for at in range(0, len(everything), CHUNK):

        def attempt(chunk: Sequence[Job] = everything[at : at + CHUNK]) -> list[Dispatch]:
            missing = [job for job in chunk if job.pipeline_id not in known]
            try:
                return _make(context, batch, missing, announces_progress=progress)
            except (Conflict, Unavailable):
                # Somebody else made some of them, or we did and the answer was lost.
                known.update(pipelines(context.documents, batch.id))
                raise

        sent += store.settle(context.clock, attempt, store.CLIENT_PATIENCE)
    _advance(context, batch.id)
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(lambda first: outbox.relay(context, sent[first::SENDERS]), range(min(SENDERS, len(sent)))))
    return len(sent)


def close(context: Context, batch_id: str) -> bool:
    """Say that a batch has completed, if every pipeline of it has ended; True for the one caller who said it."""

    def attempt() -> Dispatch | None:
        row = context.documents.get(path(batch_id))
        batch = Batch.model_validate(row.data) if row else None
        if row is None or batch is None or batch.state != "running":
            return None
        if _waits(context.documents, batch_id):
            return None
        made = pipelines(context.documents, batch_id).values()
        if len(made) < batch.jobs:
            return None
        data = {
            "id": batch_id,
            "jobs": batch.jobs,
            "counts": dict(Counter(pipeline.status for pipeline in made)),
            "cost": {"spent": dollars(sum(pipeline.cost.spent for pipeline in made))},
        }
        completed = announce.dispatch("batch.completed", batch_id, batch.owner, data, row.read_at)
        over = batch.model_copy(update={"state": "completed", "completed_at": row.read_at})
        context.documents.commit([Update(row.path, over.model_dump(mode="json"), row.version), outbox.row(completed)])
        return completed

    said = store.settle(context.clock, attempt)
    if said is None:
        return False
    outbox.relay(context, [said])
    return True


def heard(context: Context, row_id: str) -> None:
    """Close the batch of a pipeline whose end is announced, if it was the last one's."""
    row = context.documents.get(f"outbox/{row_id}")
    told = Dispatch.model_validate(row.data).announcement if row else None
    if told is None or told.type not in _ENDS:
        return
    with contextlib.suppress(UnknownPipeline):
        if batch_id := store.read(context.documents, told.subject).pipeline.batch:
            close(context, batch_id)


def sweep(context: Context, *, at_start: bool = False) -> int:
    """Go on with batches whose request died, and close those whose last pipeline's end nobody noticed; how many.

    Of very many it takes as much as one sweep can, and the next one goes on from there.
    """
    moved = 0
    for row in _in_state(context, "accepted"):
        moved += _swept(functools.partial(_go_on, context, row, at_start=at_start), row.id)
    for row in _in_state(context, "running"):
        moved += _swept(functools.partial(close, context, row.id), row.id)
    return moved


def _go_on(context: Context, row: Document, *, at_start: bool) -> int:
    batch = Batch.model_validate(row.data)
    # The time is that of the host which took it, and may be ahead of the store's: not young then, but wrong.
    if at_start or abs(row.read_at - batch.created_at) >= YOUNG:
        return begin(context, batch)
    return 0


def _swept(act: Callable[[], int], batch_id: str) -> int:
    try:
        return int(act())
    except Conflict:
        return 0  # somebody else goes on with it
    except Unavailable:
        raise
    except Exception:  # one broken batch must not keep the others from being swept
        log.exception("a batch could not be swept", extra={"batch": batch_id})
        return 0


def _accept(context: Context, batch_id: str, writes: Sequence[Write]) -> bool:
    """Commit a batch; False where it stands already, for the request was sent twice or its answer was lost."""
    try:
        context.documents.commit(writes)
    except Conflict:
        if context.documents.get(path(batch_id)) is None:
            raise  # nothing stood in the way but rivals for the store itself
        return False
    return True


def _make(context: Context, batch: Batch, missing: Sequence[Job], *, announces_progress: bool) -> list[Dispatch]:
    """Pipelines in one commit, which is refused where any of them stands already."""
    now = context.clock.now()
    writes: list[Write] = []
    sent: list[Dispatch] = []
    for job in missing:
        change = control.newborn(
            context,
            job.request,
            batch.owner,
            pipeline_id=job.pipeline_id,
            cap=job.cap,
            announces_progress=announces_progress,
            now=now,
            batch=batch.id,
        )
        assert change.pipeline is not None
        writes.append(Create(store.pipeline_path(job.pipeline_id), change.pipeline.model_dump(mode="json")))
        writes += [
            Create(store.step_path(job.pipeline_id, one.key), one.model_dump(mode="json")) for one in change.steps
        ]
        writes += [outbox.row(dispatch) for dispatch in change.send]
        sent += change.send
    if writes:
        context.documents.commit(writes)
    return sent


def _advance(context: Context, batch_id: str) -> None:
    """Note that all pipelines of a batch are made."""

    def attempt() -> None:
        row = context.documents.get(path(batch_id))
        if row is not None and row.data["state"] == "accepted":
            context.documents.commit([Update(row.path, {**row.data, "state": "running"}, row.version)])

    store.settle(context.clock, attempt, store.CLIENT_PATIENCE)


def _in_state(context: Context, state: str) -> Iterator[Document]:
    return going_round(context, f"batches-{state}", "batches", [Where("state", "==", state)])


def _job_path(batch_id: str, number: int) -> str:
    return f"{path(batch_id)}/jobs/{number:03d}"

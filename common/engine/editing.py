"""The plan of a pipeline as clients see and change it while it waits, with every edit kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from common.domain.edits import Edit
from common.domain.model import Model
from common.domain.pipeline import Pipeline
from common.domain.plan import Plan
from common.engine import decisions, store
from common.engine.context import Context
from common.engine.records import Change
from common.platform.documents import Create, Documents

STEP = "approve"  # the run that holds the plan, and whose result is the accepted one


class NoPlan(Exception):
    """The pipeline has no plan to show yet; the text says where it stands."""


class NotWaiting(Exception):
    """The plan does not wait any more: it was accepted, or its pipeline ended."""


class Edited(Model):
    """One edit of a plan: who changed what, when and why."""

    by: str = Field(description="Who made it.")
    at: datetime = Field(description="When, in UTC.")
    note: str = Field(default="", description="Why, in the words of who made it.")
    changes: tuple[Edit, ...] = Field(description="Every change, in order.")


@dataclass(frozen=True)
class Held:
    """The plan of a pipeline, whether it still waits for the client, and how it came to be what it is."""

    pipeline: Pipeline
    plan: Plan
    waiting: bool
    history: tuple[Edited, ...]


@dataclass(frozen=True)
class Rewritten:
    """A plan as an edit wants it, and what that changes."""

    plan: Plan
    edited: Edited


def held(documents: Documents, pipeline_id: str) -> Held:
    """The plan that waits or was accepted; NoPlan, UnknownPipeline."""
    pipeline = store.read(documents, pipeline_id).pipeline
    if STEP not in pipeline.parts:
        raise NoPlan(f"Pipeline {pipeline_id} is {pipeline.status} and has no plan yet.")
    return _held(documents, store.read(documents, pipeline_id, STEP))


def rewrite(context: Context, pipeline_id: str, edit: Callable[[Held], Rewritten]) -> Held:
    """Put an edited plan in the place of the waiting one, in one commit with the record of the edit; NotWaiting.

    `edit` is asked again where a rival edited meanwhile, and refuses by raising. One without changes writes nothing.
    """
    wanted: Rewritten | None = None

    def attempt() -> Held:
        nonlocal wanted
        found = store.read(context.documents, pipeline_id, STEP)
        step = found.step
        assert step is not None
        now = _held(context.documents, found)
        if wanted is not None and wanted.edited in now.history:
            return now  # our commit arrived, only its answer was lost
        if not now.waiting:
            raise NotWaiting(f"Pipeline {pipeline_id} is {found.pipeline.status}, so its plan does not wait any more.")
        wanted = edit(now)
        if not wanted.edited.changes:
            return now
        data: dict[str, object] = {"by": wanted.edited.by, "changes": len(wanted.edited.changes)}
        moved, event = decisions.record(found.pipeline, "pipeline.plan_edited", found.now, data)
        changed = step.model_copy(update={"result": {**step.result, "plan": wanted.plan.model_dump(mode="json")}})
        kept = Create(_edit_path(pipeline_id, event.seq), wanted.edited.model_dump(mode="json"))
        change = Change(pipeline=moved, steps=(changed,), events=(event,))
        store.commit(context.documents, found, change, extra=[kept])
        return Held(moved, wanted.plan, True, (*now.history, wanted.edited))

    return store.settle(context.clock, attempt, store.CLIENT_PATIENCE)


def history(documents: Documents, pipeline_id: str) -> tuple[Edited, ...]:
    """Every edit of a waiting plan, oldest first."""
    rows = documents.query(f"pipelines/{pipeline_id}/edits")
    return tuple(Edited.model_validate(row.data) for row in sorted(rows, key=lambda row: row.id))


def _held(documents: Documents, found: store.Read) -> Held:
    step, pipeline = found.step, found.pipeline
    assert step is not None
    if "plan" not in step.result:
        raise NoPlan(f"Pipeline {pipeline.id} is {pipeline.status} and has no plan yet.")
    made: Sequence[Edited] = history(documents, pipeline.id)
    if step.state == "done" and step.result.get("edits"):
        accepted = Edited(
            by=step.result.get("by", ""),
            at=step.finished_at or step.created_at,
            note=step.result.get("note", ""),
            changes=tuple(Edit.model_validate(one) for one in step.result["edits"]),
        )
        made = (*made, accepted)
    waiting = step.state == "parked" and not pipeline.settled
    return Held(pipeline, Plan.model_validate(step.result["plan"]), waiting, tuple(made))


def _edit_path(pipeline_id: str, seq: int) -> str:
    return f"pipelines/{pipeline_id}/edits/{seq:06d}"

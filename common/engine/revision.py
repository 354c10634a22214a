"""Another version of a finished video: a new pipeline that goes on from the old one's accepted plan, edited.

A terminal state never changes, so an edit makes a pipeline of its own. It keeps what led to the plan, and asks anew for
everything that follows from it; whatever is made of the same inputs as before is taken from the store, at no cost.
"""

import contextlib
from collections.abc import Sequence
from datetime import datetime

from common.domain.catalogue import Catalogue
from common.domain.model import Model
from common.domain.money import micros
from common.domain.pipeline import Cost, Outcome, Pipeline, Spec, Step
from common.domain.plan import Plan
from common.domain.request import PipelineRequest
from common.engine import decisions, outbox, production, store
from common.engine.context import Context
from common.engine.editing import STEP
from common.engine.records import Change, Dispatch
from common.engine.store import UnknownPipeline
from common.platform.documents import Create, Documents

MOST = 100  # revisions of one video
# Facts of the old pipeline that were known when its plan was made.
_PLANNED = ("complexity", "track", "planner", "engines", "notes")


class TooMany(Exception):
    """One video has been revised as often as it may be."""


class Member(Model):
    """A revision in the books of the video it goes back to: `inherits` when it spends what was left of that one's."""

    pipeline_id: str
    inherits: bool
    at: datetime


def revise(context: Context, old: Pipeline, outcome: Outcome, *, revision_id: str, budget: float | None) -> Pipeline:
    """Start the pipeline that makes an edited plan; TooMany. The same id makes one pipeline, however often asked.

    It may spend `budget`, or else what its family has left: what the first of them was given, less what it and all
    others without a budget of their own spent or may still spend. The preset's price per minute bounds both.
    """
    sent: tuple[Dispatch, ...] = ()

    def attempt() -> Pipeline:
        nonlocal sent
        with contextlib.suppress(UnknownPipeline):
            return store.read(context.documents, revision_id).pipeline
        root = old.family or old.id
        rows = context.documents.query(f"pipelines/{root}/revisions")
        if len(rows) >= MOST:
            raise TooMany(f"Pipeline {root} has {len(rows)} revisions, and {MOST} are the most; start a new pipeline.")
        now = context.clock.now()
        left = None if budget is not None else _left(context.documents, root, [Member(**row.data) for row in rows])
        steps = store.steps(context.documents, old.id)
        change = renew(
            old, steps, outcome, revision_id=revision_id, budget=budget, left=left, now=now, catalogue=context.catalogue
        )
        born = change.pipeline
        assert born is not None
        member = Member(pipeline_id=revision_id, inherits=budget is None, at=now)
        # Of two revisions at once, one gets the number, and the other reads anew what is left.
        entered = Create(f"pipelines/{root}/revisions/{len(rows):04d}", member.model_dump(mode="json"))
        made = Create(store.pipeline_path(revision_id), born.model_dump(mode="json"))
        rest = Change(steps=change.steps, events=change.events, send=change.send)
        sent = change.send
        store.commit(context.documents, store.Read(born, "", now), rest, extra=[made, entered])
        return born

    born = store.settle(context.clock, attempt, store.CLIENT_PATIENCE)
    outbox.relay(context, sent)
    return born


def renew(
    old: Pipeline,
    steps: Sequence[Step],
    outcome: Outcome,
    *,
    revision_id: str,
    budget: float | None,
    left: int | None,
    now: datetime,
    catalogue: Catalogue,
) -> Change:
    """The pipeline that goes on from `outcome`, an accepted plan: what led to it is kept, what follows runs.

    A scene that stays as it was keeps to the engine and the take that made it: nothing is bought for it again.
    """
    plan = Plan.model_validate(outcome.result["plan"])
    request = PipelineRequest.model_validate(old.request)
    if budget is not None:
        request = request.model_copy(update={"budget": budget})
    fresh = old.model_copy(
        update={
            "id": revision_id,
            "replay_of": "",
            "revision_of": old.id,
            "family": old.family or old.id,
            "batch": "",
            "status": "queued",
            "stage": "",
            "progress": 0.0,
            "seq": 0,
            "title": plan.title,
            "request": request.model_dump(mode="json"),
            "facts": {**{name: old.facts[name] for name in _PLANNED if name in old.facts}, **outcome.facts},
            "cost": Cost(cap=_cap(request, plan, budget, left)),
            "result": None,
            "error": None,
            "created_at": now,
        }
    )
    led = _leading_to(old, STEP)
    parts = {key: part for key, part in old.parts.items() if key in led}
    then = [_pinned(spec, steps, plan) for spec in outcome.then]
    grown, created, send = decisions.advance(fresh, parts, then, now, catalogue, by=STEP)
    kept = [
        step.model_copy(
            update={
                "pipeline_id": revision_id,
                "result": outcome.result if step.key == STEP else step.result,
            }
        )
        for step in steps
        if step.key in led
    ]
    data: dict[str, object] = {"of": old.id, "kept": len(kept)}
    born, event = decisions.record(grown, "pipeline.revised", now, data)
    return Change(pipeline=born, steps=(*kept, *created), events=(event,), send=send)


def _cap(request: PipelineRequest, plan: Plan, budget: float | None, left: int | None) -> int:
    bounds = [micros(request.rules.max_cost_per_minute * plan.seconds / 60), left]
    if budget is not None:
        bounds.append(micros(budget))
    return max(0, min(bound for bound in bounds if bound is not None))


def _left(documents: Documents, root: str, members: Sequence[Member]) -> int | None:
    """What a family may still spend; None where the first of it had no cap."""
    first = store.read(documents, root).pipeline
    if first.cost.cap is None:
        return None
    family = [store.read(documents, member.pipeline_id).pipeline for member in members if member.inherits]
    held = sum(one.cost.spent if one.settled or one.cost.cap is None else one.cost.cap for one in family)
    return max(0, first.cost.cap - first.cost.spent - held)


def _leading_to(old: Pipeline, key: str) -> set[str]:
    """Keys of the runs that a run came from, itself included."""
    found = set()
    while key and key not in found:
        found.add(key)
        key = old.parts[key].by
    return found


def _pinned(spec: Spec, steps: Sequence[Step], plan: Plan) -> Spec:
    """A run told which take made an unchanged scene before, a picture also which engine; the render, all their takes.

    Without, a revision would take from the store what was found at fault and made again.
    """
    if spec.step not in ("generate_visual", "generate_narration", "render"):
        return spec
    scene = production.scene_of(spec.key)
    last = production.last_made(steps).get((spec.step, scene))
    if last is None:
        return spec
    [before] = [Plan.model_validate(step.result["plan"]) for step in steps if step.key == STEP]
    stay = {one.id for one in plan.scenes if one in before.scenes}
    told: dict[str, object] = {}
    if spec.step == "render":
        told["scenes"] = {name: take for name, take in last.input.get("scenes", {}).items() if name in stay}
    elif scene in stay:
        told |= {"take": last.input["take"]} if "take" in last.input else {}
        told |= {"engine": last.result["work"][0]["engine"][0]} if spec.step == "generate_visual" else {}
    return spec.model_copy(update={"input": {**spec.input, **told}})

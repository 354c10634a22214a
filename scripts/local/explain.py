"""`aiprod explain`: what each step of a pipeline did, and why it ran or was reused."""

from common import runtime
from common.domain.money import dollars
from common.domain.pipeline import Pipeline, Step
from common.domain.settings import Settings
from common.engine import store
from common.platform.documents import Documents, Order
from scripts.local.refusal import Refusal


def explain(pipeline_id: str | None, settings: Settings) -> int:
    """Print one line per step run, and one per piece of work in it."""
    documents = runtime.documents(settings)
    pipeline = _find(documents, pipeline_id)
    print(f"Pipeline {pipeline.id}: {pipeline.title or 'untitled'}")
    print(f"{pipeline.status}, preset {pipeline.preset}, cost ${dollars(pipeline.cost.spent):.4f}")
    if pipeline.error:
        print(f"error: {pipeline.error.detail}")
    print()
    for step in store.steps(documents, pipeline.id):
        for line in lines_of(step):
            print(line)
    for note in (pipeline.result or {}).get("notes", []):
        print(f"note: {note}")
    return 0


def lines_of(step: Step) -> list[str]:
    """A step run in lines: its state, then each piece of work with the decision and its reason."""
    attempts = f", attempt {step.epoch}" if step.epoch > 1 else ""
    head = f"{step.key}: {step.state}{attempts}"
    if step.failure and step.state != "done":
        head += f" ({step.failure.detail})"
    lines = [head]
    for work in step.result.get("work", []):
        lines.append(f"  {work['decision']:<6} {work['name']}: {work['why']}")
    if "segments" in step.result:
        made, of = step.result["rendered"], step.result["segments"]
        lines.append(f"  {'ran' if made else 'reused':<6} picture: {made} of {of} segments were encoded")
        lines += [f"         {frames}, scene {scene}" for frames, scene in step.result["why"].items()]
    return lines


def _find(documents: Documents, pipeline_id: str | None) -> Pipeline:
    if pipeline_id is None:
        rows = documents.query("pipelines", order=[Order("created_at", descending=True)], limit=1)
        if not rows:
            raise Refusal("there is no pipeline yet; make one with `aiprod run`.")
        return Pipeline.model_validate(rows[0].data)
    if "/" in pipeline_id or not pipeline_id.isprintable() or not pipeline_id:
        raise Refusal(f"{pipeline_id!r} is no pipeline id.")
    try:
        return store.read(documents, pipeline_id).pipeline
    except store.UnknownPipeline as unknown:
        raise Refusal(f"{unknown} `aiprod explain` without an id explains the last one.") from unknown

"""Price the plan and choose an engine per asset under the cap and above the quality floor."""

from common.domain.money import micros
from common.domain.pipeline import Outcome, Spec
from common.domain.plan import Plan
from common.engine import gateway
from common.engine.task import Task
from common.providers.registry import Kind
from common.providers.visuals.port import clip_seconds


def run(task: Task) -> Outcome:
    """Bound the cost by the request's budget and the preset's price per minute, then choose engines within it."""
    request = task.request
    plan = Plan.model_validate(task.result("direct")["plan"])
    floor = request.rules.quality_threshold
    notes = list(task.pipeline.facts.get("notes", []))
    choices = {}
    cap = micros(request.rules.max_cost_per_minute * plan.seconds / 60)
    left = cap - task.pipeline.cost.spent
    wanted: list[tuple[Kind, str, float]] = [
        ("visuals", "visuals", sum(clip_seconds(scene, plan.fps) for scene in plan.scenes)),
        ("voice", "narration", plan.seconds),
        ("music", "music", plan.seconds),
        ("effects", "effects", plan.seconds),
    ]
    for kind, asset, size in wanted:
        choice = gateway.pick(task, kind, asset, floor=floor, size=size, most=left)
        left -= choice.estimate
        choices[kind] = choice.model_dump(mode="json")
        notes.extend(choice.notes)
    expected = sum(choice["estimate"] for choice in choices.values())
    return Outcome(
        result={"choices": choices, "expected_micros": expected, "cap_micros": cap},
        facts={"notes": notes, "engines": {kind: choice["engine"] for kind, choice in choices.items()}},
        cap=cap,
        then=(Spec(step="approve", key="approve"),),
    )

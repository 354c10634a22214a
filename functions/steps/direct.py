"""Turn the request into a scene plan."""

import zlib
from datetime import timedelta
from typing import Any

from common.domain.pipeline import Outcome, Spec
from common.domain.plan import Plan
from common.domain.request import PipelineRequest
from common.engine import artefacts, gateway
from common.engine.artefacts import Artefact, Made
from common.engine.brands import Kept, recall
from common.engine.gateway import Metered
from common.engine.reservations import NoRoom
from common.engine.task import StepFailed, Task
from common.media.palette import choose_look
from common.providers.errors import ProviderUnavailable, Refused, Throttled
from common.providers.planner.port import Brief, Planner

FREE = "local-planner"
FLOOR = 0.8  # a plan costs little and decides all that follows, so the best planner at hand writes it
PATIENCE = timedelta(minutes=2)  # with a planner that is too busy, well within the step's deadline


def run(task: Task) -> Outcome:
    """Have the best planner that the preset and the budget allow write the plan, and say so where it was another."""
    request = task.request
    brand = recall(task)
    brief = Brief.of(request, track=task.pipeline.facts["track"], look=brand.look)
    brief = brief.model_copy(update={"voice": brief.voice or brand.voice})
    choice = gateway.pick(task, "planner", "plan", floor=max(FLOOR, request.rules.quality_threshold))
    notes = list(choice.notes)
    try:
        try:
            made = _made(task, choice.engine, brief, choice.estimate)
        except (NoRoom, ProviderUnavailable, Throttled) as away:
            if isinstance(away, Throttled) and _worth_waiting(task, away):
                raise
            notes.append(f"plan: {choice.engine} did not run ({away}); {FREE} ran instead.")
            made = _made(task, FREE, brief)
    except Refused as refused:
        raise StepFailed("script_refused", str(refused)) from refused
    plan = Plan.model_validate_json(task.context.objects.read(made.files["plan.json"]))
    plan = dressed(plan, request, brand)
    return Outcome(
        result={"plan": plan.model_dump(mode="json"), "work": [{"name": "plan", **made.note()}]},
        facts={"planner": plan.planner, "notes": notes},
        title=plan.title,
        then=(Spec(step="budget", key="budget"),),
    )


def _made(task: Task, name: str, brief: Brief, estimate: int = 0) -> Artefact:
    """The plan as one engine writes it, under that engine's own key: a lesser plan never stands for a better one."""

    def produce() -> Made:
        plan = _write(task, name, brief, estimate)
        plan = seeded(plan, brief.seed)
        return Made({"plan.json": plan.model_dump_json(indent=1).encode()}, {"planner": plan.planner})

    inputs = {"brief": brief, "engine": [name, task.context.registry.kind_of(name).version]}
    return artefacts.make(task, "plan", inputs, produce)


def _worth_waiting(task: Task, busy: Throttled) -> bool:
    begun = task.step.started_at or task.step.created_at
    return task.context.clock.now() + timedelta(seconds=busy.retry_after) < begun + PATIENCE


def seeded(plan: Plan, seed: int) -> Plan:
    """The plan with its own seed and look."""
    seed = look_seed(plan.title, seed)
    return plan.model_copy(update={"seed": seed, "look": choose_look(plan.mood, seed, plan.look).name})


def dressed(plan: Plan, request: PipelineRequest, brand: Kept) -> Plan:
    """The plan with what request and brand say of the picture, whoever wrote it."""
    return plan.model_copy(
        update={
            "rate": request.fps,
            "captions": request.captions,
            "platform": request.platform,
            "brand": request.brand or brand.kit,
            "logo": request.logo or brand.logo,
        }
    )


def look_seed(title: str, seed: int) -> int:
    """The seed of everything that looks or sounds: another title, another look; an edit of a scene keeps it."""
    return zlib.crc32(f"{seed}:{title}".encode()) & 0x7FFFFFFF


def _write(task: Task, name: str, brief: Brief, estimate: int) -> Plan:
    if task.context.registry.kind_of(name).paid:
        return gateway.call_paid(task, name, estimate, lambda planner, _key: _metered(planner, brief))

    def use(planner: Planner) -> Plan:
        return planner.direct(brief)

    return gateway.call(task, name, use)


def _metered(planner: Any, brief: Brief) -> Metered[Plan]:
    written = planner.metered(brief)
    return Metered(written.plan, written.micros, quantity=written.tokens_in + written.tokens_out, unit="tokens")

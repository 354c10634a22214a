"""Judge whether the video says and shows what was asked, against the preset's threshold."""

from typing import Any

from common.domain import repairs
from common.domain.findings import Finding, Review
from common.domain.pipeline import Outcome, Spec
from common.domain.supervise import decide
from common.domain.text import sanitise
from common.engine import gateway, production
from common.engine.task import StepFailed, Task
from common.providers.reviewer.port import Cue, Evidence, Reviewer, Shown, stricter

STRICTNESS = (1.0, 1.5)  # of the first and, with multi-review, the second pass


def run(task: Task) -> Outcome:
    """Approve, repair or reject. A preset with multi-review is judged twice, and the stricter verdict holds."""
    request = task.request
    evidence = _evidence(task)
    choice = gateway.pick(task, "reviewer", "review", floor=0.0)
    passes = 2 if request.rules.multi_review else 1
    verdicts = [_judge(task, choice.engine, evidence, strictness) for strictness in STRICTNESS[:passes]]
    verdict = verdicts[0] if passes == 1 else stricter(*verdicts)
    take = int(task.input.get("take", 0))
    decision = decide(
        verdict.quality,
        request.rules.quality_threshold,
        cost=task.pipeline.cost.spent,
        budget=task.pipeline.cost.cap,
        repairs_left=repairs.MOST - take,
    )
    result = {
        "quality": verdict.quality,
        "verdict": decision.action,
        "reason": decision.reason,
        "reviews": [review.model_dump(mode="json") for review in verdicts],
    }
    if decision.action == "repair":
        again = production.repair(task, verdict.findings)
        if again:
            return Outcome(result=result, then=again)
    if decision.action != "approve":
        raise StepFailed("quality_rejected", f"The video was not approved: {decision.reason}{_worst(verdict)}")
    findings = [finding.model_dump(mode="json") for finding in (*evidence.technical, *verdict.findings)]
    suffix = task.step.key.removeprefix("review")
    return Outcome(
        result=result,
        facts={"quality": verdict.quality, "findings": findings},
        then=(Spec(step="deliver", key=f"deliver{suffix}"),),
    )


def _judge(task: Task, engine: str, evidence: Evidence, strictness: float) -> Review:
    plan = production.plan_of(task)
    plan = plan.at(plan.rate)  # the evidence counts in the video's frames

    def use(reviewer: Reviewer) -> Review:
        return reviewer.review(plan, evidence, strictness)

    return gateway.call(task, engine, use)


def _evidence(task: Task) -> Evidence:
    """What the finished film contains, from the timeline and the display lists that it was rendered from."""
    line = production.timeline_of(task)
    pictures = production.work_of(task, "generate_visual")
    return Evidence(
        request=sanitise(task.request.content),
        cues=tuple(
            Cue(scene=cue.scene, text=cue.text(" "), start=cue.first / line.fps, end=cue.end / line.fps)
            for cue in line.cues
        ),
        scenes=tuple(
            Shown(scene=scene, frames=frames, **_shown(pictures[scene]["facts"]["written"]))
            for scene, _, frames in line.scenes
        ),
        narrations={
            scene: " ".join(word.text for word in narration.words)
            for scene, narration in production.narrations_of(task).items()
        },
        technical=tuple(Finding.model_validate(finding) for finding in task.pipeline.facts.get("findings", [])),
    )


def _shown(written: list[str]) -> dict[str, Any]:
    return {"headline": " ".join(written), "lines": written}


def _worst(verdict: Review) -> str:
    errors = [finding for finding in verdict.findings if finding.severity == "error"] or list(verdict.findings)
    if not errors:
        return ""
    first = errors[0]
    where = f" (scene {first.scene} at {first.at:.1f} s)" if first.scene else ""
    return f" First finding: {first.detail}{where}"

"""Judge whether the video says and shows what was asked, against the preset's threshold."""

from common.domain.findings import Finding, Review
from common.domain.pipeline import Outcome, Spec
from common.domain.supervise import decide
from common.engine import gateway, production
from common.engine.task import StepFailed, Task
from common.providers.reviewer.port import Evidence


def run(task: Task) -> Outcome:
    """Approve, repair or reject. A preset with multi-review is judged twice, and the stricter verdict holds."""
    request = task.request
    evidence = _evidence(task)
    choice = gateway.pick(task, "reviewer", "review", floor=0.0)
    plan = production.plan_of(task)
    passes = 2 if request.rules.multi_review else 1
    verdicts = [
        gateway.call(
            task, choice.engine, lambda reviewer, strict=strictness: reviewer.review(plan, evidence, strictness=strict)
        )
        for strictness in range(passes)
    ]
    verdict: Review = min(verdicts, key=lambda review: review.quality)
    take = int(task.input.get("take", 0))
    decision = decide(
        verdict.quality,
        request.rules.quality_threshold,
        cost=task.pipeline.cost.spent,
        budget=task.pipeline.cost.cap,
        repairs_left=production.MAX_REPAIRS - take,
    )
    result = {
        "quality": verdict.quality,
        "verdict": decision.verdict,
        "reason": decision.reason,
        "reviews": [review.model_dump(mode="json") for review in verdicts],
    }
    if decision.verdict == "repair":
        again = production.repair(task, verdict.findings)
        if again:
            return Outcome(result=result, then=again)
    if decision.verdict != "approve":
        raise StepFailed("quality_rejected", f"The video was not approved: {decision.reason}{_worst(verdict)}")
    findings = [finding.model_dump(mode="json") for finding in verdict.findings]
    suffix = task.step.key.removeprefix("review")
    return Outcome(
        result=result,
        facts={"quality": verdict.quality, "findings": findings},
        then=(Spec(step="deliver", key=f"deliver{suffix}"),),
    )


def _evidence(task: Task) -> Evidence:
    line = production.timeline_of(task)
    return Evidence(
        request=task.request,
        cues=line.cues,
        fps=line.fps,
        scenes=line.scenes,
        narrations=production.narrations_of(task),
        findings=tuple(Finding.model_validate(finding) for finding in task.pipeline.facts.get("findings", [])),
    )


def _worst(verdict: Review) -> str:
    errors = [finding for finding in verdict.findings if finding.severity == "error"] or list(verdict.findings)
    if not errors:
        return ""
    first = errors[0]
    where = f" (scene {first.scene} at {first.at:.1f} s)" if first.scene else ""
    return f" First finding: {first.detail}{where}"

"""Publish video, poster, captions and manifest, and certify the cost."""

import json
from typing import Any

from common.domain.complexity import level_of
from common.domain.estimate import estimate
from common.domain.findings import evidence_name
from common.domain.money import dollars
from common.domain.outputs import files_of
from common.domain.pipeline import Outcome
from common.domain.plan import Plan
from common.domain.variance import variance_percent, within_budget
from common.engine import production, store
from common.engine.brands import remember
from common.engine.task import Task


def run(task: Task) -> Outcome:
    """Place the files under the pipeline's own name and say what they are, what made them and what it cost."""
    objects = task.context.objects
    plan = production.plan_of(task)
    film = production.film_of(task)
    files, sizes = {}, {}
    for name, media_type in files_of(task.request.outputs, [scene.id for scene in plan.scenes], plan.size):
        files[name] = f"delivery/{task.pipeline.id}/{name}"
        with objects.open(film["sound.m4a" if name == "audio.m4a" else name]) as source:
            stat = objects.put(files[name], source, content_type=media_type)
        sizes[name] = {"bytes": stat.size, "sha256": stat.sha256}
    for finding in task.pipeline.facts.get("findings", []):
        if name := evidence_name(finding):
            files[name] = f"delivery/{task.pipeline.id}/{name}"
            with objects.open(finding["evidence"]) as source:
                objects.put(files[name], source, content_type="image/jpeg")
    manifest = _manifest(task, sizes)
    files["manifest.json"] = f"delivery/{task.pipeline.id}/manifest.json"
    text = json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True)
    objects.put(files["manifest.json"], text.encode(), content_type="application/json")
    remember(task, plan)
    facts = task.pipeline.facts
    return Outcome(
        result={"files": files},
        complete={
            "files": files,
            "title": plan.title,
            "seconds": plan.seconds,
            "width": plan.size.width,
            "height": plan.size.height,
            "fps": plan.rate,
            "bytes": sizes["video.mp4"]["bytes"],
            "sha256": sizes["video.mp4"]["sha256"],
            "quality": facts["quality"],
            "cost": manifest["cost"],
            "degraded": manifest["degraded"],
            "notes": manifest["notes"],
            "segments": facts["segments"],
            "rendered": facts["rendered"],
        },
    )


def _cost(task: Task, plan: Plan) -> dict[str, Any]:
    """What was truly spent, beside the published list price."""
    spent = dollars(task.pipeline.cost.spent)
    level = level_of(task.pipeline.facts["complexity"])
    listed = estimate(task.request.preset, round(plan.seconds), level).aiprod_optimized
    variance = variance_percent(spent, listed)
    ledger = store.reservations(task.context.documents, task.pipeline.id)
    return {
        "dollars": spent,
        "cap_dollars": None if task.pipeline.cost.cap is None else dollars(task.pipeline.cost.cap),
        "list_price_dollars": listed,
        "variance_percent": variance,
        "within_budget": within_budget(variance),
        "ledger": [
            {"key": row.key, "engine": row.engine, "version": row.version, "dollars": dollars(row.amount)}
            for row in sorted(ledger, key=lambda row: row.key)
            if row.state == "settled"
        ],
    }


def _manifest(task: Task, sizes: dict[str, Any]) -> dict[str, Any]:
    """What went into the video, by hash and version, and in what it is less than asked."""
    plan = production.plan_of(task)
    facts = task.pipeline.facts
    steps = store.steps(task.context.documents, task.pipeline.id)
    artefacts = [
        {
            "step": step.key,
            **{name: work[name] for name in ("name", "artefact", "files", "inputs", "engine", "decision")},
        }
        for step in steps
        for work in step.result.get("work", [])
    ]
    narrations = production.narrations_of(task)
    voices = sorted({(voice.engine, voice.version, voice.note) for voice in narrations.values()})
    lost = facts.get("lost", [])
    notes = [*facts.get("notes", []), *dict.fromkeys(note for _, _, note in voices if note)]
    for scene, work in production.work_of(task, "generate_visual").items():
        notes += [f"scene {scene}: {note}" for note in work["facts"]["notes"]]
    notes += [f"{part['key']} is missing: {part['reason']}" for part in lost]
    findings = [{**finding, "evidence": evidence_name(finding)} for finding in facts.get("findings", [])]
    faults = [finding for finding in findings if finding["severity"] == "error"]
    notes += [_said(finding) for finding in faults]
    return {
        "pipeline": task.pipeline.id,
        "request": task.pipeline.request,
        "plan": plan.model_dump(mode="json"),
        "planner": facts["planner"],
        "voices": [{"engine": engine, "version": version} for engine, version, _ in voices],
        "engines": facts["engines"],
        "encoder": facts["encoder"],
        "artefacts": artefacts,
        "files": sizes,
        "quality": facts["quality"],
        "findings": findings,
        "cost": _cost(task, plan),
        "notes": notes,
        "degraded": bool(lost or faults),
    }


def _said(finding: dict[str, Any]) -> str:
    """A fault that is left, as a note."""
    where = f"scene {finding['scene']} at {finding['at']:.1f} s: " if finding["scene"] else ""
    return f"{where}{finding['detail']}"

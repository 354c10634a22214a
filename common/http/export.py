"""All that is known of a pipeline, to be taken away: as one document, as a line of a table, or with its files."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from common.domain.findings import evidence_name
from common.domain.money import dollars
from common.domain.pipeline import Pipeline, Step
from common.domain.spreadsheet import Cell, table
from common.engine import editing, store
from common.engine.context import Context
from common.engine.editing import NoPlan
from common.http import events
from common.http.archive import File, stream
from common.http.pipelines import detail, public_failure
from common.http.problem import Problem
from common.platform.objects import ObjectMissing

MOST_BYTES = 10 << 30  # of an archive's files
_LINKS_SECONDS = 3600  # that a link to evidence works


def everything(context: Context, pipeline: Pipeline) -> dict[str, Any]:
    """Request, plan, steps, events, costs, quality and result, in words that are a client's to read."""
    steps = store.steps(context.documents, pipeline.id)
    plan, edits = _plan(context, pipeline)
    return {
        "pipeline": detail(context, pipeline, plan).model_dump(mode="json"),
        "request": pipeline.request,
        "plan": plan,
        "edits": edits,
        "steps": [_step(step) for step in steps],
        "events": _events(context, pipeline),
        "costs": _costs(context, pipeline),
        "quality": _quality(context, pipeline, steps),
        "result": pipeline.result,
        "manifest": _manifest(context, pipeline),
    }


def line(pipeline: Pipeline) -> str:
    """The main fields as a table of one line."""
    result, cost = pipeline.result or {}, pipeline.cost
    certified = result.get("cost", {})
    error = public_failure(pipeline.error) if pipeline.error else None
    row: dict[str, Cell] = {
        "id": pipeline.id,
        "title": pipeline.title,
        "status": pipeline.status,
        "stage": pipeline.stage,
        "progress": pipeline.progress,
        "preset": pipeline.preset,
        "lang": pipeline.request.get("lang"),
        "created_at": pipeline.created_at.isoformat(),
        "updated_at": pipeline.updated_at.isoformat(),
        **{name: result.get(name) for name in ("seconds", "width", "height", "fps", "bytes", "sha256", "degraded")},
        "quality": pipeline.facts.get("quality"),
        "cost_dollars": dollars(cost.spent),
        "cap_dollars": None if cost.cap is None else dollars(cost.cap),
        "list_price_dollars": certified.get("list_price_dollars"),
        "variance_percent": certified.get("variance_percent"),
        "within_budget": certified.get("within_budget"),
        "error_code": error.code if error else None,
        "error": error.detail if error else None,
        "revision_of": pipeline.revision_of,
        "batch": pipeline.batch,
    }
    return table(row)


def archive(context: Context, pipeline: Pipeline) -> Iterator[bytes]:
    """A ZIP file of the video with everything around it; Problem 410 or 413 before the first byte, and none after.

    All documents are read here, and the files' sizes; the files themselves while they are sent.
    """
    assert pipeline.result is not None
    delivered = [_delivered(context, name, key) for name, key in pipeline.result["files"].items()]
    size = sum(file.size for file in delivered)
    if size > MOST_BYTES:
        raise Problem(
            413,
            "export_too_large",
            f"The files of pipeline {pipeline.id} have {size / (1 << 30):.1f} GiB together, and an archive takes "
            f"{MOST_BYTES >> 30}; fetch them one by one by the links of GET /pipeline/{pipeline.id}/result.",
            facts={"bytes": size, "most_bytes": MOST_BYTES},
        )
    found = everything(context, pipeline)
    lines = "".join(f"{_json(event)}\n" for event in found.pop("events"))
    result = found.pop("result")
    found.pop("manifest")  # which is a file of its own
    texts = {"metadata.json": f"{_json(found, indent=1)}\n", "result.json": f"{_json(result, indent=1)}\n"}
    written = [_text(name, text) for name, text in {**texts, "logs/events.jsonl": lines}.items()]
    return stream([*delivered, *written], pipeline.updated_at)


def _delivered(context: Context, name: str, key: str) -> File:
    stat = context.objects.stat(key)
    if stat is None:
        raise Problem(
            410,
            "files_gone",
            f"{name} of this pipeline was deleted, so there is nothing to pack; format=json still has what is known.",
        )
    plain = name.endswith((".json", ".srt", ".vtt"))
    return File(name, stat.size, lambda: context.objects.open(key), compress=plain)


def _text(name: str, text: str) -> File:
    data = text.encode("utf-8", "replace")
    opened: Callable[[], BinaryIO] = lambda: io.BytesIO(data)  # noqa: E731
    return File(name, len(data), opened, compress=True)


def _plan(context: Context, pipeline: Pipeline) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    try:
        held = editing.held(context.documents, pipeline.id)
    except NoPlan:
        return None, []
    return held.plan.model_dump(mode="json"), [one.model_dump(mode="json") for one in held.history]


def _step(step: Step) -> dict[str, Any]:
    failure = public_failure(step.failure) if step.failure and step.state != "done" else None
    return {
        "key": step.key,
        "step": step.step,
        "state": step.state,
        "attempts": step.epoch,
        "created_at": step.created_at.isoformat(),
        "started_at": step.started_at.isoformat() if step.started_at else None,
        "finished_at": step.finished_at.isoformat() if step.finished_at else None,
        "failure": failure.model_dump(mode="json") if failure else None,
        "result": step.result,
    }


def _events(context: Context, pipeline: Pipeline) -> list[dict[str, Any]]:
    return [events.public(event).model_dump(mode="json") for event in store.events(context.documents, pipeline.id)]


def _costs(context: Context, pipeline: Pipeline) -> dict[str, Any]:
    rows = sorted(store.reservations(context.documents, pipeline.id), key=lambda row: row.key)
    return {
        "spent": dollars(pipeline.cost.spent),
        "reserved": dollars(pipeline.cost.reserved),
        "cap": None if pipeline.cost.cap is None else dollars(pipeline.cost.cap),
        "ledger": [
            {
                "key": row.key,
                "step": row.step_key,
                "engine": row.engine,
                "version": row.version,
                "state": row.state,
                "dollars": dollars(row.amount),
                "estimate": dollars(row.estimate),
                "quantity": row.quantity,
                "unit": row.unit,
                "at": row.at.isoformat(),
            }
            for row in rows
        ],
    }


def _quality(context: Context, pipeline: Pipeline, steps: list[Step]) -> dict[str, Any]:
    judged: list[Mapping[str, Any]] = [step.result for step in steps if step.step == "review" and step.state == "done"]
    return {
        "score": pipeline.facts.get("quality"),
        "findings": [_finding(context, pipeline, one) for one in pipeline.facts.get("findings", [])],
        "reviews": [{name: one[name] for name in ("quality", "verdict", "reason") if name in one} for one in judged],
    }


def _finding(context: Context, pipeline: Pipeline, finding: dict[str, Any]) -> dict[str, Any]:
    """A finding whose evidence is the name of a delivered file, or a link to the frame where nothing is delivered."""
    name = evidence_name(finding)
    if not name or name in (pipeline.result or {}).get("files", {}):
        return {**finding, "evidence": name}
    return {**finding, "evidence": context.objects.signed_url(finding["evidence"], seconds=_LINKS_SECONDS)}


def _manifest(context: Context, pipeline: Pipeline) -> Any:
    key = (pipeline.result or {}).get("files", {}).get("manifest.json")
    try:
        return json.loads(context.objects.read(key)) if key else None
    except (ObjectMissing, ValueError):
        return None  # deleted, as files are after a while


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)

"""What a brand keeps from video to video, for presets with a consistency cache."""

from typing import Any

from common.domain.model import digest
from common.domain.plan import Plan
from common.engine.task import Task
from common.platform.documents import Conflict, Create


def recall(task: Task) -> dict[str, Any]:
    """Look and voice of the request's brand; empty without a brand, or where the preset keeps none."""
    path = _path(task)
    found = task.context.documents.get(path) if path else None
    return found.data if found else {}


def remember(task: Task, plan: Plan) -> None:
    """Keep the look and voice of a brand's first delivered video; later videos keep to it."""
    path = _path(task)
    if path is None:
        return
    try:
        task.context.documents.commit([Create(path, {"look": plan.look, "voice": plan.voice})])
    except Conflict:
        return  # the brand has its look already


def _path(task: Task) -> str | None:
    request = task.request
    if not request.brand_id or not request.rules.consistency_cache:
        return None
    return f"brands/{digest([task.pipeline.owner, request.brand_id])}"

"""What a brand keeps from video to video, for presets with a consistency cache."""

from common.domain.brand import Brand
from common.domain.model import Model, digest
from common.domain.plan import Plan
from common.engine.task import Task
from common.platform.documents import Conflict, Create


class Kept(Model):
    """What the videos of a brand share; what is empty, each finds for itself."""

    look: str = ""
    voice: str = ""
    kit: Brand | None = None
    logo: str | None = None


def recall(task: Task) -> Kept:
    """What the request's brand keeps: nothing without a brand, or where the preset keeps none."""
    path = _path(task)
    found = task.context.documents.get(path) if path else None
    kept = Kept.model_validate(found.data) if found else Kept()
    if kept.logo and task.context.objects.stat(kept.logo) is None:  # it was taken away since
        return kept.model_copy(update={"logo": None})
    return kept


def remember(task: Task, plan: Plan) -> None:
    """Keep the look, kit, logo and voice of a brand's first delivered video; later videos keep to them."""
    path = _path(task)
    if path is None:
        return
    kept = Kept(look=plan.look, voice=plan.voice, kit=plan.brand, logo=plan.logo)
    try:
        task.context.documents.commit([Create(path, kept.model_dump(mode="json"))])
    except Conflict:
        return  # the brand has its look already


def _path(task: Task) -> str | None:
    request = task.request
    if not request.brand_id or not request.rules.consistency_cache:
        return None
    return f"brands/{digest([task.pipeline.owner, request.brand_id])}"

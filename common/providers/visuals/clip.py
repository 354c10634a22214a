"""A scene that shows a clip which an engine made for it, with its words as on a user's own footage."""

from common.domain.plan import Media, Plan
from common.media.composition import Composition
from common.providers.visuals.local import compose
from common.providers.visuals.port import brief_of


def stage_clip(plan: Plan, index: int, clip: Media) -> Composition:
    """The scene at `index` as a display list; a clip that is shorter than the scene repeats."""
    scene = plan.scenes[index].model_copy(update={"media": clip})
    scenes = (*plan.scenes[:index], scene, *plan.scenes[index + 1 :])
    return compose(brief_of(plan.model_copy(update={"scenes": scenes}), index))

"""Whether the film has the faces of its plan: how many scenes, which shape, and the media that were asked for."""

from collections.abc import Iterator, Mapping

from common.domain.findings import Finding
from common.domain.frame import shape_of
from common.domain.plan import Plan
from common.media.composition import Clip, Composition, Photo, Sprite
from common.media.probe import Facts
from common.media.timeline import Timeline

_ROUND = 0.01  # of a shape, that even numbers of pixels may cost
_KINDS = {Photo: "image", Clip: "clip"}


def check_faces(facts: Facts, plan: Plan, timeline: Timeline, pictures: Mapping[str, Composition]) -> Iterator[Finding]:
    """Compare plan, timeline and display lists, and the shape in which a player shows the file."""
    if facts.video is not None:
        wanted = shape_of(plan.aspect)
        if abs(facts.video.shape / wanted - 1) > _ROUND:
            detail = f"The picture is {facts.video.shape:.3f} times as wide as high; {plan.aspect} was asked for."
            yield Finding(code="aspect", detail=detail)
    laid_out = [scene for scene, _, _ in timeline.scenes]
    planned = [scene.id for scene in plan.scenes]
    if laid_out != planned:
        detail = f"The film has {len(laid_out)} scenes ({', '.join(laid_out)}); {', '.join(planned)} were planned."
        yield Finding(code="scene_count", detail=detail)
    for scene, start in zip(plan.scenes, plan.starts(), strict=True):
        if scene.media is None or scene.id not in pictures:
            continue
        shown = {(_KINDS[type(one)], one.object) for one in pictures[scene.id].layers if not isinstance(one, Sprite)}
        if (scene.media.type, scene.media.object) not in shown:
            detail = f"Scene {scene.id} was to show the {scene.media.type} {scene.media.object}, and shows none."
            yield Finding(
                code="media", detail=detail, scene=scene.id, at=start / plan.fps, seconds=scene.frames / plan.fps
            )

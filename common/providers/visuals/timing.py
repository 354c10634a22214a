"""The times of a composed scene as a whole: none comes in too late, all leave before the next scene."""

from collections.abc import Sequence

from common.domain.plan import TRANSITION_FRAMES
from common.media.composition import Layer, Sprite
from common.media.motion import Key, Track
from common.providers.visuals.sheet import STANDING

_TRACKS = ("x", "y", "scale", "turn", "opacity", "left", "up", "sweep")


def hurried(layers: Sequence[Layer], frames: int, fps: int) -> list[Layer]:
    """The layers with all entrances sped up, in step, where the last second of the scene would still see some."""
    rest = max(frames - fps, frames * 0.4)
    last = max((_settled(layer) for layer in layers if isinstance(layer, Sprite)), default=0.0)
    if last <= rest:
        return list(layers)
    return [_sooner(layer, rest / last) if isinstance(layer, Sprite) else layer for layer in layers]


def leaving(layers: Sequence[Layer], frames: int) -> list[Layer]:
    """The layers fading away as the next scene comes, so that no words cross; the ground and the user's media stay."""
    if frames < 2 * TRANSITION_FRAMES:
        return list(layers)
    away = (Key(at=frames - 7.0, value=1), Key(at=frames + 4.0, value=0, ease="in_out"))
    return [
        layer.model_copy(update={"motion": layer.motion.model_copy(update={"opacity": (*layer.motion.opacity, *away)})})
        if isinstance(layer, Sprite) and layer.name not in STANDING
        else layer
        for layer in layers
    ]


def _settled(layer: Sprite) -> float:
    """The frame from which a sprite only sways."""
    tracks: list[Track] = [getattr(layer.motion, name) for name in _TRACKS]
    return max([layer.first or 0.0, *(track[-1].at for track in tracks if track)])


def _sooner(layer: Sprite, pace: float) -> Sprite:
    """The sprite with all its times after the first frame multiplied."""

    def moved(at: float) -> float:
        return at * pace if at > 0 else at

    tracks = {
        name: tuple(key.model_copy(update={"at": moved(key.at)}) for key in getattr(layer.motion, name))
        for name in _TRACKS
    }
    return layer.model_copy(
        update={
            "motion": layer.motion.model_copy(update=tracks),
            "first": None if layer.first is None else moved(layer.first),
            "last": None if layer.last is None else moved(layer.last),
        }
    )

"""Movement as an eye sees it: how far each painted frame is from the one before, measured in the pixels themselves.

Displacements are found by optical flow (Lucas and Kanade) at points all over the frame; the median of many sees some
thousandths of a pixel.
"""

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from common.domain.frame import Size
from common.media.composition import Backdrop, Camera, Composition, Glow, Photo, Sprite
from common.media.motion import Motion, ramp, value
from common.media.painter import Painter
from common.media.palette import GLOW_STRENGTH

SIZE = Size(width=960, height=540)
POINTS = np.array([[x, y] for x in range(60, 920, 40) for y in range(60, 500, 40)], np.float32)
FLOW = {"winSize": (31, 31), "maxLevel": 1, "criteria": (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 40, 1e-4)}
UNEVEN = 0.05  # pixels that one step may be longer than the one before it, beyond what the camera means
NUMBERS = range(100, 148)

Plane = npt.NDArray[np.uint8]
Steps = npt.NDArray[np.float64]  # of every frame and point, x and y
Frames = Callable[[int], Plane]


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Texture of every size down to a few pixels, as in grass or gravel."""
    rng = np.random.default_rng(3)
    noise = sum(
        cv2.GaussianBlur(rng.normal(0, 40 * size, (1080, 1920)).astype(np.float32), (0, 0), size)
        for size in (1.6, 3, 6, 14)
    )
    path = tmp_path_factory.mktemp("photo") / "gravel.png"
    cv2.imwrite(str(path), np.repeat(np.clip(128 + np.asarray(noise), 0, 255).astype(np.uint8)[..., None], 3, axis=2))
    return path


def composed(*layers: Photo | Sprite, frames: int = 300, **ground: object) -> Composition:
    look = {"kind": "mesh", "colours": ("#203040", "#203040"), "mark": "#ffffff", "camera": Camera(orbit=0), **ground}
    return Composition(
        width=1920, height=1080, fps=30, frames=frames, backdrop=Backdrop.model_validate(look), layers=layers
    )


def painted(painter: Painter, size: Size = SIZE) -> Frames:
    return lambda number: painter.frame(number)[: size.width * size.height].reshape(size.height, size.width).copy()


def steps(frames: Frames, numbers: Iterable[int]) -> Steps:
    """How far the picture has moved from each frame to the next, at each point."""
    return np.array(
        [
            cv2.calcOpticalFlowPyrLK(before, after, POINTS, None, **FLOW)[0] - POINTS
            for before, after in itertools.pairwise(map(frames, numbers))
        ]
    )


def unevenness(moved: Steps) -> float:
    """The most by which a step differs from the mean of the ones before and after it, in the median of the points."""
    apart = np.median(moved[1:-1] - (moved[:-2] + moved[2:]) / 2, axis=1)
    return float(np.abs(apart).max())


MOVES = {
    "a pan": Photo(object="photo", zoom=(1.14, 1.14), focus=((0.05, 0.5), (0.95, 0.5))),
    "a slow pan": Photo(object="photo", zoom=(1.1, 1.1), focus=((0.4, 0.5), (0.6, 0.5))),
    "a zoom": Photo(object="photo", zoom=(1.02, 1.16), focus=((0.5, 0.5), (0.5, 0.46))),
    "a drift": Photo(object="photo", zoom=(1.04, 1.15), focus=((0.3, 0.6), (0.7, 0.4))),
}


@pytest.mark.parametrize("move", MOVES)
def test_a_camera_over_a_picture_moves_by_even_parts_of_a_pixel(photo: Path, move: str) -> None:
    moved = steps(painted(Painter(composed(MOVES[move]), {"photo": photo}, SIZE, 30)), NUMBERS)
    assert unevenness(moved) < UNEVEN
    if "pan" in move:
        assert np.abs(np.median(moved[..., 0], axis=1)).min() > 0.01  # never at rest


@pytest.mark.parametrize("move", ["a pan", "a slow pan"])
def test_a_camera_that_keeps_to_whole_pixels_is_found_out(photo: Path, move: str) -> None:
    class Rounding(Painter):
        def _pan(self, planes, matrix, area):  # type: ignore[no-untyped-def]
            super()._pan(planes, np.column_stack([matrix[:, :2], np.rint(matrix[:, 2])]), area)

    moved = steps(painted(Rounding(composed(MOVES[move]), {"photo": photo}, SIZE, 30)), NUMBERS)
    assert unevenness(moved) > 5 * UNEVEN


def test_the_ground_of_a_drawn_scene_moves_evenly() -> None:
    camera = Camera(zoom=(1.0, 1.06), shift_x=0.02, orbit=0.01, period=420)
    ground = {"kind": "paper", "seed": 5, "strength": 0.5, "camera": camera}
    moved = steps(painted(Painter(composed(**ground), {}, SIZE, 30)), NUMBERS)
    assert unevenness(moved) < UNEVEN


def test_a_light_that_wanders_by_whole_pixels_is_too_soft_for_the_eye_to_see_it() -> None:
    glow = Glow(colour="#ffffff", strength=GLOW_STRENGTH, radius=0.3, x=0.5, y=0.5, reach=0.2, period=300, phase=0.1)
    frames = painted(Painter(composed(glows=(glow,)), {}, SIZE, 30))
    shades = [cv2.GaussianBlur(frames(number).astype(np.float32), (0, 0), 2) for number in range(100, 130)]
    changes = [float(np.abs(after - before).max()) for before, after in itertools.pairwise(shades)]
    assert max(changes) - min(changes) < 1  # of 256 levels


@pytest.mark.parametrize("frames", [24, 90])
def test_words_that_slide_in_are_where_their_ease_has_them(frames: int) -> None:
    track = ramp(0, frames, -300, 0)
    shape = '<circle cx="100" cy="100" r="90" fill="#ffffff"/>'
    sprite = Sprite(svg=shape, x=900, y=400, width=200, height=200, motion=Motion(x=track))
    show = painted(Painter(composed(sprite), {}, SIZE, 30))
    columns = np.arange(SIZE.width)

    def centre(number: int) -> float:
        light = np.maximum(show(number).astype(float) - 60, 0).sum(axis=0)
        return float((light * columns).sum() / light.sum())

    rest = centre(frames + 10)
    off = [centre(number) - rest - value(track, number, 0) / 2 for number in range(1, frames)]
    assert max(map(abs, off)) < UNEVEN

"""A window at any scale and place shows what an exact warp shows, and says where it cannot."""

from itertools import pairwise

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from common.media.blend import warp
from common.media.raster import Plane
from common.media.zoom import Zoom, grid

WIDTH, HEIGHT = 320, 180


def picture(rows: int = 400, columns: int = 640) -> Plane:
    """Soft waves: where a window is a tenth of a pixel off, the difference shows."""
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    return np.asarray(128 + 60 * np.sin(x / 5) * np.cos(y / 7) + 50 * np.sin((x + 2 * y) / 11), dtype=np.uint8)


def test_a_slow_zoom_shows_what_an_exact_warp_shows() -> None:
    source, zoom = picture(), Zoom(WIDTH, HEIGHT)
    shown = np.empty((HEIGHT, WIDTH), np.uint8)
    fitting = 0
    for frame in range(120):
        step = 1.31 * 0.9 ** (frame / 120)
        start = (97.3 + frame * 0.07, 61.9 - frame * 0.11)
        if zoom.show(source, step, start, shown):
            fitting += 1
            matrix = np.array([[step, 0, start[0]], [0, step, start[1]]])
            exact = warp(source, matrix, (0, 0, WIDTH, HEIGHT), 1)
            assert np.abs(shown.astype(int) - exact.astype(int)).max() <= 3
    assert fitting >= 60  # the others are warped


@given(
    step=st.floats(0.6, 1.9),
    start=st.floats(0, 400),
    count=st.sampled_from([180, 320, 540, 1080, 1920]),
    length=st.integers(400, 5000),
)
def test_a_grid_lies_inside_the_picture_and_near_the_window(step: float, start: float, count: int, length: int) -> None:
    found = grid(step, start, count, length)
    if found is None:
        return
    first, taken, pixels, left = found
    assert 0 <= first <= first + taken <= length
    assert 1 <= left <= pixels - count - 1
    for at in (0, count - 1):
        shown = (at + left + 0.5) * taken / pixels - 0.5 + first
        assert abs(shown - (start + step * at)) <= 0.02 + 1e-9


def test_a_window_past_the_edge_fits_no_grid() -> None:
    shown = np.empty((HEIGHT, WIDTH), np.uint8)
    assert not Zoom(WIDTH, HEIGHT).show(picture(), 1.0, (-3.4, 10.2), shown)
    assert not Zoom(WIDTH, HEIGHT).show(picture(), 1.9, (200.1, 100.3), shown)


def test_a_slow_pan_never_jerks() -> None:
    """Each frame is shifted against the one before by what the camera moved, measured by phase correlation."""
    noise = np.random.default_rng(3).random((800, 1200), np.float32)  # waves look alike at every crest
    source = np.asarray(cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 20, 235, cv2.NORM_MINMAX), np.uint8)
    zoom = Zoom(WIDTH, HEIGHT)
    window = cv2.createHanningWindow((WIDTH, HEIGHT), cv2.CV_32F)
    frames = []
    for frame in range(40):
        shown = np.empty((HEIGHT, WIDTH), np.uint8)
        if not zoom.show(source, 1.27, (100 + 0.317 * frame, 203.4), shown):
            shown = warp(source, np.array([[1.27, 0, 100 + 0.317 * frame], [0, 1.27, 203.4]]), (0, 0, WIDTH, HEIGHT), 1)
        frames.append(shown.astype(np.float32))
    moved = [cv2.phaseCorrelate(a, b, window)[0][0] for a, b in pairwise(frames)]
    assert max(abs(abs(shift) - 0.317 / 1.27) for shift in moved) < 0.1

from itertools import pairwise
from typing import get_args

import cv2
import numpy as np
import pytest

from common.domain.frame import Size
from common.domain.plan import Transition
from common.media.source import frame_bytes
from common.media.transition import ease, mixed

SIZE = Size(width=320, height=180)
KINDS = [kind for kind in get_args(Transition) if kind != "cut"]
STEPS = [(n + 0.5) / 16 for n in range(16)]


def frame(luma, blue=128, red=128):
    found = np.full(frame_bytes(SIZE), luma, np.uint8)
    whole, quarter = SIZE.width * SIZE.height, SIZE.width * SIZE.height // 4
    found[whole : whole + quarter], found[whole + quarter :] = blue, red
    return found


def luma(picture):
    return picture[: SIZE.width * SIZE.height].reshape(SIZE.height, SIZE.width).astype(float)


def textured(seed):
    noise = np.random.default_rng(seed).random((9, 16)).astype(np.float32) * 200 + 20
    found = frame(0, 90 + seed, 150 - seed)
    found[: SIZE.width * SIZE.height] = cv2.resize(noise, (SIZE.width, SIZE.height)).astype(np.uint8).ravel()
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_it_begins_with_one_frame_and_ends_with_the_other(kind: Transition) -> None:
    one, two = textured(1), textured(2)
    assert np.abs(mixed(kind, one, two, 0.0, SIZE).astype(int) - one).max() <= 1
    assert np.abs(mixed(kind, one, two, 1.0, SIZE).astype(int) - two).max() <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_it_leaves_its_frames_alone_and_gives_a_whole_one(kind: Transition) -> None:
    one, two = textured(1), textured(2)
    before = one.copy(), two.copy()
    made = mixed(kind, one, two, 0.4, SIZE)
    assert (made.dtype, made.shape, made.flags["C_CONTIGUOUS"]) == (np.uint8, one.shape, True)
    assert (one == before[0]).all()
    assert (two == before[1]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_equal_frames_change_least_and_more_of_the_new_shows_all_the_time(kind: Transition) -> None:
    shares = [luma(mixed(kind, frame(40), frame(200), step, SIZE)).mean() for step in STEPS]
    assert all(late > early for early, late in pairwise(shares))
    assert max(late - early for early, late in pairwise(shares)) <= 160 * 0.11, "no jump in the middle"
    flat = mixed(kind, frame(90, 100, 140), frame(90, 100, 140), 0.4, SIZE)
    assert np.abs(flat.astype(int) - frame(90, 100, 140)).max() <= 1


def test_a_slide_moves_by_fractions_of_a_pixel() -> None:
    one = textured(3)
    for step in np.linspace(0.01, 0.06, 6):
        offset = ease(step) * SIZE.width
        moved = luma(mixed("slide", one, textured(4), step, SIZE))[:, :200]
        there = luma(one)
        whole = int(offset)
        exact = there[:, whole : whole + 200] * (1 - offset % 1) + there[:, whole + 1 : whole + 201] * (offset % 1)
        assert np.abs(moved - exact).max() <= 1


def test_a_wipe_and_a_slide_come_from_their_sides() -> None:
    wiped = luma(mixed("wipe", frame(40), frame(200), 0.5, SIZE))
    assert (wiped[:, 0] == 200).all()
    assert (wiped[:, -1] == 40).all()
    assert (np.diff(wiped[0]) <= 0).all(), "a soft edge without a seam"
    slid = luma(mixed("slide", frame(40), frame(200), 0.5, SIZE))
    assert (slid[:, 0] == 40).all()
    assert (slid[:, -1] == 200).all()


def test_colours_move_with_the_light() -> None:
    made = mixed("wipe", frame(40, 60, 60), frame(200, 190, 190), 0.5, SIZE)
    whole, quarter = SIZE.width * SIZE.height, SIZE.width * SIZE.height // 4
    blue = made[whole : whole + quarter].reshape(SIZE.height // 2, SIZE.width // 2).astype(float)
    light = luma(made)[::2, ::2]
    assert np.abs((blue - 60) / 130 - (light - 40) / 160).max() < 0.05

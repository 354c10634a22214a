from typing import get_args

import numpy as np
import pytest

from common.media.backdrop import backdrop_planes, glow_planes
from common.media.composition import Backdrop, BackdropKind, Glow

COLOURS = ("#101820", "#1c2c3a", "#0c1014")


@pytest.mark.parametrize("kind", get_args(BackdropKind))
def test_every_kind_draws_from_its_seed_alone(kind):
    one, same, other = (
        backdrop_planes(Backdrop(kind=kind, colours=COLOURS, mark="#ffffff", strength=0.12, seed=seed), 96, 54)
        for seed in (1, 1, 2)
    )
    assert (one.y == same.y).all()
    assert (one.y != other.y).any()
    assert one.y.shape == (54, 96)


@pytest.mark.parametrize("kind", sorted(set(get_args(BackdropKind)) - {"mesh"}))
def test_patterns_are_seen_but_quiet(kind):
    plain, marked = (
        backdrop_planes(Backdrop(kind=kind, colours=COLOURS, mark="#ffffff", strength=s, seed=3), 160, 90).y.astype(int)
        for s in (0.0, 0.16)
    )
    difference = np.abs(marked - plain)
    assert difference.max() >= 3
    assert difference.max() <= 0.2 * 219


def test_an_emblem_is_part_of_the_ground():
    plain = Backdrop(kind="mesh", colours=COLOURS, mark="#ffffff", seed=3)
    marked = plain.model_copy(update={"emblem": '<rect x="40" y="20" width="20" height="20" fill="#ffffff"/>'})
    difference = backdrop_planes(marked, 96, 54).y.astype(int) - backdrop_planes(plain, 96, 54).y
    assert difference[30, 50] > 10
    assert difference[5, 5] == 0


def test_a_glow_is_round_and_fades_to_nothing():
    glow = Glow(colour="#ffffff", strength=0.3, radius=0.2, x=0.5, y=0.5, reach=0.1, period=200, phase=0)
    planes = glow_planes(glow, 400, seed=1)
    assert planes.a[80, 80] == pytest.approx(0.3 * 255, abs=2)
    assert planes.a[0].max() == 0

import numpy as np
import pytest

from common.media.raster import halve, opaque, rgb_of, soft, sprite


@pytest.mark.parametrize(
    ("colour", "codes"),
    [
        ("#ffffff", (235, 128, 128)),
        ("#000000", (16, 128, 128)),
        ("#ff0000", (63, 102, 240)),
        ("#0000ff", (32, 240, 118)),
    ],
)
def test_colours_become_bt709_limited_range(colour, codes):
    planes = opaque(np.full((4, 4, 3), rgb_of(colour), dtype=np.float32))
    assert (planes.y[0, 0], planes.u[0, 0], planes.v[0, 0]) == codes
    assert planes.u.shape == (2, 2)


def test_a_sprite_is_premultiplied():
    planes = sprite('<rect width="8" height="8" fill="#ffffff" fill-opacity="0.5"/>', (8, 8), (8, 8))
    assert planes.a[4, 4] == pytest.approx(128, abs=1)
    assert planes.y[4, 4] == pytest.approx(235 / 2, abs=1)
    assert planes.u[2, 2] == pytest.approx(64, abs=1)


def test_nothing_drawn_is_nothing():
    planes = sprite("", (8, 8), (8, 8))
    assert not planes.a.any()
    assert not planes.y.any()


def test_a_drawing_that_is_no_svg_is_said():
    with pytest.raises(ValueError):
        sprite("<rect", (8, 8), (8, 8))


def test_chroma_sits_level_with_even_columns_and_between_rows():
    ramp = np.tile(np.arange(8, dtype=np.float32), (8, 1))
    assert halve(ramp)[1, 1:3].tolist() == [2, 4]
    assert halve(ramp.T.copy())[1:3, 1].tolist() == [2.5, 4.5]


def test_soft_light_fades_without_steps():
    alpha = np.tile(np.linspace(0, 0.05, 64, dtype=np.float32), (64, 1))
    planes = soft("#ffffff", alpha, seed=1)
    assert len(np.unique(planes.a[:, 20])) > 1  # dithered
    assert not planes.a[:, 0].any()

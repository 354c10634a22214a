import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.media.colour import Lch, contrast, hex_of, lch_of, luminance, mix, readable


def test_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1


def test_greys_and_known_colours():
    assert hex_of(Lch(1, 0, 0)) == "#ffffff"
    assert hex_of(Lch(0, 0, 0)) == "#000000"
    assert hex_of(Lch(0.628, 0.2577, 29.23)) == "#ff0000"


def test_an_impossible_colour_keeps_its_lightness():
    strong, pale = hex_of(Lch(0.7, 0.5, 140)), hex_of(Lch(0.7, 0.02, 140))
    assert luminance(strong) == pytest.approx(luminance(pale), abs=0.12)


def test_readable_reaches_the_ratio_on_every_ground():
    grounds = ["#202830", "#4a5568"]
    assert min(contrast(readable(Lch(0.5, 0.1, 60), grounds), ground) for ground in grounds) >= 4.5


def test_mix_runs_from_under_to_over():
    assert [mix("#000000", "#ffffff", share) for share in (0, 0.5, 1)] == ["#000000", "#808080", "#ffffff"]


@given(st.integers(0, 0xFFFFFF))
def test_a_colour_comes_back_from_oklch(number: int) -> None:
    colour = f"#{number:06x}"
    back = hex_of(lch_of(colour))
    assert all(abs(int(colour[at : at + 2], 16) - int(back[at : at + 2], 16)) <= 1 for at in (1, 3, 5))

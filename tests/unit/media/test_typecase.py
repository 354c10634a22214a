import io

import pytest
from fontTools.ttLib import TTFont

from common.media.fonts import face
from common.media.typecase import cut, line_height


@pytest.mark.parametrize("family", ["Noto Sans CJK JP", "Noto Sans Arabic", "Noto Emoji"])
def test_a_cut_font_is_static_bold_and_keeps_its_name(family: str) -> None:
    made = cut(face(family, 700), frozenset("日م🎉"))
    font = TTFont(io.BytesIO(made))
    assert "fvar" not in font
    assert font["OS/2"].usWeightClass == 700
    assert font["name"].getDebugName(1) == family
    assert len(made) < 50_000


def test_equal_signs_give_equal_bytes() -> None:
    assert cut(face("Noto Sans Hebrew", 700), frozenset("שלום")) == cut(
        face("Noto Sans Hebrew", 700), frozenset("שלום")
    )


def test_a_static_font_is_taken_as_it_is() -> None:
    poppins = face("Poppins", 700)
    assert cut(poppins, frozenset("a")) == poppins.path.read_bytes()


def test_line_heights_are_in_ems() -> None:
    assert 1.0 < line_height(face("Poppins", 700)) < 2.0

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain.brand import Brand
from common.media.branded import caption_look
from common.media.colour import contrast, mix
from common.media.layout import Box, clear_box
from tests.unit.media.films import plan, scene

PLAIN = plan(scene("a", 60))
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def look_of(**fields):
    return caption_look(PLAIN.model_copy(update=fields))


@given(COLOURS, st.sampled_from(["words", "plain"]))
def test_the_lit_word_has_the_brands_colour_and_can_be_read_and_told_apart(colour, style):
    look = look_of(brand=Brand(colours=(colour,)), captions=style)
    lit, plate = look.lit_colour, look.plate_colour
    for under in ("#000000", "#ffffff"):
        assert contrast(lit, mix(under, plate, look.plate_opacity or 1.0)) >= 4.5
    assert contrast(lit, "#ffffff") >= 1.3


def test_captions_are_set_in_the_brands_typeface():
    assert look_of(brand=Brand(font="Lora")).family == "Lora"
    assert look_of().family == "Poppins"


@pytest.mark.parametrize("platform", ["tiktok", "reels", "shorts"])
def test_captions_keep_clear_of_what_a_platform_draws(platform):
    upright = PLAIN.model_copy(update={"aspect": "9:16", "platform": platform})
    look = caption_look(upright)
    width, height = upright.size.width, upright.size.height
    assert look.bottom <= clear_box(upright.size, platform).bottom + 1
    assert Box(0, 0, width, height).holds(Box(look.middle - look.width / 2, look.bottom - 10, look.width, 10))

from typing import get_args

import pytest

from common.domain.frame import Aspect, size_of
from common.domain.platforms import Platform
from common.media.layout import Box, caption_box, clear_box, logo_box, safe_box, shape


@pytest.mark.parametrize("aspect", ["16:9", "9:16", "1:1", "4:5"])
def test_text_and_captions_have_their_own_zones_inside_the_picture(aspect):
    size = size_of(aspect, "1080p")
    frame = Box(0, 0, size.width, size.height)
    assert frame.holds(caption_box(size))
    assert frame.holds(safe_box(size))
    assert not caption_box(size).meets(safe_box(size))


def test_tall_pictures_leave_room_for_what_phones_draw_over_them():
    size = size_of("9:16", "1080p")
    assert caption_box(size).bottom <= size.height * 0.82
    assert safe_box(size).right <= size.width * 0.88 + 1


@pytest.mark.parametrize("logo", [False, True])
@pytest.mark.parametrize("platform", get_args(Platform))
@pytest.mark.parametrize("aspect", get_args(Aspect))
def test_a_platform_covers_neither_texts_nor_captions_nor_the_logo(aspect, platform, logo):
    size = size_of(aspect, "1080p")
    clear = clear_box(size, platform)
    texts, captions, corner = safe_box(size, platform, logo), caption_box(size, platform), logo_box(size, platform)
    assert clear.holds(texts)
    assert clear.holds(captions)
    assert not captions.meets(texts)
    assert texts.height >= 0.3 * size.height
    if aspect == "9:16":
        assert clear.holds(corner)
    assert not (logo and corner.meets(texts))


def test_the_margins_of_upright_pictures_are_those_that_platforms_publish():
    size = size_of("9:16", "1080p")
    reels = clear_box(size, "reels")
    assert (reels.y, size.height - reels.bottom) == (pytest.approx(0.14 * 1920), pytest.approx(0.35 * 1920))
    assert clear_box(size, "youtube") == clear_box(size, "shorts")
    assert clear_box(size, "shorts").width == pytest.approx(840, abs=2)


def test_shapes():
    assert [shape(size_of(aspect, "720p")) for aspect in ("16:9", "9:16", "1:1", "4:5")] == [
        "wide", "tall", "square", "square",
    ]  # fmt: skip


def test_columns_and_rows_fill_a_box():
    box = Box(10, 20, 100, 50)
    left, right = box.columns((1, 3), 4)
    assert (left.x, right.right, right.width) == (10, 110, pytest.approx(72))
    top, bottom = box.rows((1, 1), 2)
    assert (top.y, bottom.bottom, top.height) == (20, 70, 24)
    assert not left.meets(right)

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.media.breaks import phrases
from common.media.fonts import face
from common.media.text import Style, fit


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("灯台は二千年のあいだ船を導いてきた", "ja", ["灯台は", "二千年の", "あいだ船を", "導いてきた"]),
        ("中国茶的历史", "zh", ["中国", "茶", "的", "历史"]),
        ("ประภาคารนำเรือ", "en", ["ประภาคาร", "นำ", "เรือ"]),
        ("iPhone15で撮る", "ja", ["iPhone15で", "撮る"]),
        ("서울의", "ko", ["서울의"]),
        ("Donaudampfschifffahrt", "de", ["Donaudampfschifffahrt"]),
    ],
)
def test_only_scripts_without_spaces_are_parted_and_between_phrases(text, lang, expected):
    assert phrases(text, lang) == expected


@given(st.text("灯台は二千年のabc12、。「」中国茶รู้é🚀", min_size=1), st.sampled_from(["ja", "zh", "en"]))
def test_nothing_is_lost_and_no_latin_word_is_parted(text, lang):
    found = phrases(text, lang)
    assert "".join(found) == text
    assert all(found)
    for before, after in pairwise(found):
        assert not all(sign.isascii() and sign.isalnum() for sign in (before[-1], after[0]))


@pytest.mark.parametrize("width", range(380, 900, 40))
def test_a_headline_is_broken_between_phrases(width):
    text = "桜はなぜ毎年春に咲くのですか"
    block = fit(text, Style(face("Poppins", 700)), width, 600, 90, 40, "ja")
    ends = [sum(map(len, phrases(text, "ja")[:count])) for count in range(1, 6)]
    assert {sum(map(len, block.lines[: count + 1])) for count in range(len(block.lines))} <= set(ends)

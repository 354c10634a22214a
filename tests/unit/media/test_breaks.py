from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.media.breaks import phrases, pieces
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Le livre dit : « Partir » !", ["Le", "livre", "dit :", "« Partir » !"]),
        ("Vous dites « oui ».", ["Vous", "dites", "« oui »."]),
        ("Il coûte 12 500 € par an", ["Il", "coûte", "12 500 €", "par", "an"]),
        ("En 2024 100 pages", ["En", "2024", "100", "pages"]),
        ("Ciao: va bene", ["Ciao:", "va", "bene"]),
        ("", []),
    ],
)
def test_signs_stay_with_what_they_belong_to(text, expected):
    assert [piece.text for piece in pieces(text, "fr")] == expected


@given(st.text("aé1 «»?!: 灯台は、「」", max_size=40), st.sampled_from(["fr", "ja"]))
def test_pieces_put_together_are_the_text(text, lang):
    found = pieces(text, lang)
    assert "".join(" " * piece.space + piece.text for piece in found) == " ".join(text.split())
    assert all(piece.text for piece in found)


@pytest.mark.parametrize("width", range(300, 900, 60))
def test_no_line_begins_or_ends_with_a_sign_of_its_neighbour(width):
    block = fit("Le livre dit : « Partir » ?", Style(face("Poppins", 700)), width, 600, 90, 24, "fr")
    assert not any(line[0] in ":»?" or line[-1] == "«" for line in block.lines)

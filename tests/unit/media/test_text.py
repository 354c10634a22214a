import numpy as np
import pytest

from common.media.fonts import face
from common.media.text import ELLIPSIS, Style, fit, is_rtl, width_of

STYLE = Style(face("Poppins", 700))
LONG = "This headline goes on and on because somebody pasted a whole paragraph into the place of a few words."
TEXTS = (
    "One", LONG, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "灯台は二千年のあいだ船を導いてきた。光は海を照らす「道しるべ」である。", "كيف قادت المنارات السفن لألفي عام",
    "🚀🎉😴 ❤️ 👨‍👩‍👧‍👦", "a " * 90, "https://example.org/a/very/long/path/without/any/spaces/at/all.html",
    "ความรู้คืออำนาจและความหวังของเราทุกคน",
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("box", [(900, 300), (300, 500), (420, 90), (160, 40)])
def test_text_always_fits_its_box(text, box):
    width, height = box
    block = fit(text, STYLE, width, height, 90, 14, "ja")
    assert block.lines
    assert 14 <= block.size <= 90
    assert all(block.width_of(line) <= width + 0.1 for line in range(len(block.lines)))
    assert block.height <= max(height, block.line_height) + 0.1


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_is_lost_where_there_is_room(text):
    block = fit(text, STYLE, 1200, 900, 90, 14, "ja")
    assert not block.shortened
    assert "".join(block.lines).replace(" ", "").replace("-", "") == text.replace(" ", "").replace("-", "")


def test_what_does_not_fit_ends_with_an_ellipsis_after_a_whole_word():
    block = fit(LONG, STYLE, 300, 60, 40, 20)
    assert block.shortened
    assert block.lines[-1].endswith(ELLIPSIS)
    assert set(" ".join(block.lines).removesuffix(ELLIPSIS).split()) <= set(LONG.split())


def test_lines_are_even_rather_than_full():
    block = fit("How lighthouses guided ships for two thousand years", STYLE, 900, 400, 120, 20)
    widths = [block.width_of(line) for line in range(len(block.lines))]
    assert min(widths) > 0.5 * max(widths)


def test_japanese_lines_neither_begin_with_a_full_stop_nor_end_with_a_bracket():
    for width in range(120, 500, 17):
        block = fit(TEXTS[3], STYLE, width, 2000, 30, 30, "ja")
        assert not any(line[0] in "。、」" or line[-1] == "「" for line in block.lines)


def test_a_word_is_broken_only_when_it_would_make_everything_tiny():
    assert fit("Understanding", STYLE, 400, 300, 60, 10).lines == ("Understanding",)
    assert len(fit("x" * 60, STYLE, 400, 300, 60, 10).lines) > 1


@pytest.mark.parametrize(("text", "width"), [("Before", 240), ("$4.5 million", 200), ("printing press", 260)])
def test_words_that_fit_are_never_broken_to_be_larger(text, width):
    block = fit(text, STYLE, width, 400, 160, 15)
    assert " ".join(block.lines) == text


def test_broken_words_are_broken_evenly():
    block = fit("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk", STYLE, 300, 400, 60, 20)
    assert len(block.lines) > 1
    assert min(len(line) for line in block.lines) > 0.5 * max(len(line) for line in block.lines)


def test_empty_text_takes_no_lines():
    assert fit("  ", STYLE, 100, 100, 20, 10).lines == ()


def test_widths_scale_with_size_and_weight():
    assert width_of("Hello", STYLE, 20) == pytest.approx(2 * width_of("Hello", STYLE, 10))
    light, heavy = Style(face("Manrope", 300)), Style(face("Manrope", 800))
    assert width_of("Hello", heavy, 20) > width_of("Hello", light, 20)


def test_direction_is_that_of_the_first_letter():
    assert is_rtl("123 منارة ok")
    assert not is_rtl("ok منارة")
    assert not is_rtl("123")


def test_random_text_never_escapes_its_box():
    rng = np.random.default_rng(5)
    letters = list("abc déf ghi 灯台。「」منا🚀-./ ")
    for _ in range(60):
        text = "".join(rng.choice(letters, int(rng.integers(1, 60))))
        width = float(rng.uniform(60, 700))
        block = fit(text, STYLE, width, 200, 60, 14)
        assert all(block.width_of(line) <= width + 0.1 for line in range(len(block.lines)))


def test_marks_without_letters_have_a_size_all_the_same():
    odd = "\u031f 🧹 ⌰ \ufe07 bmrleg \u05eeغۨٴ٣פU\\b*O,yipcwႂတၚ🇦🇦 n"
    tight = Style(face("Manrope", 800), tracking=-0.02)
    assert all(fit(odd, tight, width, 120, 60, 14).lines for width in range(40, 400, 9))
    assert width_of("\u031f", tight, 20) == 0

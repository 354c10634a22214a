"""What the reader says of lines as our own type sets them."""

import numpy as np
import pytest

from common.media.checks.reading import Reader, folded, likeness, misread
from common.media.checks.watch import Plane
from common.media.fonts import face
from common.media.raster import sprite
from common.media.text import Style, fit
from common.media.text_svg import line_svg


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def line(text: str, lang: str = "en", ink: int = 235, ground: int = 40, size: float = 30.0) -> Plane:
    block = fit(text, Style(face("Poppins", 700)), 2000, 200, size, size, lang)
    svg, fonts = line_svg(block, 0, 8, size, "#ffffff")
    width, height = 2 * round(block.width / 2) + 16, 2 * round(0.7 * size)
    alpha = sprite(svg, (width, height), (width, height), fonts).a
    assert alpha is not None
    return np.asarray(ground + (alpha / 255) * (ink - ground), dtype=np.uint8)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Two thousand years", "en"), ("Où étiez-vous, Noël ?", "fr"), ("73 % größer", "de"),
        ("灯塔指引船只", "zh"), ("灯台のひかり", "ja"),
    ],
)  # fmt: skip
def test_a_line_is_read_as_it_is_written(reader: Reader, text: str, lang: str) -> None:
    assert reader.knows(text)
    assert likeness(text, reader.read(line(text, lang))) >= 0.9


def test_dark_letters_and_small_ones_are_read_too(reader: Reader) -> None:
    assert reader.read(line("Two thousand years", ink=20, ground=220)) == "Two thousand years"
    assert likeness("Two thousand years", reader.read(line("Two thousand years", size=14))) >= 0.9


def test_nothing_is_read_where_nothing_is_written(reader: Reader) -> None:
    assert reader.read(np.full((40, 300), 90, np.uint8)) == ""
    assert reader.read(np.zeros((2, 300), np.uint8)) == ""


@pytest.mark.parametrize("text", ["مرحبا بالعالم", "שלום עולם", "등대는 이천", "Привет, мир", "🚢🔥", "…", ""])
def test_what_it_cannot_read_it_does_not_claim_to_know(reader: Reader, text: str) -> None:
    assert not reader.knows(text)


@pytest.mark.parametrize("text", ["1 l", "1 L", "10 l", "II", "III", "7", "Go!", "CO2", "茶", "1 杯"])
def test_what_is_too_short_to_be_read_for_certain_it_does_not_claim_to_know(reader: Reader, text: str) -> None:
    assert not reader.knows(text)


@pytest.mark.parametrize("size", [16.0, 24.0, 44.0])
@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Wait", "en"), ("100 g", "en"), ("VIII", "en"), ("灯塔", "zh"), ("十一", "zh"), ("二人", "zh"),
        ("喝茶", "zh"), ("お茶", "ja"), ("カニ", "ja"), ("つくし", "ja"), ("へび", "ja"),
    ],
)  # fmt: skip
def test_the_shortest_lines_that_are_read_are_never_taken_for_others(
    reader: Reader, text: str, lang: str, size: float
) -> None:
    assert reader.knows(text)
    assert not misread(text, reader.read(line(text, lang, size=size)))


def test_one_sign_may_be_misread_and_no_more() -> None:
    assert not misread("十一", "+一")
    assert not misread("つくし", "っくし")
    assert not misread("Wait", "Walt")
    assert misread("灯塔", "长城")
    assert misread("灯塔", "")
    assert misread("つくし", "っくさ")
    assert misread("Wait", "Went")
    assert misread("Two thousand years", "Quick wizards jump")


def test_only_letters_and_digits_count() -> None:
    assert folded("Où  étiez-VOUS, Ｎｏël?") == "ouetiezvousnoel"
    assert likeness("Jérôme's café!", "jeromes CAFE") == 1
    assert likeness("Il y a 10", "ll y a lO") == 1
    assert likeness("Œufs", "OEufs") == 1
    assert likeness("Two thousand years", "Quick wizards jump") < 0.5

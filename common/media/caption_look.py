"""How captions look, and where each word of a caption stands."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from common.domain.frame import Size
from common.domain.model import Model
from common.domain.plan import CaptionStyle
from common.domain.platforms import Platform
from common.media.fonts import Run, face, runs
from common.media.layout import Box, caption_box
from common.media.text import Style, direction, is_rtl, width_of

# In ems: from line to line, from letters to the plate's rim, and from a line's middle down to the baseline.
_PITCH, _RIM_ACROSS, _RIM_DOWN, _BASELINE = 1.24, 0.5, 0.24, 0.34
_LINES = 2
_OUTLINE = 0.1  # in ems, of letters without a plate
_COLUMN = 0.6  # of an em: the mean width of a bold narrow sign

Lines = Sequence[Sequence[str]]


class CaptionLook(Model):
    """How captions look. Colours are `#rrggbb`; lengths in pixels."""

    family: str
    weight: int
    lang: str
    em: int
    columns: int
    middle: int
    width: int
    bottom: int
    colour: str = "#ffffff"
    lit_colour: str = "#ffd84d"
    plate_colour: str = "#0b0e13"
    plate_opacity: float = 0.76  # white and yellow keep 4.5:1 and more on it, whatever lies beneath; 0 for no plate
    outline: float = 0.0  # of the letters, in the colour of the plate

    @property
    def style(self) -> Style:
        """The type that the letters are set in."""
        return Style(face(self.family, self.weight))

    def runs(self, text: str) -> tuple[Run, ...]:
        """The text in runs of one font each; a sign that no font has is left out."""
        return runs(text, self.family, self.lang, self.weight)


class Word(NamedTuple):
    """A word in its place: where its letters begin and stand, and the box that is its own."""

    text: str
    x: float
    baseline: float
    box: Box


class Laid(NamedTuple):
    """A caption in its place: the words in the order they are said, the size they are set in, the plate about them."""

    words: tuple[Word, ...]
    em: float
    plate: Box


def caption_look(
    size: Size,
    lang: str,
    style: CaptionStyle = "words",
    family: str = "Poppins",
    weight: int = 700,
    platform: Platform | None = None,
) -> CaptionLook:
    """The look that fits a picture: two lines of type and their plate fill the caption box; `plain` has no plate."""
    box = caption_box(size, platform)
    em = max(8, int(box.height / (_LINES * _PITCH + 2 * _RIM_DOWN)))
    return CaptionLook(
        family=family,
        weight=weight,
        lang=lang,
        em=em,
        columns=max(8, int((box.width - 2 * _RIM_ACROSS * em) / (em * _COLUMN))),
        middle=round(box.centre[0]),
        width=round(box.width),
        bottom=round(box.bottom),
        **({"plate_opacity": 0.0, "outline": round(em * _OUTLINE, 1)} if style == "plain" else {}),
    )


def laid(look: CaptionLook, lines: Lines) -> Laid:
    """Set a caption: lines one above the other about the middle, smaller where a word is wider than the room."""
    rows = [_row(look, line) for line in lines]
    widest = max((row.width for row in rows), default=0.0)
    room = look.width / look.em - 2 * _RIM_ACROSS
    em = look.em * min(1.0, room / widest) if widest else float(look.em)
    width = widest * em + 2 * _RIM_ACROSS * look.em
    height = em * _PITCH * len(lines) + 2 * _RIM_DOWN * look.em
    plate = Box(look.middle - width / 2, look.bottom - height, width, height)
    words = []
    for number, row in enumerate(rows):
        top = plate.y + _RIM_DOWN * look.em + em * _PITCH * number
        for text, place, wide in row.words:
            x = look.middle + em * (place - row.width / 2)
            box = Box(x - em * row.gap / 2, top, em * (wide + row.gap), em * _PITCH)
            words.append(Word(text, x, top + em * (_PITCH / 2 + _BASELINE), box))
    return Laid(tuple(words), em, plate)


class _Row(NamedTuple):
    """A line in ems: each word's letters with their place and width, in the order they are said."""

    words: tuple[tuple[str, float, float], ...]
    gap: float
    width: float


def _row(look: CaptionLook, line: Sequence[str]) -> _Row:
    widths = [width_of(text.strip(), look.style, 1.0, look.lang) for text in line]
    spaced = any(text.startswith(" ") for text in line[1:])
    space = width_of("n n", look.style, 1.0, look.lang) - width_of("nn", look.style, 1.0, look.lang)
    places, x, before = {}, 0.0, None
    for at in _from_the_left(line):
        joins = before is not None and abs(at - before) == 1 and not line[max(at, before)].startswith(" ")
        x += 0.0 if before is None or joins else space
        places[at], before = x, at
        x += widths[at]
    words = ((text.strip(), places[at], widths[at]) for at, text in enumerate(line))
    return _Row(tuple(words), space if spaced else 0.0, x)


def _from_the_left(line: Sequence[str]) -> list[int]:
    """The numbers of the words as they stand from left to right: a short form of the Unicode bidirectional rules.

    Words of one direction keep together; a number goes with the word before it.
    """
    right_to_left = is_rtl("".join(line))
    sides: list[bool] = []
    for text in line:
        own = direction(text)
        sides.append(own if own is not None else sides[-1] if sides else right_to_left)
    groups = [list(group) for _, group in groupby(range(len(line)), key=lambda at: sides[at])]
    turned = [group[::-1] if sides[group[0]] else group for group in groups]
    return [at for group in (turned[::-1] if right_to_left else turned) for at in group]

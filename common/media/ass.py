"""Caption events as an ASS script, burned by libass in the pass that encodes the picture.

Every caption stands on a dark translucent plate of its own, measured from its words, so that it reads on any picture
and nothing moves while its words light up one by one. libass gets the names of our own fonts and a folder with just
those files: it never looks for others.
"""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common.domain.frame import Size
from common.domain.model import Model, digest
from common.domain.plan import CaptionStyle
from common.media.captions import Cue
from common.media.events import Event
from common.media.fonts import Face, Run, face, fonts_digest, runs
from common.media.layout import caption_box
from common.media.text import advance
from common.media.typecase import CUTTER, cut, line_height

# In ems: the distance of two lines, the rim of the plate about them, and the radius of its corners.
_PITCH, _RIM_ACROSS, _RIM_DOWN, _CORNER = 1.24, 0.5, 0.24, 0.42
_LINES = 2
_OUTLINE = 0.1  # in ems, of letters without a plate
_ROUND = 0.5523  # how far the control points of a quarter circle lie from its ends, in radii
_STYLE_FIELDS = (
    "Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, "
    "StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, "
    "Encoding"
)
_COLUMN = 0.6  # of an em: the mean width of a bold narrow sign


class CaptionLook(Model):
    """How captions look. Colours are RRGGBB; lengths in pixels."""

    family: str
    weight: int
    lang: str
    em: int
    columns: int
    middle: int
    width: int
    bottom: int
    colour: str = "FFFFFF"
    lit_colour: str = "FFD84D"
    plate_colour: str = "0B0E13"
    plate_opacity: float = 0.76  # white and yellow keep 4.5:1 and more on it, whatever lies beneath; 0 for no plate
    outline: float = 0.0  # of the letters, in the colour of the plate

    def runs(self, text: str) -> tuple[Run, ...]:
        """The text in runs of one font each; a sign that no font has is left out."""
        return runs(text, self.family, self.lang, self.weight)


class Captioner:
    """Draws the captions of one film. Its fonts are cut once, when a first segment needs them."""

    def __init__(self, look: CaptionLook, cues: Sequence[Cue]) -> None:
        self._look = look
        self._signs: dict[Face, set[str]] = {face(look.family, look.weight): {" "}}
        for text in sorted({word.text for cue in cues for word in cue.words}):
            for run in look.runs(text):
                self._signs.setdefault(run.face, set()).update(run.text)
        self._files: dict[Face, bytes] = {}
        self._cutting = threading.Lock()

    def key(self, events: Sequence[Event]) -> str:
        """What the pixels of these events depend on, besides the events."""
        faces = self._faces(events)
        files = fonts_digest(used.path for used in faces)
        names = [(used.family, used.weight) for used in faces]
        return digest({"look": self._look, "faces": names, "files": files, "cutter": CUTTER})

    def burn(self, graph: Any, events: Sequence[Event], size: Size, fps: int, folder: Path) -> Any:
        """The graph with the events drawn over it; `folder` is made, and holds the script and the fonts it needs."""
        fonts = folder / "fonts"
        fonts.mkdir(parents=True)
        for index, used in enumerate(self._faces(events)):
            (fonts / f"{index}.otf").write_bytes(self._file(used))
        path = folder / "captions.ass"
        path.write_text(script(self._look, events, size, fps), encoding="utf-8")
        return graph.filter("ass", filename=os.fspath(path), fontsdir=os.fspath(fonts))

    def _faces(self, events: Sequence[Event]) -> list[Face]:
        texts = {text for event in events for line in event.lines for text in line}
        used = {run.face for text in texts for run in self._look.runs(text)}
        return [known for known in self._signs if known in used or known.family == self._look.family]

    def _file(self, wanted: Face) -> bytes:
        with self._cutting:
            if wanted not in self._files:
                self._files[wanted] = cut(wanted, frozenset(self._signs[wanted]))
            return self._files[wanted]


def script(look: CaptionLook, events: Sequence[Event], size: Size, fps: int) -> str:
    """The ASS script of events counted from its first frame."""
    main = face(look.family, look.weight)
    style = (
        f"Style: Caption,{main.family},{look.em * line_height(main):.1f},{_colour(look.colour)},{_colour(look.colour)},"
        f"{_colour(look.plate_colour)},{_colour(look.plate_colour)},-1,0,0,0,100,100,0,0,1,{look.outline:g},0,5,0,0,0,-1"
    )
    dialogue = [
        f"Dialogue: {layer},{_time(event.first, fps)},{_time(event.end, fps)},Caption,{text}"
        for event in events
        for layer, text in _drawn(look, event)
    ]
    return "\n".join(
        [
            "[Script Info]",
            "ScriptType: v4.00+",
            "WrapStyle: 2",
            "ScaledBorderAndShadow: yes",
            "YCbCr Matrix: TV.709",
            f"PlayResX: {size.width}",
            f"PlayResY: {size.height}",
            "",
            "[V4+ Styles]",
            f"Format: {_STYLE_FIELDS}",
            style,
            "",
            "[Events]",
            "Format: Layer, Start, End, Style, Text",
            *dialogue,
            "",
        ]
    )


def _drawn(look: CaptionLook, event: Event) -> list[tuple[int, str]]:
    """The plate and the lines on it, each with its layer. They stand alike whichever word is lit."""
    widest = max((_width(look, line) for line in event.lines), default=0.0)
    room = look.width - 2 * _RIM_ACROSS * look.em
    scale = min(1.0, room / widest) if widest else 1.0
    em = look.em * scale
    width = widest * scale + 2 * _RIM_ACROSS * look.em
    height = em * _PITCH * len(event.lines) + 2 * _RIM_DOWN * look.em
    top = look.bottom - height
    plate = _plate(look, look.middle - width / 2, top, width, height)
    drawn, word = [(0, plate)] if look.plate_opacity else [], 0
    for place, line in enumerate(event.lines):
        y = top + _RIM_DOWN * look.em + em * _PITCH * (place + 0.5)
        text = _text(look, line, event.lit - word, em)
        drawn.append((1, f"{{\\pos({look.middle},{y:.1f})\\fs{em * _main_height(look):.1f}}}{text}"))
        word += len(line)
    return drawn


def _text(look: CaptionLook, line: tuple[str, ...], lit: int, em: float) -> str:
    """A line with its word number `lit` in the other colour, every run in a font that has it."""
    parts, family, bright = [], look.family, False
    for place, text in enumerate(line):
        if (place == lit) != bright:
            bright = not bright
            parts.append(f"{{\\1c{_colour(look.lit_colour if bright else look.colour)}&}}")
        for run in look.runs(text):
            if run.face.family != family:
                family = run.face.family
                parts.append(f"{{\\fn{family}\\fs{em * line_height(run.face):.1f}}}")
            parts.append(escaped(run.text))
    return "".join(parts)


def _width(look: CaptionLook, line: tuple[str, ...]) -> float:
    """Width of a line in pixels at its full size."""
    return look.em * sum(advance(run.text, run.face) for text in line for run in look.runs(text))


def _main_height(look: CaptionLook) -> float:
    return line_height(face(look.family, look.weight))


def _plate(look: CaptionLook, x: float, y: float, width: float, height: float) -> str:
    """A rectangle with round corners as a drawing."""
    left, top, right, bottom = round(x), round(y), round(x + width), round(y + height)
    r = min(round(_CORNER * look.em), (bottom - top) // 2, (right - left) // 2)
    k = round(r * (1 - _ROUND))
    path = (
        f"m {left + r} {top} l {right - r} {top} b {right - k} {top} {right} {top + k} {right} {top + r} "
        f"l {right} {bottom - r} b {right} {bottom - k} {right - k} {bottom} {right - r} {bottom} "
        f"l {left + r} {bottom} b {left + k} {bottom} {left} {bottom - k} {left} {bottom - r} "
        f"l {left} {top + r} b {left} {top + k} {left + k} {top} {left + r} {top}"
    )
    alpha = round(255 * (1 - look.plate_opacity))
    return f"{{\\an7\\pos(0,0)\\1c{_colour(look.plate_colour)}&\\1a&H{alpha:02X}&\\p1}}{path}"


def caption_look(
    size: Size, lang: str, style: CaptionStyle = "words", family: str = "Poppins", weight: int = 700
) -> CaptionLook:
    """The look that fits a picture: two lines of type and their plate fill the caption box; `plain` has no plate."""
    box = caption_box(size)
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


def escaped(text: str) -> str:
    """Text that libass shows as it is: a brace opens no override, a backslash commands nothing, lines do not break."""
    joined = " ".join(text.split()) if text.strip() else " "
    lead = " " if text[:1].isspace() and text.strip() else ""
    trail = " " if text[-1:].isspace() and text.strip() else ""
    return (lead + joined + trail).replace("\\", "\\\u2060").replace("{", "\\{").replace("}", "\\}")


def _colour(rgb: str, alpha: str = "00") -> str:
    return f"&H{alpha}{rgb[4:6]}{rgb[2:4]}{rgb[0:2]}"


def _time(frame: int, fps: int) -> str:
    """The hundredth of a second at or just before a frame: early enough to show on it, too late for the one before."""
    hundredths = frame * 100 // fps
    return f"{hundredths // 360000}:{hundredths // 6000 % 60:02}:{hundredths // 100 % 60:02}.{hundredths % 100:02}"

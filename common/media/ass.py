"""Caption events as an ASS script, burned by libass in the pass that encodes the picture.

libass gets the names of our own fonts and a folder with just those files: it never looks for others.
"""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from common.domain.frame import Size
from common.domain.model import Model, digest
from common.media.captions import Cue
from common.media.events import Event
from common.media.fonts import Face, Run, face, fonts_digest, runs
from common.media.layout import caption_box
from common.media.typecase import CUTTER, cut, line_height

_LINES_IN_BOX = 2.6  # heights of an em that two lines take with the space between them
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
    left: int
    right: int
    bottom: int
    colour: str = "FFFFFF"
    lit_colour: str = "FFD84D"
    edge_colour: str = "101418"

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
        f"{_colour(look.edge_colour)},{_colour(look.edge_colour, '60')},-1,0,0,0,100,100,0,0,"
        f"1,{look.em * 0.07:.1f},{look.em * 0.04:.1f},2,{look.left},{look.right},{look.bottom},-1"
    )
    dialogue = [
        f"Dialogue: {_time(event.first, fps)},{_time(event.end, fps)},Caption,{_text(look, event)}" for event in events
    ]
    return "\n".join(
        [
            "[Script Info]",
            "ScriptType: v4.00+",
            "WrapStyle: 0",
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
            "Format: Start, End, Style, Text",
            *dialogue,
            "",
        ]
    )


def _text(look: CaptionLook, event: Event) -> str:
    parts, word, family, lit = [], 0, look.family, False
    for line in event.lines:
        parts.append("\\N" if word else "")
        for text in line:
            if (word == event.lit) != lit:
                lit = not lit
                parts.append(f"{{\\1c{_colour(look.lit_colour if lit else look.colour)}&}}")
            for run in look.runs(text):
                if run.face.family != family:
                    family = run.face.family
                    parts.append(f"{{\\fn{family}\\fs{look.em * line_height(run.face):.1f}}}")
                parts.append(escaped(run.text))
            word += 1
    return "".join(parts)


def caption_look(size: Size, lang: str, family: str = "Poppins", weight: int = 700) -> CaptionLook:
    """The look that fits a picture: two lines of type fill the caption box."""
    box = caption_box(size)
    em = max(8, round(box.height / _LINES_IN_BOX))
    return CaptionLook(
        family=family,
        weight=weight,
        lang=lang,
        em=em,
        columns=max(8, int(box.width / (em * _COLUMN))),
        left=round(box.x),
        right=round(size.width - box.right),
        bottom=round(size.height - box.bottom),
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

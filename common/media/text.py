"""Setting text: exact widths, line breaking, fitting into a box, and the SVG of a line.

Text that is too long for its box at the smallest legible size ends with an ellipsis at a word; it is never cut off by
an edge. Sizes and widths are pixels; tracking and leading are in ems.
"""

import unicodedata
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from html import escape

import uharfbuzz as hb

from common.media.fonts import Face, clusters, covering

ELLIPSIS = "…"
_STEP = 0.94  # one size step down
_NOT_FIRST = frozenset("、。，．・：；？！」』）】〕〉》ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ”’,.!?:;)]}%％…")
_NOT_LAST = frozenset("「『（【〔〈《“‘([{¥$€")


@dataclass(frozen=True)
class Style:
    """A face with its line distance and letter spacing."""

    face: Face
    leading: float = 1.16
    tracking: float = 0.0


@dataclass(frozen=True)
class Block:
    """Text broken into lines at a size. `shortened` says that an ellipsis replaced its end."""

    lines: tuple[str, ...]
    size: float
    style: Style
    lang: str
    width: float
    shortened: bool = False

    @property
    def line_height(self) -> float:
        """Distance of two baselines; scripts with tall marks get more."""
        return self.size * self.style.leading * (1.18 if any(_tall(line) for line in self.lines) else 1.0)

    @property
    def height(self) -> float:
        """From the top of the first line's cell to the bottom of the last one's."""
        return self.line_height * len(self.lines)

    @property
    def rtl(self) -> bool:
        """Whether the text reads from right to left."""
        return any(is_rtl(line) for line in self.lines[:1])

    def width_of(self, line: int) -> float:
        """Width of one line."""
        return width_of(self.lines[line], self.style, self.size, self.lang)


@lru_cache(maxsize=1024)
def is_rtl(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def _tall(text: str) -> bool:
    return any(0x0600 <= ord(char) <= 0x0E7F or 0x0E80 <= ord(char) <= 0x109F for char in text)


@cache
def _font(face: Face) -> hb.Font:
    font = hb.Font(hb.Face(hb.Blob.from_file_path(str(face.path)), face.index))
    if face.variable:
        font.set_variations({"wght": float(face.weight)})
    return font


@lru_cache(maxsize=8192)
def _ems(text: str, face: Face) -> float:
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    font = _font(face)
    hb.shape(font, buffer)
    return float(sum(position.x_advance for position in buffer.glyph_positions)) / font.face.upem


def width_of(text: str, style: Style, size: float, lang: str = "en") -> float:
    """Width in pixels of a line as it will be drawn."""
    ems = sum(_ems(run.text, run.face) for run in covering(text, style.face, lang).runs)
    return float(size * (ems + style.tracking * len(clusters(text))))


@dataclass(frozen=True)
class _Piece:
    """An unbreakable piece of text and the space that parts it from the piece before."""

    text: str
    space: bool


def _east(char: str) -> bool:
    code = ord(char)
    return 0x2E80 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0xFF00 <= code <= 0xFFEF or code >= 0x20000


def _pieces(text: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    for word in text.split():
        part = ""
        space = bool(pieces)
        for cluster in clusters(word):
            breaks = part and (_east(cluster[0]) or _east(part[-1]))
            if breaks and cluster[0] not in _NOT_FIRST and part[-1] not in _NOT_LAST:
                pieces.append(_Piece(part, space))
                part, space = "", False
            part += cluster
        pieces.append(_Piece(part, space))
    return pieces


def _fill(pieces: list[_Piece], room: float, style: Style, lang: str) -> list[str]:
    """Greedy lines no wider than `room` ems, save for single pieces that are wider by themselves."""
    lines: list[str] = []
    for piece in pieces:
        joined = f"{lines[-1]}{' ' if piece.space else ''}{piece.text}" if lines else piece.text
        if lines and width_of(joined, style, 1.0, lang) <= room:
            lines[-1] = joined
        elif lines:
            lines.append(piece.text)
        else:
            lines = [joined]
    return lines


def _balance(pieces: list[_Piece], room: float, style: Style, lang: str) -> list[str]:
    """The lines of the greedy fill, evened out: the narrowest room that needs no further line."""
    best = _fill(pieces, room, style, lang)
    low, high = room / 2, room
    for _ in range(7 if 1 < len(best) <= 5 else 0):
        middle = (low + high) / 2
        lines = _fill(pieces, middle, style, lang)
        if len(lines) <= len(best) and _widest(lines, style, lang) <= room:
            best, high = lines, middle
        else:
            low = middle
    return best


def _widest(lines: list[str], style: Style, lang: str) -> float:
    return max((width_of(line, style, 1.0, lang) for line in lines), default=0.0)


def _chop(pieces: list[_Piece], room: float, style: Style, lang: str) -> list[_Piece]:
    """Break pieces that are wider than a line by themselves."""
    chopped: list[_Piece] = []
    for piece in pieces:
        part, space = "", piece.space
        for cluster in clusters(piece.text):
            if part and width_of(part + cluster, style, 1.0, lang) > room:
                chopped.append(_Piece(part, space))
                part, space = "", False
            part += cluster
        chopped.append(_Piece(part, space))
    return chopped


def fit(
    text: str,
    style: Style,
    width: float,
    height: float,
    largest: float,
    smallest: float,
    lang: str = "en",
    max_lines: int = 12,
) -> Block:
    """Set text as large as a box allows, between two sizes; shorten it with an ellipsis where even that is too long.

    A box too small for one line at `smallest` still gets that line: a legible size is not given up.
    """
    text = "".join(run.text for run in covering(text, style.face, lang).runs)
    pieces = _pieces(text)
    size = max(largest, smallest)
    while pieces:
        lines = _balance(pieces, width / size, style, lang)
        block = Block(tuple(lines), size, style, lang, _widest(lines, style, lang) * size)
        if block.width <= width + 0.01 and block.height <= height + 0.01 and len(lines) <= max_lines:
            return block
        if size <= smallest:
            break
        size = max(size * _STEP, smallest)
    return _shorten(pieces, Block((), smallest, style, lang, 0.0), width, height, max_lines)


def _shorten(pieces: list[_Piece], empty: Block, width: float, height: float, max_lines: int) -> Block:
    style, lang, room = empty.style, empty.lang, width / empty.size
    lines = _fill(_chop(pieces, room, style, lang), room, style, lang)
    block = replace(empty, lines=tuple(lines))
    keep = max(1, min(max_lines, int((height + 0.01) / block.line_height) if lines else 1))
    if len(lines) > keep:
        last = lines[keep - 1]
        while last and width_of(last.rstrip(" ,;:.") + ELLIPSIS, style, 1.0, lang) > room:
            last = last.rpartition(" ")[0] if " " in last else "".join(clusters(last)[:-1])
        lines = [*lines[: keep - 1], last.rstrip(" ,;:.") + ELLIPSIS]
        block = replace(block, lines=tuple(lines), shortened=True)
    return replace(block, width=_widest(lines, style, lang) * empty.size)


def line_svg(block: Block, line: int, x: float, baseline: float, fill: str) -> tuple[str, tuple[str, ...]]:
    """The SVG of one line with its left edge at x, and the keys of the fonts it needs."""
    covered = covering(block.lines[line], block.style.face, block.lang).runs
    spans = []
    for place, run in enumerate(covered):
        isolate = "\u2067" if place == 0 and block.rtl else ""
        weight = f' font-weight="{run.face.weight}"'
        spans.append(f'<tspan font-family="{run.family_name}"{weight}>{isolate}{escape(run.text)}</tspan>')
    spacing = f' letter-spacing="{block.style.tracking * block.size:.3f}"' if block.style.tracking else ""
    svg = (
        f'<text xml:space="preserve" x="{x:.2f}" y="{baseline:.2f}" font-size="{block.size:.2f}" '
        f'fill="{fill}"{spacing}>{"".join(spans)}</text>'
    )
    return svg, tuple(dict.fromkeys(run.face.key for run in covered))

"""Setting text: exact widths, line breaking, and fitting into a box.

Text that is too long for its box at the smallest legible size ends with an ellipsis at a word; it is never cut off by
an edge. Sizes and widths are pixels; tracking and leading are in ems.
"""

import math
import unicodedata
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import uharfbuzz as hb

from common.media import breaks
from common.media.breaks import Piece, may_part
from common.media.fonts import Face, clusters, covering

ELLIPSIS = "…"
_STEP = 0.94  # one size step down
_UNBROKEN = 0.5  # a word is broken where it forces text below this share of its largest size ...
_SMALL = 2.0  # ... and below this many times its smallest
_GIVE = 0.78  # how much size may be given up for evenly filled lines


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
        return bool(self.lines) and is_rtl(self.lines[0])

    def width_of(self, line: int) -> float:
        """Width of one line."""
        return width_of(self.lines[line], self.style, self.size, self.lang)


def is_rtl(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    return bool(direction(text))


@lru_cache(maxsize=1024)
def direction(text: str) -> bool | None:
    """True where the first letter with a direction runs from right to left; None where no letter has one."""
    kinds = (unicodedata.bidirectional(char) for char in text)
    return next((kind != "L" for kind in kinds if kind in ("R", "AL", "L")), None)


def _tall(text: str) -> bool:
    return any(0x0600 <= ord(char) <= 0x0E7F or 0x0E80 <= ord(char) <= 0x109F for char in text)


@cache
def _font(face: Face) -> hb.Font:
    font = hb.Font(hb.Face(hb.Blob.from_file_path(str(face.path)), face.index))
    if face.variable:
        font.set_variations({"wght": float(face.weight)})
    return font


@lru_cache(maxsize=8192)
def advance(text: str, face: Face) -> float:
    """Width in ems of text set in one face."""
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    font = _font(face)
    hb.shape(font, buffer)
    ems = sum(position.x_advance for position in buffer.glyph_positions) / font.face.upem
    return max(0.0, float(ems))  # a mark without a letter may step back


def width_of(text: str, style: Style, size: float, lang: str = "en") -> float:
    """Width in pixels of a line as it will be drawn."""
    ems = sum(advance(run.text, run.face) for run in covering(text, style.face, lang).runs)
    return max(0.0, float(size * (ems + style.tracking * len(clusters(text)))))


def _runs_on(text: str) -> bool:
    """Whether the text's script puts no spaces between words: Thai, Lao, Burmese and Khmer."""
    return any(
        0x0E00 <= ord(char) <= 0x0EFF or 0x1000 <= ord(char) <= 0x109F or 0x1780 <= ord(char) <= 0x17FF for char in text
    )


def _fill(pieces: list[Piece], room: float, style: Style, lang: str) -> list[str]:
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


def _balance(pieces: list[Piece], room: float, style: Style, lang: str) -> list[str]:
    """As few lines as the greedy fill needs, evened out: the least sum of squared gaps at their ends."""
    greedy = _fill(pieces, room, style, lang)
    if not 1 < len(greedy) <= 8 or len(pieces) > 80:
        return greedy
    space = width_of("n n", style, 1.0, lang) - width_of("nn", style, 1.0, lang)
    widths = [width_of(piece.text, style, 1.0, lang) for piece in pieces]
    # best[i][k]: the least raggedness of the first i pieces on k lines, and where the last of them begins
    best: list[list[tuple[float, int]]] = [[(math.inf, 0)] * (len(greedy) + 1) for _ in range(len(pieces) + 1)]
    best[0][0] = (0.0, 0)
    for stop in range(1, len(pieces) + 1):
        width = 0.0
        for start in range(stop - 1, -1, -1):
            width += widths[start] + (space if start + 1 < stop and pieces[start + 1].space else 0.0)
            if width > room and start < stop - 1:
                break
            for count in range(1, len(greedy) + 1):
                ragged = best[start][count - 1][0] + (room - min(width, room)) ** 2
                if ragged < best[stop][count][0]:
                    best[stop][count] = (ragged, start)
    lines: list[str] = []
    stop = len(pieces)
    for count in range(len(greedy), 0, -1):
        start = best[stop][count][1]
        lines.insert(0, _joined(pieces[start:stop]))
        stop = start
    return lines if stop == 0 and _widest(lines, style, lang) <= max(room, _widest(greedy, style, lang)) else greedy


def _joined(pieces: list[Piece]) -> str:
    return "".join((" " if place and piece.space else "") + piece.text for place, piece in enumerate(pieces))


def _evenness(block: Block) -> float:
    """How full the lines are, 0..1: the shortest against the longest; a short last line is half forgiven."""
    widths = [block.width_of(line) for line in range(len(block.lines))]
    widths[-1] = max(widths[-1], block.width / 2)
    return min(widths) / block.width if block.width else 1.0


def _widest(lines: list[str], style: Style, lang: str) -> float:
    return max((width_of(line, style, 1.0, lang) for line in lines), default=0.0)


def _chop(pieces: list[Piece], tight: float, wide: float, style: Style, lang: str) -> list[Piece]:
    """Break pieces that are wider than a line by themselves into even parts, with a hyphen inside a Latin word.

    A line is `tight` ems for scripts that run words together, and `wide` for words, which are better left whole.
    """
    chopped: list[Piece] = []
    for piece in pieces:
        part, space = "", piece.space
        whole = width_of(piece.text, style, 1.0, lang)
        room = tight if _runs_on(piece.text) else wide
        if whole <= room:
            chopped.append(piece)
            continue
        even = min(room, whole / math.ceil(whole / room) + 1.0)
        for cluster in clusters(piece.text):
            allowed = not part or may_part(part, cluster)
            if len(part) > 1 and allowed and width_of(f"{part}{cluster}-", style, 1.0, lang) > even:
                hyphen = "-" if part[-1].isalpha() and cluster.isalpha() and ord(part[-1]) < 0x530 else ""
                chopped.append(Piece(part + hyphen, space))
                part, space = "", False
            part += cluster
        chopped.append(Piece(part, space))
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
    pieces = breaks.pieces(text, lang)
    size = max(largest, smallest)
    tight = width / max(size * _UNBROKEN, smallest)
    pieces = _chop(pieces, tight, max(tight, width / (smallest * _SMALL)), style, lang)
    best: tuple[float, Block] | None = None
    while pieces and (best is None or size >= best[1].size * _GIVE):
        lines = _balance(pieces, width / size, style, lang)
        block = Block(tuple(lines), size, style, lang, _widest(lines, style, lang) * size)
        if block.width <= width + 0.01 and block.height <= height + 0.01 and len(lines) <= max_lines:
            worth = size * _evenness(block) ** 0.4
            if best is None or worth > best[0]:
                best = (worth, block)
        if size <= smallest:
            break
        size = max(size * _STEP, smallest)
    if best is not None:
        return best[1]
    return _shorten(pieces, Block((), smallest, style, lang, 0.0), width, height, max_lines)


def _shorten(pieces: list[Piece], empty: Block, width: float, height: float, max_lines: int) -> Block:
    style, lang, room = empty.style, empty.lang, width / empty.size
    lines = _fill(pieces, room, style, lang)
    block = replace(empty, lines=tuple(lines))
    keep = max(1, min(max_lines, int((height + 0.01) / block.line_height) if lines else 1))
    if len(lines) > keep:
        last = lines[keep - 1]
        while last and width_of(last.rstrip(" ,;:.") + ELLIPSIS, style, 1.0, lang) > room:
            last = last.rpartition(" ")[0] if " " in last else "".join(clusters(last)[:-1])
        lines = [*lines[: keep - 1], last.rstrip(" ,;:.") + ELLIPSIS]
        block = replace(block, lines=tuple(lines), shortened=True)
    return replace(block, width=_widest(lines, style, lang) * empty.size)

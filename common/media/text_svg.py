"""Lines of text as SVG: the font of every run named, the runs in reading order of their script."""

import re
import unicodedata
from html import escape
from itertools import groupby

from common.media.fonts import Face, clusters, covering
from common.media.text import Block, advance, is_rtl


def line_svg(block: Block, line: int, x: float, baseline: float, fill: str) -> tuple[str, tuple[str, ...]]:
    """The SVG of one line with its left edge at x, and the keys of the fonts it needs.

    Every run is an element of its own at its exact place: a rasteriser that shapes several fonts as one text may fail.
    """
    style, size = block.style, block.size
    spacing = f' letter-spacing="{style.tracking * size:.3f}"' if style.tracking else ""
    elements: list[str] = []
    keys: dict[str, None] = {}
    for text, face, right in _visual(block.lines[line], block):
        if not text.isspace():
            keys[face.key] = None
            isolate = "\u2067" if right else ""
            elements.append(
                f'<text xml:space="preserve" x="{x:.2f}" y="{baseline:.2f}" font-family="{face.family}" '
                f'font-weight="{face.weight}" font-size="{size:.2f}" fill="{fill}"{spacing}>'
                f"{isolate}{escape(text)}</text>"
            )
        x += size * (advance(text, face) + style.tracking * len(clusters(text)))
    return "".join(elements), tuple(keys)


def _visual(text: str, block: Block) -> list[tuple[str, Face, bool]]:
    """The pieces of a line from left to right, each with whether it reads from right to left; spaces apart.

    A short form of the Unicode bidirectional rules: numbers go with the word before them, signs and spaces with their
    neighbours where those agree, else with the paragraph.
    """
    pieces = [
        (part, run.face)
        for run in covering(text, block.style.face, block.lang).runs
        for part in re.findall(r"\s+|\S+" if block.rtl else r"\s+|\S(?:.*\S)?", run.text)
    ]
    sides: list[bool | None] = []
    strong: bool | None = None
    for part, _ in pieces:
        kinds = {unicodedata.bidirectional(char) for char in part}
        if kinds & {"L", "R", "AL"}:
            strong = is_rtl(part)
            sides.append(strong)
        else:
            sides.append((block.rtl if strong is None else strong) if kinds & {"EN", "AN"} else None)
    ordered: list[tuple[str, Face, bool]] = []
    settled = [_between(sides, at, block.rtl) for at in range(len(sides))]
    rows = [(part, face, right) for (part, face), right in zip(pieces, settled, strict=True)]
    for right, group in groupby(rows, key=lambda row: row[2]):
        same = list(group)
        turned = same[::-1] if right else same
        ordered = [*turned, *ordered] if block.rtl else [*ordered, *turned]
    return ordered


def _between(sides: list[bool | None], at: int, paragraph: bool) -> bool:
    side = sides[at]
    if side is not None:
        return side
    before = next((known for known in sides[:at][::-1] if known is not None), paragraph)
    after = next((known for known in sides[at + 1 :] if known is not None), paragraph)
    return before if before == after else paragraph

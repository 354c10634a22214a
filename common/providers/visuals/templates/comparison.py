"""Comparison scenes: two sides, one after the other, and what parts them."""

from common.providers.visuals.parts import card, disc, heading, watermark
from common.providers.visuals.sheet import Sheet


def facing(sheet: Sheet) -> None:
    """Two cards facing each other."""
    _sides(sheet, filled=1)


def turned(sheet: Sheet) -> None:
    """The same with the first side in the accent colour."""
    _sides(sheet, filled=0)


def _sides(sheet: Sheet, filled: int) -> None:
    watermark(sheet)
    u, tone = sheet.unit, sheet.tone
    lines = [line for line in sheet.scene.lines if line.strip()]
    half = (len(lines) + 1) // 2
    sides = (lines[:half], lines[half:])
    body = sheet.box
    if sheet.headline not in lines:  # else a side would be read twice
        top, body = body.rows((0.26, 0.74), 4 * u)
        heading(sheet, top, 8.5, max_lines=3)
    times = sheet.when([" ".join(side) for side in sides])
    wide = sheet.shape == "wide"
    boxes = body.columns((1.0, 1.0), 4 * u) if wide else body.rows((1.0, 1.0), 4 * u)
    texts = [box.inset(5 * u, 4 * u) for box in boxes]
    rows = [text.rows((1.0,) * len(side), 2 * u) for text, side in zip(texts, sides, strict=True)]
    style, largest = (sheet.look.display, 6.8) if len(lines) <= 2 else (sheet.look.text, 5.4)
    blocks = sheet.even(lines, [row for side in rows for row in side], style, largest)
    for place, box in enumerate(boxes):
        at = times[place]
        colour, ink = (tone.fill, tone.on_fill) if place == filled else (tone.card, tone.on_card)
        card(sheet, box, at, fill=colour)
        for block, row in zip((blocks[:half], blocks[half:])[place], rows[place], strict=True):
            sheet.write(block, row, ink, at + 4, valign="middle", bold=False)
    cx, cy = body.centre
    disc(sheet, cx, cy, 3.2 * u, times[1], tone.second)


VARIANTS = (facing, turned)

"""Closing scenes: the last word, and a call to remember it."""

import math

from common.media.layout import Box
from common.providers.visuals.parts import RULE, Part, emblem, split, stack, stand, under
from common.providers.visuals.sheet import EARLY, Sheet


def halo(sheet: Sheet) -> None:
    """The last words in the middle of rings that widen around them."""
    u, box, tone = sheet.unit, sheet.box, sheet.tone
    inner = box.inset(box.width * 0.08, 4 * u)
    place = stack(sheet, inner, _parts(sheet, inner, 10.5), align="centre")
    cx, cy = place.centre
    widest = max((text.width for text in sheet.texts), default=0.0)
    first = math.hypot(widest, place.height) / 2 + 5 * u
    sheet.watermark = "".join(
        f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{first + step * (9 + 2 * step) * u:.1f}" fill="none" '
        f'stroke="{tone.mark}" stroke-width="{2.4 * u:.1f}" opacity="{1 - 0.2 * step:.1f}"/>'
        for step in range(5)
    )
    for step, colour in enumerate((tone.fill, tone.second, tone.accent)):
        angle = sheet.rng.uniform(0.1, 0.9) * math.pi / 2 + step * math.pi * 2 / 3
        x, y, r = cx + first * math.cos(angle), cy + first * math.sin(angle), (1.5 + 0.5 * step) * u
        if box.inset(r, r).holds(Box(x, y, 0, 0)):
            svg = f'<circle cx="{r:.1f}" cy="{r:.1f}" r="{r - 1:.1f}" fill="{colour}"/>'
            sheet.draw(svg, Box(x - r, y - r, 2 * r, 2 * r), sheet.pop(12 + 8 * step, sway=1.2 * u), "satellite")


def signed(sheet: Sheet) -> None:
    """The last words beside the motif."""
    words, picture = split(sheet, 0.6, flip=True)
    emblem(sheet, picture, share=0.9)
    stack(sheet, words, _parts(sheet, words, 10.5), valign=under(sheet))
    stand(sheet)


def _parts(sheet: Sheet, box: Box, largest: float) -> list[Part]:
    u, tone = sheet.unit, sheet.tone
    line = "".join(sheet.scene.lines[:1])
    sub = sheet.block(line, Box(0, 0, box.width, 14 * u), sheet.look.text, 5.0, max_lines=3)
    room = Box(0, 0, box.width, box.height - 9 * u - sub.height)
    head = sheet.block(sheet.headline, room, sheet.look.display, largest * sheet.weight, max_lines=6)
    return [(head, tone.ink, EARLY), ("rule", tone.fill, RULE), (sub, tone.muted, 0.4 * sheet.fps)]


VARIANTS = (halo, signed)

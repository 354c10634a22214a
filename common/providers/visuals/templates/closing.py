"""Closing scenes: the last word, and a call to remember it."""

from common.media.layout import Box
from common.media.motion import Motion, Sway, ramp
from common.providers.visuals.parts import Part, emblem, split, stack
from common.providers.visuals.sheet import Sheet


def halo(sheet: Sheet) -> None:
    """The last words in the middle of widening rings."""
    u, box, tone = sheet.unit, sheet.box, sheet.tone
    cx, cy = box.centre
    for place in range(3):
        radius = (26 + 15 * place) * u
        svg = (
            f'<circle cx="{radius:.1f}" cy="{radius:.1f}" r="{radius - u:.1f}" fill="none" stroke="{tone.fill}" '
            f'stroke-width="{0.5 * u:.2f}" opacity="{0.55 - 0.15 * place:.2f}"/>'
        )
        at = 3 + 6 * place
        motion = Motion(
            scale=ramp(at, 1.4 * sheet.fps, 0.7, 1),
            opacity=ramp(at, 0.8 * sheet.fps, 0, 1),
            sway=Sway(x=0.8 * u, y=0.8 * u, period=7 * sheet.fps, phase=place / 3),
        )
        sheet.draw(svg, Box(cx - radius, cy - radius, 2 * radius, 2 * radius), motion, name="halo")
    inner = box.inset(box.width * 0.08, 4 * u)
    stack(sheet, inner, _parts(sheet, inner, 10.5), align="centre")


def signed(sheet: Sheet) -> None:
    """The last words beside the motif."""
    words, picture = split(sheet, 0.6, flip=True)
    emblem(sheet, picture, at=sheet.beat(0.06, 0.4), share=0.9)
    stack(sheet, words, _parts(sheet, words, 10.5))


def _parts(sheet: Sheet, box: Box, largest: float) -> list[Part]:
    u, tone = sheet.unit, sheet.tone
    line = "".join(sheet.scene.lines[:1])
    sub = sheet.block(line, Box(0, 0, box.width, 14 * u), sheet.look.text, 4.4, max_lines=3)
    room = Box(0, 0, box.width, box.height - 9 * u - sub.height)
    head = sheet.block(sheet.headline, room, sheet.look.display, largest * sheet.weight, max_lines=6)
    return [(head, tone.ink, 0.04), ("rule", tone.fill, 0.12), (sub, tone.muted, 0.25)]


VARIANTS = (halo, signed)

"""What several templates are made of: columns for words and picture, stacked text, emblems, cards and markers."""

from __future__ import annotations

import math
import zlib
from typing import Literal

from common.domain.plan import Figure
from common.media.layout import Box
from common.media.motion import Motion, Sway, ramp
from common.media.text import Block
from common.providers.visuals.motifs import motif_svg
from common.providers.visuals.sheet import EARLY, Align, Sheet, Valign

Part = tuple[Block | Literal["rule"], str, float]  # what, its colour, the frame at which it comes in


RULE = 3.0  # the frame at which a rule under a headline begins to grow


def split(sheet: Sheet, share: float, flip: bool = False, above: float = 0.46) -> tuple[Box, Box]:
    """Room for words and for a picture: side by side on wide pictures, the picture at the top on others."""
    if sheet.shape == "wide":
        shares = (1 - share, share) if flip else (share, 1 - share)
        boxes = sheet.box.columns(shares, 6 * sheet.unit)
        return (boxes[1], boxes[0]) if flip else (boxes[0], boxes[1])
    top, words = sheet.box.rows((above, 1 - above), 5 * sheet.unit)
    side = min(top.width * 0.72, top.height)
    return words, Box(top.x, top.bottom - side, side, side)  # at the margin where the words begin


def under(sheet: Sheet) -> Valign:
    """Where words stand in their part of a split: in the middle beside a picture, close under one above."""
    return "middle" if sheet.shape == "wide" else "top"


def stand(sheet: Sheet) -> None:
    """Picture and words one above the other take the middle of the height together."""
    if sheet.shape != "wide":
        sheet.centre()


def heading(sheet: Sheet, box: Box, largest: float, max_lines: int = 6, valign: Valign = "bottom") -> None:
    """The headline and a rule under it."""
    u, tone = sheet.unit, sheet.tone
    room = Box(box.x, box.y, box.width, box.height - 5 * u)
    head = sheet.block(sheet.headline, room, sheet.look.display, largest, max_lines=max_lines)
    stack(sheet, box, [(head, tone.ink, EARLY), ("rule", tone.fill, RULE)], valign=valign)


def stack(sheet: Sheet, box: Box, parts: list[Part], align: Align = "left", valign: Valign = "middle") -> Box:
    """Text blocks and a rule one below the other, together aligned in a box. Empty blocks take no room."""
    u = sheet.unit
    kept = [part for part in parts if isinstance(part[0], str) or part[0].lines]
    heights = [1.1 * u if isinstance(what, str) else what.height for what, _, _ in kept]
    gap = 3.6 * u
    total = sum(heights) + gap * (len(kept) - 1)
    top = box.y + {"top": 0.0, "middle": (box.height - total) / 2, "bottom": box.height - total}[valign]
    y = top
    for (what, fill, at), height in zip(kept, heights, strict=True):
        place = Box(box.x, y, box.width, height)
        if isinstance(what, str):
            width = 13 * u
            x = box.x + (box.width - width) / 2 if align == "centre" else box.x
            sheet.rule(Box(x, y, width, height), at, fill)
        else:
            sheet.write(what, place, fill, at, align, "top", what.style.face == sheet.look.display.face)
        y += height + gap
    return Box(box.x, top, box.width, total)


def supports(sheet: Sheet, room: Box, largest: float, most: int) -> tuple[list[str], tuple[Block, ...], float]:
    """The scene's lines under a headline, as they are set, and the height they take: half of the room at most.

    `most` at most; the last ones give way, and are noted.
    """
    u = sheet.unit
    lines = list(first_lines(sheet, most, "lines"))
    while True:
        noted = len(sheet.notes)
        subs = sheet.even(lines, [Box(0, 0, room.width, 14 * u)] * len(lines), sheet.look.text, largest)
        below = sum(sub.height + 3.6 * u for sub in subs)
        if not lines or below <= room.height / 2:
            return lines, subs, below
        del sheet.notes[noted:]
        sheet.notes.append(f"There is no room for the line {lines.pop()[:60]!r}.")


def emblem(sheet: Sheet, box: Box, share: float = 1.0, at: float = 1.0) -> None:
    """The scene's motif on a disc, in the middle of a box; an abstract drawing where it has none."""
    side = min(box.width, box.height) * share
    cx, cy = box.centre
    _plate(sheet, cx, cy, side, at)
    if sheet.drawing:
        motif(sheet, sheet.drawing, Box(cx - side * 0.31, cy - side * 0.31, side * 0.62, side * 0.62), at + 3)
    else:
        _abstract(sheet, cx, cy, side, at + 3)
    _satellites(sheet, cx, cy, side, at + 7)


def motif(sheet: Sheet, name: str, box: Box, at: float) -> None:
    """A motif filling a square box, gently swaying."""
    tone, side = sheet.tone, min(box.width, box.height)
    accent = tone.accent_on_card
    body = motif_svg(name, side, accent, tone.second, tone.on_card, tone.card)
    sheet.draw(body, box, sheet.pop(at, sway=side * 0.012, turn=1.6), name=f"motif:{name}")


def _plate(sheet: Sheet, cx: float, cy: float, side: float, at: float) -> None:
    tone, kind = sheet.tone, int(sheet.rng.integers(3))
    radius = side * 0.46
    if kind == 0:
        shape = f'<circle cx="{side / 2:.1f}" cy="{side / 2:.1f}" r="{radius:.1f}" fill="{tone.card}"/>'
    elif kind == 1:
        shape = (
            f'<rect x="{side * 0.07:.1f}" y="{side * 0.07:.1f}" width="{side * 0.86:.1f}" height="{side * 0.86:.1f}" '
            f'rx="{side * 0.22:.1f}" fill="{tone.card}"/>'
        )
    else:
        points = [
            (side / 2 + radius * k * math.cos(a), side / 2 + radius * k * math.sin(a))
            for a, k in ((2 * math.pi * step / 72, 1 + 0.045 * math.cos(step * 2 * math.pi / 6)) for step in range(72))
        ]
        shape = f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="{tone.card}"/>'
    box = Box(cx - side / 2, cy - side / 2, side, side)
    behind = Box(box.x + side * 0.045, box.y + side * 0.05, side, side)
    sheet.draw(shape.replace(tone.card, tone.fill), behind, sheet.pop(at + 2), name="plate")
    sheet.draw(shape, box, sheet.pop(at), name="plate")


def _abstract(sheet: Sheet, cx: float, cy: float, side: float, at: float) -> None:
    tone, half = sheet.tone, side / 2
    colours = (tone.accent_on_card, tone.second, tone.on_card)
    chance = sheet.rng.spawn(1)[0]  # of its own, so that the ground is the same with and without it
    kind = (sheet.turn + zlib.crc32(sheet.look.name.encode())) % 6  # six scenes in a row differ
    if kind == 0:  # quarter arcs
        body = "".join(
            f'<path d="M{half - r:.1f} {half:.1f}a{r:.1f} {r:.1f} 0 0 1 {2 * r:.1f} 0" fill="none" '
            f'stroke="{colours[place % 3]}" stroke-width="{side * 0.045:.1f}" stroke-linecap="round"/>'
            for place, r in enumerate((side * 0.27, side * 0.19, side * 0.11))
        )
        body = f'<g transform="translate(0 {side * 0.1:.1f})">{body}</g>'
    elif kind == 1:  # two circles sharing a lens
        r = side * 0.17
        body = (
            f'<circle cx="{half - r * 0.6:.1f}" cy="{half:.1f}" r="{r:.1f}" fill="{colours[0]}"/>'
            f'<circle cx="{half + r * 0.6:.1f}" cy="{half:.1f}" r="{r:.1f}" fill="{colours[1]}" fill-opacity="0.85"/>'
        )
    elif kind == 2:  # strokes of two lengths about a middle
        strokes = "".join(
            f'<rect x="{half - side * 0.02:.1f}" y="{half - side * reach:.1f}" width="{side * 0.04:.1f}" '
            f'height="{side * (reach - 0.11):.1f}" rx="{side * 0.02:.1f}" fill="{colours[turn % 2]}" '
            f'transform="rotate({30 * turn} {half:.1f} {half:.1f})"/>'
            for turn, reach in enumerate((0.29, 0.21) * 6)
        )
        body = f'{strokes}<circle cx="{half:.1f}" cy="{half:.1f}" r="{side * 0.06:.1f}" fill="{colours[2]}"/>'
    elif kind == 3:  # columns of growing height
        body = "".join(
            f'<rect x="{half + (at - 1.5) * side * 0.135 - side * 0.05:.1f}" y="{half + side * (0.2 - tall):.1f}" '
            f'width="{side * 0.1:.1f}" height="{side * tall:.1f}" rx="{side * 0.05:.1f}" fill="{colours[at % 3]}"/>'
            for at, tall in enumerate((0.16, 0.26, 0.34, 0.42))
        )
    elif kind == 4:  # moons about a middle
        moons = "".join(
            f'<circle cx="{half + side * far * math.cos(angle):.1f}" cy="{half + side * far * math.sin(angle):.1f}" '
            f'r="{side * big:.1f}" fill="{colours[at]}"/>'
            for at, (far, angle, big) in enumerate(((0.0, 0.0, 0.09), (0.25, -0.7, 0.05), (0.17, 2.2, 0.035)))
        )
        orbits = "".join(
            f'<circle cx="{half:.1f}" cy="{half:.1f}" r="{side * far:.1f}" fill="none" stroke="{colours[2]}" '
            f'stroke-opacity="0.45" stroke-width="{side * 0.012:.1f}"/>'
            for far in (0.17, 0.25)
        )
        body = orbits + moons
    else:  # blocks of a mosaic
        c = side * 0.13
        spots = [(column, row) for row in range(3) for column in range(3)]
        body = "".join(
            f'<circle cx="{half + (column - 1) * c * 1.25:.1f}" cy="{half + (row - 1) * c * 1.25:.1f}" '
            f'r="{c * (0.5 if chance.random() < 0.6 else 0.25):.1f}" '
            f'fill="{colours[int(chance.integers(3))]}"/>'
            for column, row in spots
        )
    box = Box(cx - half, cy - half, side, side)
    sheet.draw(body, box, sheet.pop(at, sway=side * 0.012, turn=2.5), name=f"motif:abstract-{kind}")


def _satellites(sheet: Sheet, cx: float, cy: float, side: float, at: float) -> None:
    """Small dots and rings that circle slowly about an emblem."""
    tone = sheet.tone
    for place in range(3):
        angle = sheet.rng.uniform(0, 2 * math.pi)
        radius = side * sheet.rng.uniform(0.022, 0.05)
        x, y = cx + side * 0.49 * math.cos(angle), cy + side * 0.47 * math.sin(angle)
        colour = (tone.accent, tone.second, tone.fill)[place]
        size = 2 * radius + 4
        hollow = f'fill="none" stroke="{colour}" stroke-width="{radius * 0.45:.1f}"'
        paint = hollow if place == 1 else f'fill="{colour}"'
        svg = f'<circle cx="{size / 2:.1f}" cy="{size / 2:.1f}" r="{radius * 0.75:.1f}" {paint}/>'
        start = at + 5 * place
        motion = Motion(
            opacity=ramp(start, 0.4 * sheet.fps, 0, 1),
            scale=ramp(start, 0.7 * sheet.fps, 0.3, 1, "back"),
            sway=Sway(x=side * 0.03, y=side * 0.03, period=6.5 * sheet.fps, phase=float(sheet.rng.random())),
        )
        sheet.draw(svg, Box(x - size / 2, y - size / 2, size, size), motion, name="satellite")


def watermark(sheet: Sheet) -> None:
    """The scene's motif, huge and faint, running out of a lower corner as part of the backdrop."""
    if sheet.drawing is None:
        return
    tone, width, height = sheet.tone, sheet.size.width, sheet.size.height
    side = {"wide": 0.86 * height, "tall": 0.98 * width, "square": 0.80 * height}[sheet.shape]
    body = motif_svg(sheet.drawing, side, "none", "none", tone.mark, "none")
    x = -side * 0.20 if sheet.rtl else width - side * 0.80
    sheet.watermark = f'<g transform="translate({x:.1f} {height - side * 0.86:.1f})">{body}</g>'


def ornament(sheet: Sheet, box: Box, at: float) -> None:
    """A small cluster of circles in the lower right corner, where headlines seldom reach."""
    tone, u = sheet.tone, sheet.unit
    free = [place for place in sheet.texts if place.meets(Box(box.right - 16 * u, box.bottom - 16 * u, 16 * u, 16 * u))]
    if free:
        return
    spots = ((11, 5, 4.6, tone.second), (4.5, 11, 2.8, tone.accent), (12.5, 12.5, 1.7, tone.fill))
    for place, (x, y, radius, colour) in enumerate(spots):
        r = radius * u
        paint = f'fill="none" stroke="{colour}" stroke-width="{0.8 * u:.1f}"' if place == 0 else f'fill="{colour}"'
        svg = f'<circle cx="{r:.1f}" cy="{r:.1f}" r="{r - u * 0.5:.1f}" {paint}/>'
        corner = Box(box.right - 16 * u + x * u - r, box.bottom - 16 * u + y * u - r, 2 * r, 2 * r)
        sheet.draw(svg, corner, sheet.pop(at + 6 * place, sway=1.1 * u), name="ornament")


def card(sheet: Sheet, box: Box, at: float, fill: str | None = None, edge: str | None = None) -> None:
    """A rounded surface for text; `edge` colours its left rim."""
    u, colour = sheet.unit, fill or sheet.tone.card
    radius = 2.2 * u
    svg = f'<rect width="{box.width:.1f}" height="{box.height:.1f}" rx="{radius:.1f}" fill="{colour}"/>'
    if edge:
        svg += (
            f'<rect x="{1.6 * u:.1f}" y="{2 * u:.1f}" width="{0.8 * u:.1f}" height="{box.height - 4 * u:.1f}" '
            f'rx="{0.4 * u:.1f}" fill="{edge}"/>'
        )
    sheet.draw(svg, box, sheet.rise(at), name="card")


def disc(sheet: Sheet, cx: float, cy: float, radius: float, at: float, fill: str) -> None:
    """A filled circle that pops in."""
    svg = f'<circle cx="{radius:.1f}" cy="{radius:.1f}" r="{radius - 1:.1f}" fill="{fill}"/>'
    sheet.draw(svg, Box(cx - radius, cy - radius, 2 * radius, 2 * radius), sheet.pop(at), name="disc")


def first_lines(sheet: Sheet, most: int, what: str) -> tuple[str, ...]:
    """The scene's lines, as many as fit; of those left out the sheet takes note, as of so many `what`."""
    lines = tuple(line for line in sheet.scene.lines if line.strip())
    if len(lines) > most:
        sheet.notes.append(f"{len(lines)} {what} do not fit in one scene; the first {most} are shown.")
    return lines[:most]


def first_figures(sheet: Sheet, most: int, what: str) -> tuple[Figure, ...]:
    """The scene's figures, as many as fit; of those left out the sheet takes note, as of so many `what`."""
    figures = sheet.scene.figures
    if len(figures) > most:
        sheet.notes.append(f"{len(figures)} {what} do not fit in one scene; the first {most} are shown.")
    return figures[:most]

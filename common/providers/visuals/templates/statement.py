"""Statement scenes: one sentence that carries the scene, and what supports it."""

from common.media.layout import Box
from common.providers.visuals.parts import (
    RULE,
    Part,
    emblem,
    ornament,
    split,
    stack,
    stand,
    supports,
    under,
    watermark,
)
from common.providers.visuals.sheet import EARLY, Sheet


def poster(sheet: Sheet) -> None:
    """The sentence as large as the picture allows, beside a bar; its last line in the accent colour."""
    watermark(sheet)
    u, box = sheet.unit, sheet.box
    few = sheet.weight > 1 and not sheet.scene.lines  # few words stand tall and narrow
    inner = Box(box.x + 6 * u, box.y, (box.width - 6 * u) * (0.66 if few else 1.0), box.height)
    parts = _parts(sheet, inner, 15 if few else 12.5, "accent")
    place = stack(sheet, inner, parts)
    bar = Box(box.x, place.y, 1.6 * u, place.height)
    svg = f'<rect width="{bar.width:.1f}" height="{bar.height:.1f}" rx="{bar.width / 2:.1f}" fill="{sheet.tone.fill}"/>'
    sheet.draw(svg, bar, sheet.slide(EARLY), name="rule")
    ornament(sheet, box, at=10)


def beside(sheet: Sheet) -> None:
    """The sentence left, a motif right."""
    words, picture = split(sheet, 0.64)
    stack(sheet, words, [*_parts(sheet, words, 10.5)], valign=under(sheet))
    emblem(sheet, picture, share=0.9)
    stand(sheet)


def centred(sheet: Sheet) -> None:
    """The sentence in the middle, between two rules that grow; few words stand under a motif."""
    u, box = sheet.unit, sheet.box
    if sheet.weight > 1 and not sheet.scene.lines:
        mark, words = box.rows((0.46, 0.54), 4 * u)
        emblem(sheet, mark)
        stack(sheet, words, _parts(sheet, words, 10.5, "accent"), align="centre", valign="top")
        stand(sheet)
        return
    watermark(sheet)
    inner = box.inset(box.width * (0.04 if sheet.shape == "tall" else 0.06), 5 * u)
    place = stack(sheet, inner, _parts(sheet, inner, 11), align="centre")
    middle = box.centre[0]
    for y, width in ((place.y - 5 * u, 16 * u), (place.bottom + 4 * u, 16 * u)):
        if box.y <= y <= box.bottom:
            sheet.rule(Box(middle - width / 2, y, width, 0.9 * u), RULE, sheet.tone.fill)
    ornament(sheet, box, at=10)


def opposite(sheet: Sheet) -> None:
    """A motif left, the sentence right."""
    words, picture = split(sheet, 0.62, flip=True)
    stack(sheet, words, _parts(sheet, words, 10.5, "accent"), valign=under(sheet))
    emblem(sheet, picture, share=0.9)
    stand(sheet)


def _parts(sheet: Sheet, words: Box, largest: float, last: str = "") -> list[Part]:
    tone = sheet.tone
    lines, subs, below = supports(sheet, words, 5.0, 2)
    room = Box(words.x, words.y, words.width, words.height - below)
    head = sheet.block(sheet.headline, room, sheet.look.display, largest * sheet.weight, max_lines=7)
    sheet.accent_last = last == "accent"
    parts: list[Part] = [(head, tone.ink, EARLY)]
    parts += [(sub, tone.muted, at) for sub, at in zip(subs, sheet.when((sheet.headline, *lines))[1:], strict=True)]
    return parts


VARIANTS = (poster, beside, centred, opposite)

"""Quote scenes: someone's words, and whose they are."""

from common.media.layout import Box
from common.media.text import Style
from common.providers.visuals.parts import Part, card, ornament, stack, watermark
from common.providers.visuals.sheet import EARLY, Sheet

_MARK = (
    "M0 100V58C0 26 14 8 42 0l6 14C32 20 24 30 24 46h22v54zM58 100V58C58 26 72 8 100 0l6 14C90 20 82 30 82 46h22v54z"
)


def plain(sheet: Sheet) -> None:
    """Large words beside a large mark."""
    watermark(sheet)
    u, box, tone = sheet.unit, sheet.box, sheet.tone
    size = 13 * u
    _mark(sheet, Box(box.x, box.y, size, size * 0.95), tone.fill)
    inner = Box(
        box.x, box.y + size + 3 * u, box.width * (0.94 if sheet.shape == "wide" else 1), box.height - size - 3 * u
    )
    stack(sheet, inner, _parts(sheet, inner, tone.ink, tone.accent), valign="top")
    ornament(sheet, box, at=10)


def framed(sheet: Sheet) -> None:
    """Words in the middle of a card, the mark on its edge."""
    watermark(sheet)
    u, box, tone = sheet.unit, sheet.box, sheet.tone
    frame = Box(box.x + 2 * u, box.y + 6 * u, box.width - 4 * u, box.height - 8 * u)
    card(sheet, frame, EARLY - 3)
    inner = frame.inset(8 * u, 8 * u)
    stack(sheet, inner, _parts(sheet, inner, tone.on_card, tone.accent_on_card), align="centre")
    size = 11 * u
    _mark(sheet, Box(box.centre[0] - size / 2, frame.y - size / 2, size, size * 0.95), tone.fill)


def _mark(sheet: Sheet, box: Box, fill: str) -> None:
    sheet.draw(f'<path transform="scale({box.width / 106:.4f})" d="{_MARK}" fill="{fill}"/>', box, sheet.pop(3), "mark")


def _parts(sheet: Sheet, box: Box, ink: str, accent: str) -> list[Part]:
    u, look = sheet.unit, sheet.look
    who = sheet.block(sheet.scene.attribution, Box(0, 0, box.width, 9 * u), look.text, 4.8, max_lines=2)
    room = Box(0, 0, box.width, box.height - (who.height + 9 * u if who.lines else 0))
    said = sheet.block(sheet.headline, room, Style(look.display.face, look.display.leading * 1.06), 9.5, max_lines=8)
    parts: list[Part] = [(said, ink, EARLY)]
    if who.lines:
        parts += [("rule", sheet.tone.fill, 0.6 * sheet.fps), (who, accent, 0.8 * sheet.fps)]
    return parts


VARIANTS = (plain, framed)

"""Step scenes: what to do, in order, along a path."""

from common.media.layout import Box
from common.providers.visuals.parts import Part, card, disc, stack, watermark
from common.providers.visuals.sheet import Sheet
from common.providers.visuals.templates.items import arrival, shown


def ladder(sheet: Sheet) -> None:
    """Numbered discs down a line, the heading above or beside."""
    _ladder(sheet, cards=False)


def cards(sheet: Sheet) -> None:
    """Numbered cards in a row that the scene walks along; stacked on pictures that are not wide."""
    lines = shown(sheet)
    if sheet.shape != "wide" or len(lines) > 4:
        _ladder(sheet, cards=True)
        return
    watermark(sheet)
    u, tone = sheet.unit, sheet.tone
    top, body = sheet.box.rows((0.27, 0.73), 5 * u)
    _heading(sheet, top, 8.5)
    for place, (line, box) in enumerate(zip(lines, body.columns((1.0,) * len(lines), 3 * u), strict=True)):
        at = arrival(sheet, place, len(lines))
        place_box = Box(box.x, box.y + 5 * u, box.width, box.height - 5 * u)
        card(sheet, place_box, at)
        disc(sheet, box.x + 8.5 * u, box.y + 5.5 * u, 5.5 * u, at + 4, tone.fill)
        number = Box(box.x + 3 * u, box.y, 11 * u, 11 * u)
        sheet.text(f"{place + 1}", number, sheet.look.display, tone.on_fill, 6, 3, at + 6, "centre", "middle")
        text = Box(box.x + 3 * u, place_box.y + 9 * u, box.width - 6 * u, place_box.height - 12 * u)
        sheet.text(line, text, sheet.look.text, tone.on_card, 5.6, 2.7, at + 7, valign="middle", bold=False)


def _ladder(sheet: Sheet, cards: bool) -> None:
    watermark(sheet)
    lines = shown(sheet)
    u, tone = sheet.unit, sheet.tone
    if sheet.shape == "wide":
        head, body = sheet.box.columns((0.40, 0.60), 6 * u)
    else:
        head, body = sheet.box.rows((0.25, 0.75), 4 * u)
    _heading(sheet, head, 10)
    rows = body.rows((1.0,) * len(lines), 2.2 * u)
    radius = min(5 * u, rows[0].height * 0.42)
    x = body.x + radius + 0.5 * u
    if len(lines) > 1:
        first, last = rows[0].centre[1], rows[-1].centre[1]
        rail = Box(x - 0.35 * u, first, 0.7 * u, last - first)
        svg = f'<rect width="{rail.width:.1f}" height="{rail.height:.1f}" fill="{tone.second}"/>'
        sheet.draw(svg, rail, sheet.rise(sheet.beat(0.1, 0.6)), name="rail")
    for place, (line, box) in enumerate(zip(lines, rows, strict=True)):
        at = arrival(sheet, place, len(lines))
        text = Box(x + radius + 3.5 * u, box.y, box.right - x - radius - 3.5 * u, box.height)
        if cards:
            card(sheet, text, at)
            text = text.inset(3 * u, 0.5 * u)
        disc(sheet, x, box.centre[1], radius, at, tone.fill)
        number = Box(x - radius, box.y, 2 * radius, box.height)
        sheet.text(
            f"{place + 1}", number, sheet.look.display, tone.on_fill, radius / u * 1.05, 2.5, at + 3, "centre", "middle"
        )
        colour = tone.on_card if cards else tone.ink
        sheet.text(line, text, sheet.look.text, colour, 5.6, 2.7, at + 4, valign="middle", bold=False)


def _heading(sheet: Sheet, box: Box, largest: float) -> None:
    u, tone = sheet.unit, sheet.tone
    room = Box(box.x, box.y, box.width, box.height - 5 * u)
    head = sheet.block(sheet.headline, room, sheet.look.display, largest, max_lines=6)
    parts: list[Part] = [(head, tone.ink, 0.02), ("rule", tone.fill, 0.06)]
    stack(sheet, box, parts, valign="middle" if box.height > 40 * u else "bottom")


VARIANTS = (ladder, cards)

"""Step scenes: what to do, in order, along a path."""

from common.media.layout import Box
from common.providers.visuals.parts import RULE, card, disc, heading, watermark
from common.providers.visuals.sheet import Sheet
from common.providers.visuals.templates.items import shown


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
    boxes = body.columns((1.0,) * len(lines), 3 * u)
    texts = [Box(box.x + 3 * u, box.y + 14 * u, box.width - 6 * u, box.height - 17 * u) for box in boxes]
    blocks = sheet.even(lines, texts, sheet.look.text, 5.8)
    for place, (box, at) in enumerate(zip(boxes, sheet.when(lines), strict=True)):
        place_box = Box(box.x, box.y + 5 * u, box.width, box.height - 5 * u)
        card(sheet, place_box, at)
        disc(sheet, box.x + 8.5 * u, box.y + 5.5 * u, 5.5 * u, at + 4, tone.fill)
        number = Box(box.x + 3 * u, box.y, 11 * u, 11 * u)
        sheet.text(f"{place + 1}", number, sheet.look.display, tone.on_fill, 6, 3, at + 5, "centre", "middle")
        sheet.write(blocks[place], texts[place], tone.on_card, at + 4, valign="middle", bold=False)


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
        sheet.draw(svg, rail, sheet.rise(RULE), name="rail")
    surfaces = [Box(x + radius + 3.5 * u, box.y, box.right - x - radius - 3.5 * u, box.height) for box in rows]
    texts = [box.inset(3 * u, 0.5 * u) if cards else box for box in surfaces]
    blocks = sheet.even(lines, texts, sheet.look.text, 5.8)
    for place, (box, at) in enumerate(zip(rows, sheet.when(lines), strict=True)):
        if cards:
            card(sheet, surfaces[place], at)
        disc(sheet, x, box.centre[1], radius, at, tone.fill)
        number = Box(x - radius, box.y, 2 * radius, box.height)
        sheet.text(
            f"{place + 1}", number, sheet.look.display, tone.on_fill, radius / u * 1.05, 2.5, at + 3, "centre", "middle"
        )
        colour = tone.on_card if cards else tone.ink
        sheet.write(blocks[place], texts[place], colour, at + 4, valign="middle", bold=False)


def _heading(sheet: Sheet, box: Box, largest: float) -> None:
    heading(sheet, box, largest, valign="middle" if box.height > 40 * sheet.unit else "bottom")


VARIANTS = (ladder, cards)

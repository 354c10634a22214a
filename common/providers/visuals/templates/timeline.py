"""Timeline scenes: dates along a line that grows as the scene goes on."""

from common.domain.plan import Figure
from common.media.layout import Box
from common.providers.visuals.parts import Part, card, disc, stack, watermark
from common.providers.visuals.sheet import Sheet
from common.providers.visuals.templates.items import arrival

_MOST = 5


def across(sheet: Sheet) -> None:
    """Dates from left to right; downwards on pictures that are not wide."""
    dates = _dates(sheet)
    if sheet.shape != "wide":
        _down(sheet, dates, cards=False)
        return
    watermark(sheet)
    u, tone = sheet.unit, sheet.tone
    top, body = sheet.box.rows((0.30, 0.70), 4 * u)
    _heading(sheet, top)
    y = body.y + body.height * 0.36
    sheet.rule(Box(body.x, y - 0.4 * u, body.width, 0.8 * u), sheet.beat(0.08, 0.5), tone.second)
    for place, (date, box) in enumerate(zip(dates, body.columns((1.0,) * len(dates), 4 * u), strict=True)):
        at = arrival(sheet, place, len(dates))
        disc(sheet, box.x + 2.2 * u, y, 2.2 * u, at, tone.fill)
        year = Box(box.x, body.y, box.width, y - body.y - 4.5 * u)
        sheet.text(date.value, year, sheet.look.display, tone.accent, 8.5, 3, at + 2, valign="bottom", max_lines=2)
        label = Box(box.x, y + 5 * u, box.width, body.bottom - y - 5 * u)
        sheet.text(date.label, label, sheet.look.text, tone.ink, 4.2, 2.7, at + 5, bold=False)


def down(sheet: Sheet) -> None:
    """Dates from top to bottom beside the heading, each on a card."""
    _down(sheet, _dates(sheet), cards=True)


def _down(sheet: Sheet, dates: tuple[Figure, ...], cards: bool) -> None:
    watermark(sheet)
    u, tone = sheet.unit, sheet.tone
    if sheet.shape == "wide":
        head, body = sheet.box.columns((0.36, 0.64), 6 * u)
    else:
        head, body = sheet.box.rows((0.24, 0.76), 4 * u)
    _heading(sheet, head)
    rows = body.rows((1.0,) * len(dates), 2.4 * u)
    x = body.x + 2 * u
    rail = Box(x - 0.35 * u, rows[0].centre[1], 0.7 * u, max(2.0, rows[-1].centre[1] - rows[0].centre[1]))
    svg = f'<rect width="{rail.width:.1f}" height="{rail.height:.1f}" fill="{tone.second}"/>'
    sheet.draw(svg, rail, sheet.rise(sheet.beat(0.1, 0.6)), name="rail")
    for place, (date, box) in enumerate(zip(dates, rows, strict=True)):
        at = arrival(sheet, place, len(dates))
        disc(sheet, x, box.centre[1], 2 * u, at, tone.fill)
        inner = Box(x + 5 * u, box.y, box.right - x - 5 * u, box.height)
        if cards:
            card(sheet, inner, at)
            inner = inner.inset(3 * u, 0.5 * u)
        year, label = inner.columns((0.27, 0.73) if sheet.shape == "wide" else (0.33, 0.67), 3 * u)
        first, second = (tone.accent_on_card, tone.on_card) if cards else (tone.accent, tone.ink)
        sheet.text(date.value, year, sheet.look.display, first, 7, 2.8, at + 3, valign="middle", max_lines=3)
        sheet.text(date.label, label, sheet.look.text, second, 4.2, 2.7, at + 5, valign="middle", bold=False)


def _dates(sheet: Sheet) -> tuple[Figure, ...]:
    """The dated events; lines of the form "1850 — what happened" serve where no figures are given."""
    dates = sheet.scene.figures
    if not dates:
        pairs = [line.replace(" – ", " — ").replace(": ", " — ", 1).partition(" — ") for line in sheet.scene.lines]
        dates = tuple(Figure(value=value, label=label) for value, _, label in pairs if value)
    if len(dates) > _MOST:
        sheet.notes.append(f"{len(dates)} dates do not fit in one scene; the first {_MOST} are shown.")
    return dates[:_MOST]


def _heading(sheet: Sheet, box: Box) -> None:
    u, tone = sheet.unit, sheet.tone
    room = Box(box.x, box.y, box.width, box.height - 5 * u)
    head = sheet.block(sheet.headline, room, sheet.look.display, 9, max_lines=6)
    parts: list[Part] = [(head, tone.ink, 0.02), ("rule", tone.fill, 0.06)]
    stack(sheet, box, parts, valign="middle" if box.height > 40 * u else "bottom")


VARIANTS = (across, down)

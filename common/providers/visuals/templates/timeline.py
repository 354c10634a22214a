"""Timeline scenes: dates along a line that grows as the scene goes on."""

from common.domain.plan import Figure
from common.media.layout import Box
from common.providers.visuals.parts import RULE, card, disc, heading, watermark
from common.providers.visuals.sheet import Sheet
from common.providers.visuals.templates.statistic import arrivals

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
    sheet.rule(Box(body.x, y - 0.4 * u, body.width, 0.8 * u), RULE, tone.second)
    boxes = body.columns((1.0,) * len(dates), 4 * u)
    years = [Box(box.x, body.y, box.width, y - body.y - 4.5 * u) for box in boxes]
    labels = [Box(box.x, y + 5 * u, box.width, body.bottom - y - 5 * u) for box in boxes]
    values = sheet.even([date.value for date in dates], years, sheet.look.display, 8.5)
    words = sheet.even([date.label for date in dates], labels, sheet.look.text, 4.8)
    for place, (box, at) in enumerate(zip(boxes, arrivals(sheet, dates), strict=True)):
        disc(sheet, box.x + 2.2 * u, y, 2.2 * u, at, tone.fill)
        sheet.write(values[place], years[place], tone.accent, at + 2, valign="bottom")
        sheet.write(words[place], labels[place], tone.ink, at + 4, bold=False)


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
    sheet.draw(svg, rail, sheet.rise(RULE), name="rail")
    surfaces = [Box(x + 5 * u, box.y, box.right - x - 5 * u, box.height) for box in rows]
    shares = (0.27, 0.73) if sheet.shape == "wide" else (0.33, 0.67)
    halves = [(box.inset(3 * u, 0.5 * u) if cards else box).columns(shares, 3 * u) for box in surfaces]
    values = sheet.even([date.value for date in dates], [year for year, _ in halves], sheet.look.display, 7)
    words = sheet.even([date.label for date in dates], [label for _, label in halves], sheet.look.text, 5.0)
    first, second = (tone.accent_on_card, tone.on_card) if cards else (tone.accent, tone.ink)
    for place, at in enumerate(arrivals(sheet, dates)):
        disc(sheet, x, rows[place].centre[1], 2 * u, at, tone.fill)
        if cards:
            card(sheet, surfaces[place], at)
        sheet.write(values[place], halves[place][0], first, at + 2, valign="middle")
        sheet.write(words[place], halves[place][1], second, at + 4, valign="middle", bold=False)


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
    heading(sheet, box, 9, valign="middle" if box.height > 40 * sheet.unit else "bottom")


VARIANTS = (across, down)

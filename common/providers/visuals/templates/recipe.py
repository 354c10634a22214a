"""Recipe scenes: what goes into it, with its amounts, beside what is done with it."""

from common.domain.plan import Figure
from common.media.layout import Box
from common.media.text import Style, width_of
from common.providers.visuals.parts import card, disc, first_figures, heading, watermark
from common.providers.visuals.sheet import Sheet
from common.providers.visuals.templates.items import shown

_MOST, _STEPS = 8, 5  # ingredients and steps of one scene


def larder(sheet: Sheet) -> None:
    """The ingredients on a card, the method right of them; below on pictures that are not wide."""
    _recipe(sheet, flip=False, filled=False)


def slate(sheet: Sheet) -> None:
    """The method left, the ingredients on a card in the accent colour."""
    _recipe(sheet, flip=True, filled=True)


def _recipe(sheet: Sheet, flip: bool, filled: bool) -> None:
    watermark(sheet)
    u = sheet.unit
    parts, steps = first_figures(sheet, _MOST, "ingredients"), shown(sheet, _STEPS)
    tall = sheet.shape == "tall"
    top, body = sheet.box.rows((0.16, 0.84) if tall else (0.2, 0.8), 4 * u)
    heading(sheet, top, 8.5, max_lines=2)
    most = {"wide": 8, "tall": 5, "square": 4}[sheet.shape] if steps else 4  # rows of one column
    across = 1 if len(parts) <= most else 2
    down = -(-len(parts) // across)
    height = (6 + down * (11 if not steps else 6.2 if tall else 7.4)) * u
    if not steps:
        larder, method = Box(body.x, body.y, body.width, min(body.height, height)), None
    elif sheet.shape == "wide":
        shares, gap = ((0.56, 0.44) if flip else (0.44, 0.56)), 6 * u
        sides = body.columns(shares, gap)
        larder, method = (sides[1], sides[0]) if flip else sides
        larder = Box(larder.x, larder.y, larder.width, min(larder.height, height))
    else:
        larder = Box(body.x, body.y, body.width, min(height, body.height * 0.5))
        method = Box(body.x, larder.bottom + 4 * u, body.width, body.bottom - larder.bottom - 4 * u)
    times = sheet.when([f"{part.value} {part.label}".strip() for part in parts] + list(steps))
    _larder(sheet, larder, parts, across, times[: len(parts)], filled)
    if method is not None:
        _method(sheet, method, steps, times[len(parts) :])


def _larder(
    sheet: Sheet, box: Box, parts: tuple[Figure, ...], across: int, times: tuple[float, ...], filled: bool
) -> None:
    u, tone, look = sheet.unit, sheet.tone, sheet.look
    surface, ink = (tone.fill, tone.on_fill) if filled else (tone.card, tone.on_card)
    amount = tone.on_fill if filled else tone.accent_on_card
    card(sheet, box, 0.0, fill=surface)
    columns = box.inset(4 * u, 3 * u).columns((1.0,) * across, 4 * u)
    down = -(-len(parts) // across)
    cells = [columns[at // down].rows((1.0,) * down, 1.2 * u)[at % down] for at in range(len(parts))]
    bare = not any(part.value for part in parts)
    strong = Style(look.label.face, look.text.leading)
    widest = max((width_of(part.value, strong, 4.6 * u, sheet.lang) for part in parts), default=0.0)
    share = 0.02 if bare else min(max(widest / cells[0].width, 0.25), 0.55)
    halves = [cell.columns((share, 1 - share), 2 * u) for cell in cells]
    values = sheet.even([part.value for part in parts], [left for left, _ in halves], strong, 5.8)
    size = min([block.size / u for block in values if block.lines], default=5.8)
    labels = sheet.even([part.label for part in parts], [right for _, right in halves], look.text, size)
    for place, at in enumerate(times):
        left, right = halves[place]
        if place % down:
            sheet.rule(Box(left.x, left.y - 0.72 * u, right.right - left.x, 0.24 * u), at, ink)
        sheet.write(values[place], left, amount, at, valign="middle", bold=False)
        sheet.write(labels[place], right, ink, at + 2, valign="middle", bold=False)


def _method(sheet: Sheet, box: Box, steps: tuple[str, ...], times: tuple[float, ...]) -> None:
    u, tone = sheet.unit, sheet.tone
    gap = 1.2 * u
    height = min(20 * u, (box.height - gap * (len(steps) - 1)) / len(steps))
    rows = [Box(box.x, box.y + place * (height + gap), box.width, height) for place in range(len(steps))]
    radius = min(4 * u, rows[0].height * 0.42)
    texts = [Box(row.x + 2 * radius + 3 * u, row.y, row.width - 2 * radius - 3 * u, row.height) for row in rows]
    blocks = sheet.even(steps, texts, sheet.look.text, 6.2)
    for place, at in enumerate(times):
        x, y = rows[place].x + radius, rows[place].centre[1]
        disc(sheet, x, y, radius, at, tone.fill)
        number = Box(x - radius, rows[place].y, 2 * radius, rows[place].height)
        size = radius / u * 1.05
        sheet.text(f"{place + 1}", number, sheet.look.display, tone.on_fill, size, 2.5, at + 2, "centre", "middle")
        sheet.write(blocks[place], texts[place], tone.ink, at + 3, valign="middle", bold=False)


VARIANTS = (larder, slate)

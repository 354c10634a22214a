"""List scenes: a heading and its items, arriving one after the other."""

from common.media.layout import Box
from common.providers.visuals.parts import Part, card, disc, emblem, motif, stack, watermark
from common.providers.visuals.sheet import Sheet
from common.providers.visuals.subjects import subject_of_text

_MOST = 6


def rows(sheet: Sheet) -> None:
    """Heading left, cards right; the heading above the cards on pictures that are not wide."""
    watermark(sheet)
    head, body = _halves(sheet)
    _heading(sheet, head)
    lines = shown(sheet)
    u, tone = sheet.unit, sheet.tone
    height = min(17 * u, (body.height - 2.6 * u * (len(lines) - 1)) / len(lines))
    total = height * len(lines) + 2.6 * u * (len(lines) - 1)
    y = body.y + (max(0.0, body.height - total) / 2 if sheet.shape == "wide" else 0.0)
    for place, line in enumerate(lines):
        at = arrival(sheet, place, len(lines))
        box = Box(body.x, y + place * (height + 2.6 * u), body.width, height)
        card(sheet, box, at, edge=(tone.fill, tone.second)[place % 2])
        text = Box(box.x + 5.5 * u, box.y + u, box.width - 8.5 * u, box.height - 2 * u)
        sheet.text(line, text, sheet.look.text, tone.on_card, 5.4, 2.7, at + 4, valign="middle", bold=False)


def tiles(sheet: Sheet) -> None:
    """Heading above, a tile with an icon per item."""
    lines = shown(sheet)
    u = sheet.unit
    top, body = sheet.box.rows((0.26, 0.74), 4 * u)
    _heading(sheet, top, largest=8.5)
    if sheet.shape == "wide":
        across = 2 if len(lines) in (2, 4) else min(3, len(lines))
    else:
        across = 2 if len(lines) == 4 else 1
    down = -(-len(lines) // across)
    bands = body.rows((1.0,) * down, 3 * u)
    names = _icons(lines)
    for place, line in enumerate(lines):
        row = place // across
        inside = min(across, len(lines) - row * across)
        box = bands[row].columns((1.0,) * (across if row == 0 else inside), 3 * u)[place % across]
        at = arrival(sheet, place, len(lines))
        card(sheet, box, at)
        _tile(sheet, line, names[place], box, place, at)


def _icons(lines: tuple[str, ...]) -> tuple[str | None, ...]:
    """A motif for each item, none twice."""
    names: list[str | None] = []
    for line in lines:
        name = subject_of_text(line)
        names.append(None if name in names else name)
    return tuple(names)


def _tile(sheet: Sheet, line: str, name: str | None, box: Box, place: int, at: float) -> None:
    u, tone = sheet.unit, sheet.tone
    flat = box.width > box.height * 1.55
    side = min(16 * u, box.height * (0.6 if flat else 0.42), box.width * (0.2 if flat else 0.4))
    mark = Box(box.x + 3 * u, box.y + (box.height - side) / 2 if flat else box.y + 3 * u, side, side)
    if name:
        motif(sheet, name, mark, at + 5)
    else:
        disc(sheet, *mark.centre, side * 0.42, at + 5, tone.fill)
        size = side * 0.42 / u
        sheet.text(f"{place + 1}", mark, sheet.look.display, tone.on_fill, size, 2.5, at + 7, "centre", "middle")
    if flat:
        text = Box(mark.right + 3 * u, box.y + u, box.right - mark.right - 5 * u, box.height - 2 * u)
    else:
        text = Box(box.x + 3 * u, mark.bottom + 2 * u, box.width - 6 * u, box.bottom - mark.bottom - 4.5 * u)
    sheet.text(
        line, text, sheet.look.text, tone.on_card, 5.8, 2.7, at + 7, valign="middle" if flat else "top", bold=False
    )


def numbered(sheet: Sheet) -> None:
    """Heading with the motif, and rows with large numerals parted by thin rules."""
    head, body = _halves(sheet, flip=True)
    if sheet.shape == "wide":
        picture, words = head.rows((0.5, 0.5), 3 * sheet.unit)
        emblem(sheet, picture, at=sheet.beat(0.08, 0.6))
        _heading(sheet, words, largest=8.5)
    else:
        _heading(sheet, head, largest=9)
    lines = shown(sheet)
    u, tone = sheet.unit, sheet.tone
    for place, (line, box) in enumerate(zip(lines, body.rows((1.0,) * len(lines), 0), strict=True)):
        at = arrival(sheet, place, len(lines))
        if place:
            sheet.rule(Box(box.x, box.y, box.width, 0.25 * u), at, tone.muted)
        number = Box(box.x, box.y + 1.5 * u, 10 * u, box.height - 3 * u)
        sheet.text(f"{place + 1}", number, sheet.look.display, tone.accent, 10, 4, at, valign="middle")
        text = Box(number.right + 2 * u, number.y, box.width - 12 * u, number.height)
        sheet.text(line, text, sheet.look.text, tone.ink, 5.6, 2.7, at + 4, valign="middle", bold=False)


def shown(sheet: Sheet, most: int = _MOST) -> tuple[str, ...]:
    """The items that are shown; more than `most` are noted."""
    lines = tuple(line for line in sheet.scene.lines if line.strip())
    if len(lines) > most:
        sheet.notes.append(f"{len(lines)} items do not fit in one scene; the first {most} are shown.")
    return lines[:most]


def arrival(sheet: Sheet, place: int, count: int, first: float = 0.14, last: float = 0.72) -> float:
    """When the item at a place comes in: spread over the scene, at most three seconds apart."""
    step = min((last - first) * sheet.scene.frames / max(count - 1, 1), 3.0 * sheet.fps)
    return sheet.beat(first, 1.0) + place * step


def _halves(sheet: Sheet, flip: bool = False) -> tuple[Box, Box]:
    """Room for the heading and for the items."""
    if sheet.shape == "wide":
        left, right = sheet.box.columns((0.44, 0.56) if not flip else (0.36, 0.64), 6 * sheet.unit)
        return left, right
    head, body = sheet.box.rows((0.27, 0.73), 4 * sheet.unit)
    return head, body


def _heading(sheet: Sheet, box: Box, largest: float = 10.0) -> None:
    u, tone = sheet.unit, sheet.tone
    room = Box(box.x, box.y, box.width, box.height - 5 * u)
    head = sheet.block(sheet.headline, room, sheet.look.display, largest, max_lines=6)
    parts: list[Part] = [(head, tone.ink, 0.02), ("rule", tone.fill, 0.06)]
    stack(sheet, box, parts, valign="middle" if sheet.shape == "wide" and box.height > 30 * u else "bottom")


VARIANTS = (rows, tiles, numbered)

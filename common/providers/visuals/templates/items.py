"""List scenes: a heading and its items, arriving one after the other."""

from common.media.layout import Box
from common.providers.visuals.parts import card, disc, emblem, first_lines, heading, motif, watermark
from common.providers.visuals.sheet import Sheet, Valign
from common.providers.visuals.subjects import subject_of_text

_MOST = 6


def rows(sheet: Sheet) -> None:
    """Heading left, cards right; the heading above the cards on pictures that are not wide."""
    watermark(sheet)
    head, body = _halves(sheet)
    _heading(sheet, head)
    lines = shown(sheet)
    u, tone = sheet.unit, sheet.tone
    height = min((17 if sheet.shape == "wide" else 21) * u, (body.height - 2.6 * u * (len(lines) - 1)) / len(lines))
    total = height * len(lines) + 2.6 * u * (len(lines) - 1)
    y = body.y + (max(0.0, body.height - total) / 2 if sheet.shape == "wide" else 0.0)
    boxes = [Box(body.x, y + place * (height + 2.6 * u), body.width, height) for place in range(len(lines))]
    texts = [Box(box.x + 5.5 * u, box.y + u, box.width - 8.5 * u, box.height - 2 * u) for box in boxes]
    blocks = sheet.even(lines, texts, sheet.look.text, 5.8)
    for place, at in enumerate(sheet.when(lines)):
        card(sheet, boxes[place], at, edge=(tone.fill, tone.second)[place % 2])
        sheet.write(blocks[place], texts[place], tone.on_card, at + 3, valign="middle", bold=False)


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
    boxes = []
    for place in range(len(lines)):
        row = place // across
        inside = min(across, len(lines) - row * across)
        boxes.append(bands[row].columns((1.0,) * (across if row == 0 else inside), 3 * u)[place % across])
    spots = [_tile(sheet, box) for box in boxes]
    blocks = sheet.even(lines, [text for _, text in spots], sheet.look.text, 5.8)
    for place, at in enumerate(sheet.when(lines)):
        mark, text = spots[place]
        card(sheet, boxes[place], at)
        _sign(sheet, names[place], place, mark, at + 3)
        where: Valign = "middle" if _flat(boxes[place]) else "top"
        sheet.write(blocks[place], text, sheet.tone.on_card, at + 4, valign=where, bold=False)


def _icons(lines: tuple[str, ...]) -> tuple[str | None, ...]:
    """A motif for each item, none twice."""
    names: list[str | None] = []
    for line in lines:
        name = subject_of_text(line)
        names.append(None if name in names else name)
    return tuple(names)


def _flat(box: Box) -> bool:
    """Whether a tile has its sign beside its words."""
    return box.width > box.height * 1.55


def _tile(sheet: Sheet, box: Box) -> tuple[Box, Box]:
    """Room for the sign and for the words of a tile."""
    u, flat = sheet.unit, _flat(box)
    side = min(16 * u, box.height * (0.6 if flat else 0.42), box.width * (0.2 if flat else 0.4))
    mark = Box(box.x + 3 * u, box.y + (box.height - side) / 2 if flat else box.y + 3 * u, side, side)
    if flat:
        return mark, Box(mark.right + 3 * u, box.y + u, box.right - mark.right - 5 * u, box.height - 2 * u)
    return mark, Box(box.x + 3 * u, mark.bottom + 2 * u, box.width - 6 * u, box.bottom - mark.bottom - 4.5 * u)


def _sign(sheet: Sheet, name: str | None, place: int, box: Box, at: float) -> None:
    """The motif of an item, or its number."""
    if name:
        motif(sheet, name, box, at)
        return
    disc(sheet, *box.centre, box.width * 0.42, at, sheet.tone.fill)
    size = box.width * 0.42 / sheet.unit
    colour = sheet.tone.on_fill
    sheet.text(f"{place + 1}", box, sheet.look.display, colour, size, 2.5, at + 2, "centre", "middle")


def numbered(sheet: Sheet) -> None:
    """Heading with the motif, and rows with large numerals parted by thin rules."""
    head, body = _halves(sheet, flip=True)
    if sheet.shape == "wide":
        picture, words = head.rows((0.5, 0.5), 3 * sheet.unit)
        emblem(sheet, picture)
        _heading(sheet, words, largest=8.5)
    else:
        _heading(sheet, head, largest=9)
    lines = shown(sheet)
    u, tone = sheet.unit, sheet.tone
    boxes = body.rows((1.0,) * len(lines), 0)
    texts = [Box(box.x + 12 * u, box.y + 1.5 * u, box.width - 12 * u, box.height - 3 * u) for box in boxes]
    blocks = sheet.even(lines, texts, sheet.look.text, 5.8)
    for place, (box, at) in enumerate(zip(boxes, sheet.when(lines), strict=True)):
        if place:
            sheet.rule(Box(box.x, box.y, box.width, 0.25 * u), at, tone.muted)
        number = Box(box.x, box.y + 1.5 * u, 10 * u, box.height - 3 * u)
        sheet.text(f"{place + 1}", number, sheet.look.display, tone.accent, 10, 4, at, valign="middle")
        sheet.write(blocks[place], texts[place], tone.ink, at + 3, valign="middle", bold=False)


def shown(sheet: Sheet, most: int = _MOST) -> tuple[str, ...]:
    """The items that are shown; more than `most` are noted."""
    return first_lines(sheet, most, "items")


def _halves(sheet: Sheet, flip: bool = False) -> tuple[Box, Box]:
    """Room for the heading and for the items."""
    if sheet.shape == "wide":
        left, right = sheet.box.columns((0.44, 0.56) if not flip else (0.36, 0.64), 6 * sheet.unit)
        return left, right
    head, body = sheet.box.rows((0.27, 0.73), 4 * sheet.unit)
    return head, body


def _heading(sheet: Sheet, box: Box, largest: float = 10.0) -> None:
    beside = sheet.shape == "wide" and box.height > 30 * sheet.unit
    heading(sheet, box, largest, valign="middle" if beside else "bottom")


VARIANTS = (rows, tiles, numbered)

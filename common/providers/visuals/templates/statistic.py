"""Statistic scenes: figures that count up, with a ring or a bar where they are a part of a whole."""

from collections.abc import Sequence

from common.domain.plan import Figure
from common.media.layout import Box
from common.media.motion import Motion, ramp
from common.providers.visuals.counting import count_up
from common.providers.visuals.parts import (
    RULE,
    Part,
    card,
    emblem,
    first_figures,
    heading,
    split,
    stack,
    stand,
    under,
    watermark,
)
from common.providers.visuals.sheet import EARLY, Sheet, Valign

_MOST = 4


def ring(sheet: Sheet) -> None:
    """One figure inside a ring that fills to its share, or beside the motif; several as cards."""
    figures = first_figures(sheet, _MOST, "figures")
    if len(figures) > 1:
        _cards(sheet, figures)
        return
    words, picture = split(sheet, 0.56, flip=True, above=0.46 if figures[0].share is not None else 0.38)
    figure = figures[0]
    if figure.share is None:
        emblem(sheet, picture)
        _figure(sheet, figure, words)
        return
    side = min(picture.width, picture.height)
    box = Box(picture.centre[0] - side / 2, picture.centre[1] - side / 2, side, side)
    _draw_ring(sheet, box, figure.share)
    inner = box.inset(side * 0.19, side * 0.30)
    at = 2.0
    count_up(sheet, figure.value, inner, sheet.look.display, sheet.tone.ink, 17, at, "centre")
    _words(sheet, words, figure)
    stand(sheet)


def bar(sheet: Sheet) -> None:
    """The figure as large as the picture allows, its share as a bar below; several as bars."""
    figures = first_figures(sheet, _MOST, "figures")
    if len(figures) > 1:
        (_bars if all(figure.share is not None for figure in figures) else _cards)(sheet, figures)
        return
    watermark(sheet)
    _figure(sheet, figures[0], sheet.box)


def _figure(sheet: Sheet, figure: Figure, box: Box) -> None:
    """Heading, huge figure, bar and label, one below the other."""
    u, tone = sheet.unit, sheet.tone
    has_bar = figure.share is not None
    head, number, rest = box.rows((0.24, 0.46, 0.30), 3 * u)
    name, label = _heading(sheet, figure), figure.label
    if label and not name and sheet.headline.startswith(label):  # what is said before the figure stands above it
        name, label = label, ""
    sheet.text(name, head, sheet.look.text, tone.muted, 5.8, 0, EARLY, valign="bottom", bold=False)
    at = 0.0  # a figure is not read through the words of the scene before
    count_up(sheet, figure.value, number, sheet.look.display, tone.accent, 36, at, "left")
    if has_bar:
        track = Box(rest.x, rest.y, rest.width, 2.6 * u)
        _bar(sheet, track, figure.share or 0.0, at + 6)
        rest = Box(rest.x, rest.y + 6 * u, rest.width, rest.height - 6 * u)
    sheet.text(label, rest, sheet.look.text, tone.ink, 6.0, 0, 0.5 * sheet.fps, bold=False)


def _cards(sheet: Sheet, figures: tuple[Figure, ...]) -> None:
    """A card per figure below the heading."""
    watermark(sheet)
    u, tone = sheet.unit, sheet.tone
    top, body = sheet.box.rows((0.26, 0.74), 4 * u)
    _head(sheet, top)
    if sheet.shape == "wide":
        boxes: tuple[Box, ...] = body.columns((1.0,) * len(figures), 3 * u)
    else:
        boxes = body.rows((1.0,) * len(figures), 3 * u)
    flat = boxes[0].width > 2.2 * boxes[0].height
    inner = [Box(box.x + 5 * u, box.y + 2 * u, box.width - 8 * u, box.height - 4 * u) for box in boxes]
    halves = [box.columns((0.46, 0.54), 3 * u) if flat else box.rows((0.55, 0.45), 1.5 * u) for box in inner]
    labels = sheet.even([figure.label for figure in figures], [label for _, label in halves], sheet.look.text, 5.2)
    where: Valign = "middle" if flat else "top"
    for place, (figure, at) in enumerate(zip(figures, arrivals(sheet, figures), strict=True)):
        number, label = halves[place]
        card(sheet, boxes[place], at, edge=(tone.fill, tone.second)[place % 2])
        count_up(sheet, figure.value, number, sheet.look.display, tone.accent_on_card, 17, at + 2, "left")
        sheet.write(labels[place], label, tone.on_card, at + 4, valign=where, bold=False)


def _bars(sheet: Sheet, figures: tuple[Figure, ...]) -> None:
    """Shares as horizontal bars, label above, figure at the end."""
    watermark(sheet)
    u, tone = sheet.unit, sheet.tone
    top, body = sheet.box.rows((0.28, 0.72), 4 * u)
    _head(sheet, top)
    rows = body.rows((1.0,) * len(figures), 2.5 * u)
    for figure, box, at in zip(figures, rows, arrivals(sheet, figures), strict=True):
        words, track = box.rows((0.62, 0.38), 1 * u)
        label, number = words.columns((0.72, 0.28), 2 * u)
        sheet.text(figure.label, label, sheet.look.text, tone.ink, 5.0, 0, at, valign="bottom", bold=False)
        count_up(sheet, figure.value, number, sheet.look.display, tone.accent, 8, at + 3, "right")
        height = min(4 * u, track.height)
        _bar(sheet, Box(track.x, track.y, track.width, height), figure.share or 0.0, at + 4)


def _bar(sheet: Sheet, box: Box, share: float, at: float) -> None:
    tone, radius = sheet.tone, box.height / 2
    under = f'<rect width="{box.width:.1f}" height="{box.height:.1f}" rx="{radius:.1f}" fill="{tone.card}"/>'
    sheet.draw(under, box, sheet.grow(at - 4, 0.6), name="track")
    long = max(box.height, box.width * share)
    over = f'<rect width="{long:.1f}" height="{box.height:.1f}" rx="{radius:.1f}" fill="{tone.fill}"/>'
    sheet.draw(over, Box(box.x, box.y, long, box.height), sheet.grow(at, 1.4), name="bar")


def _draw_ring(sheet: Sheet, box: Box, share: float) -> None:
    tone, side = sheet.tone, box.width
    width, radius = side * 0.095, side * 0.43
    circle = f'<circle cx="{side / 2:.1f}" cy="{side / 2:.1f}" r="{radius:.1f}" fill="none" stroke-width="{width:.1f}"'
    sheet.draw(f'{circle} stroke="{tone.card}"/>', box, sheet.pop(2), name="track")
    at = 4.0
    sweep = Motion(sweep=ramp(at, 1.5 * sheet.fps, 0, share, "in_out"), opacity=ramp(at, 4, 0, 1))
    sheet.draw(f'{circle} stroke="{tone.fill}"/>', box, sweep, name="ring")


def _head(sheet: Sheet, box: Box) -> None:
    heading(sheet, box, 8.5, max_lines=3)


def _words(sheet: Sheet, box: Box, figure: Figure) -> None:
    """What a figure counts, large, under the name of the scene."""
    u, tone, name = sheet.unit, sheet.tone, _heading(sheet, figure)
    over = sheet.block(name if figure.label else "", Box(0, 0, box.width, box.height * 0.3), sheet.look.text, 5.4)
    room = Box(0, 0, box.width, box.height - over.height - 9 * u)
    head = sheet.block(figure.label or sheet.headline, room, sheet.look.display, 9.5, max_lines=6)
    parts: list[Part] = [(over, tone.muted, EARLY), (head, tone.ink, 0.0), ("rule", tone.fill, RULE)]
    stack(sheet, box, parts, valign=under(sheet))


def _heading(sheet: Sheet, figure: Figure) -> str:
    """The name of the scene, unless it only says again what the figure and its label show."""
    told = sheet.headline == figure.label or (figure.label and _number(figure.value) in sheet.headline)
    return "" if told else sheet.headline


def _number(value: str) -> str:
    """The part of a figure that sentences name alike: "73%" for "73 %"."""
    return value.split()[0] if value.split() else value


def arrivals(sheet: Sheet, figures: Sequence[Figure]) -> tuple[float, ...]:
    """The frames at which figures come in: as they, with what they count, are said."""
    return sheet.when([f"{figure.value} {figure.label}" for figure in figures])


VARIANTS = (ring, bar)

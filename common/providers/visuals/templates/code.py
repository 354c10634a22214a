"""Code scenes: lines in a monospace face on a card, tinted by what they mean, coming in one by one."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from common.media.composition import Sprite
from common.media.fonts import clusters, face
from common.media.layout import Box
from common.media.text import ELLIPSIS, Block, Style, width_of
from common.media.text_svg import line_svg
from common.providers.visuals.parts import card, heading
from common.providers.visuals.sheet import EARLY, Sheet
from common.providers.visuals.syntax import Role, Span, rows, tinted

_STYLE = Style(face("JetBrains Mono", 500), 1.5)
_LARGEST = 5.2
_STEP = 0.94


def above(sheet: Sheet) -> None:
    """The heading above the code."""
    if not sheet.headline:
        _editor(sheet, sheet.box)
        return
    top, body = sheet.box.rows((0.2, 0.8), 4 * sheet.unit)
    heading(sheet, top, 8.0, max_lines=2)
    _editor(sheet, body)


def beside(sheet: Sheet) -> None:
    """The heading beside the code; above it on pictures that are not wide."""
    if sheet.shape != "wide" or not sheet.headline:
        above(sheet)
        return
    head, body = sheet.box.columns((0.31, 0.69), 5 * sheet.unit)
    heading(sheet, head, 9.0, valign="middle")
    _editor(sheet, body)


def _editor(sheet: Sheet, box: Box) -> None:
    """The card of an editor, as high as the code in it."""
    u, tone = sheet.unit, sheet.tone
    lines = list(sheet.scene.lines)
    bar = 7 * u
    inner = Box(box.x + 4 * u, box.y + bar, box.width - 8 * u, box.height - bar - 4 * u)
    size, found = _fitted(sheet, tinted(lines, sheet.scene.syntax), inner)
    pitch = size * _STYLE.leading
    count = sum(len(line) for line in found)
    spare = inner.height - count * pitch
    y = box.y + (spare / 2 if sheet.shape == "wide" else 0.0)
    card(sheet, Box(box.x, y, box.width, box.height - spare), EARLY, fill=tone.screen)
    dots = "".join(
        f'<circle cx="{(1.2 + 3.4 * place) * u:.1f}" cy="{1.2 * u:.1f}" r="{1.1 * u:.1f}" fill="{colour}"/>'
        for place, colour in enumerate((tone.accent_on_screen, tone.second_on_screen, tone.muted_on_screen))
    )
    sheet.draw(dots, Box(inner.x, y + 2.4 * u, 9.4 * u, 2.4 * u), sheet.rise(EARLY + 3), name="dots")
    top = y + bar
    for line, at in zip(found, sheet.when(lines), strict=False):
        for row in line:
            _row(sheet, row, size, Box(inner.x, top, inner.width, pitch), at)
            top += pitch


def _fitted(sheet: Sheet, lines: Sequence[Sequence[Span]], box: Box) -> tuple[float, list[list[list[Span]]]]:
    """The size and the rows of every line that fill a box best; what does not fit at the smallest size is noted."""
    size, least = _LARGEST * sheet.unit, sheet.least * sheet.unit
    while True:
        found = [rows(line, box.width / size, _STYLE, sheet.lang) for line in lines]
        whole = all(len(line) == 1 for line in found)
        fits = sum(map(len, found)) * size * _STYLE.leading <= box.height + 0.01
        if (fits and whole) or size <= least:
            break
        size = max(size * _STEP, least)
    most = max(1, int((box.height + 0.01) / (size * _STYLE.leading)))
    if sum(map(len, found)) > most:
        sheet.notes.append(f"{len(lines)} lines of code do not fit in one scene; the first rows are shown.")
        kept: list[list[list[Span]]] = []
        for line in found:
            kept.append(line[: most - sum(map(len, kept))])
        last = next(line for line in reversed(kept) if line)
        last[-1] = [Span(ELLIPSIS, "comment")]
        found = kept
    return size, found


def _row(sheet: Sheet, row: Sequence[Span], size: float, box: Box, at: float) -> None:
    """One row, a run of each colour after the other."""
    tone, pad = sheet.tone, size * 0.25
    colours: dict[Role, str] = {
        "plain": tone.on_screen,
        "comment": tone.muted_on_screen,
        "word": tone.accent_on_screen,
        "value": tone.second_on_screen,
    }
    baseline = (box.height - size) / 2 + size * 0.8 + pad
    x, svg, fonts = pad, "", dict.fromkeys((_STYLE.face.key,))
    for text, role in ((text, role) for span, role in row for text in _apart(span)):
        width = width_of(text, _STYLE, size, sheet.lang)
        drawn, keys = line_svg(Block((text,), size, _STYLE, sheet.lang, width), 0, x, baseline, colours[role])
        svg, x = svg + drawn, x + width
        fonts |= dict.fromkeys(keys)
    if not svg:
        return
    sheet.layers.append(
        Sprite(
            name="text", svg=svg, fonts=tuple(fonts), x=box.x - pad, y=box.y - pad,
            width=x + pad, height=box.height + 2 * pad, motion=sheet.rise(at, size * 0.5),
        )
    )  # fmt: skip
    sheet.texts.append(Box(box.x, box.y, x - pad, box.height))


def _apart(text: str) -> Iterator[str]:
    """Words with their spaces, and every other sign alone, so that no ligature makes another sign of two."""
    for wordy, signs in groupby(clusters(text), key=lambda sign: re.match(r"[\w\s]", sign) is not None):
        if wordy:
            yield "".join(signs)
        else:
            yield from signs


VARIANTS = (above, beside)

"""Figures that count up: the number in a text runs from nothing to its value in a few drawn stages."""

import re

from common.media.composition import Sprite
from common.media.layout import Box
from common.media.motion import Motion, ramp
from common.media.text import Style, width_of
from common.media.text_svg import line_svg
from common.providers.visuals.sheet import Align, Sheet

_NUMBER = re.compile(r"\d+(?:[\u202f\u00a0 ,.']\d{3})*(?:[.,]\d+)?")
_STAGES = 12


def stages(value: str, count: int = _STAGES) -> tuple[str, ...]:
    """What a figure reads as on its way up, the value itself last; one stage when it holds no number to count."""
    found = _NUMBER.search(value)
    if not found:
        return (value,)
    digits = found.group()
    decimal = re.search(r"[.,](\d{1,2}|\d{4,})$", digits)
    whole = digits[: decimal.start()] if decimal else digits
    target = int(re.sub(r"\D", "", whole))
    separator = re.sub(r"\d", "", whole)[:1]
    if target < 3 or _is_year(value, target):
        return (value,)
    texts = []
    for stage in range(1, count):
        part = stage / count
        now = round(target * (1 - (1 - part) ** 3))
        shown = f"{now:,}".replace(",", separator) if separator else str(now)
        if decimal:
            shown += decimal.group()[0] + "0" * len(decimal.group(1))
        texts.append(value[: found.start()] + shown + value[found.end() :])
    return (*dict.fromkeys(texts), value)


def _is_year(value: str, target: int) -> bool:
    return value.strip() == str(target) and 1000 <= target <= 2100


def count_up(
    sheet: Sheet, value: str, box: Box, style: Style, fill: str, largest: float, at: float, align: Align
) -> None:
    """Show a figure counting up in the vertical middle of a box, as large as fits without breaking a word of it."""
    widest = max((width_of(word, style, sheet.unit, sheet.lang) for word in value.split()), default=0.0)
    largest = min(largest, 0.99 * box.width / widest) if widest else largest
    block = sheet.block(value, box, style, largest, 3.0, max_lines=2)
    if len(block.lines) != 1:  # a figure of many words is text
        sheet.write(block, box, fill, at, align, "middle")
        return
    texts = stages(block.lines[0])
    step = 1.1 * sheet.fps / len(texts)
    pad, width, height = block.size * 0.25, block.width, block.line_height
    room = max(width, *(width_of(text, style, block.size, sheet.lang) for text in texts))
    offset = {"left": 0.0, "centre": (box.width - width) / 2, "right": box.width - width}[align]
    y = box.y + (box.height - height) / 2
    for place, text in enumerate(texts):
        now = width_of(text, style, block.size, sheet.lang)
        x = box.x + offset + {"left": 0.0, "centre": (width - now) / 2, "right": width - now}[align]
        stage = type(block)((text,), block.size, style, sheet.lang, now)
        svg, fonts = line_svg(stage, 0, pad, (height - block.size) / 2 + block.size * 0.8 + pad, fill)
        last = place == len(texts) - 1
        sheet.layers.append(
            Sprite(
                name="figure", svg=svg, fonts=fonts, x=x - pad, y=y - pad,
                width=room + 2 * pad, height=height + 2 * pad,
                first=at + place * step if place else None, last=None if last else at + (place + 1) * step,
                motion=Motion(opacity=ramp(at, 0.3 * sheet.fps, 0, 1)) if len(texts) > 1 else sheet.slide(at),
            )
        )  # fmt: skip
    sheet.texts.append(Box(box.x + offset, y, width, height))

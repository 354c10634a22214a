"""Where things may stand in a picture: margins, the zone of the captions, and boxes to divide."""

from __future__ import annotations

from dataclasses import dataclass

from common.domain.frame import Size
from common.domain.platforms import Platform, margins


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower edge."""
        return self.y + self.height

    @property
    def centre(self) -> tuple[float, float]:
        """The point in its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def inset(self, across: float, down: float) -> Box:
        """The box without a margin on each side."""
        return Box(self.x + across, self.y + down, self.width - 2 * across, self.height - 2 * down)

    def columns(self, shares: tuple[float, ...], gap: float) -> tuple[Box, ...]:
        """Boxes side by side in proportion to `shares`, `gap` pixels apart."""
        free = self.width - gap * (len(shares) - 1)
        boxes, x = [], self.x
        for share in shares:
            width = free * share / sum(shares)
            boxes.append(Box(x, self.y, width, self.height))
            x += width + gap
        return tuple(boxes)

    def rows(self, shares: tuple[float, ...], gap: float) -> tuple[Box, ...]:
        """Boxes one below the other in proportion to `shares`, `gap` pixels apart."""
        free = self.height - gap * (len(shares) - 1)
        boxes, y = [], self.y
        for share in shares:
            height = free * share / sum(shares)
            boxes.append(Box(self.x, y, self.width, height))
            y += height + gap
        return tuple(boxes)

    def holds(self, other: Box, slack: float = 0.5) -> bool:
        """Whether the other box lies inside, give or take `slack` pixels."""
        return (
            other.x >= self.x - slack
            and other.y >= self.y - slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def meets(self, other: Box) -> bool:
        """Whether the two boxes share any area."""
        across = min(self.right, other.right) - max(self.x, other.x)
        down = min(self.bottom, other.bottom) - max(self.y, other.y)
        return across > 0.5 and down > 0.5


def shape(size: Size) -> str:
    """`wide`, `tall` or `square`: which arrangement suits the picture (4:5 counts as square)."""
    ratio = size.width / size.height
    return "wide" if ratio > 1.3 else "tall" if ratio < 0.7 else "square"


def caption_box(size: Size, platform: Platform | None = None) -> Box:
    """The zone where captions are burned; scenes keep it free of text."""
    width, height = size.width, size.height
    if shape(size) != "tall":
        return Box(width * 0.10, height * 0.81, width * 0.80, height * 0.135)
    if platform is None:
        return Box(width * 0.08, height * 0.70, width * 0.80, height * 0.112)
    free = clear_box(size, platform)
    return Box(free.x, free.bottom - height * 0.112, free.width, height * 0.112)


def safe_box(size: Size, platform: Platform | None = None, logo: bool = False) -> Box:
    """Where scenes may write: inside the margins, above the captions, clear of what phone apps draw over a video.

    A scene with a logo in its corner writes below that.
    """
    width, height = size.width, size.height
    if shape(size) == "tall":
        box = Box(width * 0.08, height * 0.09, width * 0.80, height * 0.59)
    elif shape(size) == "wide":
        box = Box(width * 0.07, height * 0.10, width * 0.86, height * 0.69)
    else:
        box = Box(width * 0.08, height * 0.08, width * 0.84, height * 0.71)
    if shape(size) == "tall" and platform is not None:
        free = clear_box(size, platform)
        box = Box(free.x, free.y, free.width, caption_box(size, platform).y - 0.02 * height - free.y)
    top = max(box.y, logo_box(size, platform).bottom + 0.01 * height) if logo else box.y
    return Box(box.x, top, box.width, box.bottom - top)


def clear_box(size: Size, platform: Platform | None) -> Box:
    """What a platform leaves clear of the picture, in pixels; the graphics safe area where none is named."""
    free = margins(platform, shape(size) == "tall")
    x, y = free.left * size.width, free.top * size.height
    return Box(x, y, size.width * (1 - free.right) - x, size.height * (1 - free.bottom) - y)


def logo_box(size: Size, platform: Platform | None = None) -> Box:
    """The corner at the upper right that a logo fits into."""
    margin = 0.04 * min(size.width, size.height)
    width, height = 0.16 * size.width, 0.07 * size.height
    if platform is None or shape(size) != "tall":
        return Box(size.width - margin - width, margin, width, height)
    free, height = clear_box(size, platform), 0.045 * size.height
    return Box(free.right - width, free.y, width, height)

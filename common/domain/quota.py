"""How many times something may happen within so many seconds: a sliding window, kept as two counts.

The counts of the current and of the last window stand for every moment between: of the last one as much counts as it
still overlaps the `seconds` before now, as if it had come evenly. So a quota cannot be used up twice around the edge of
two windows, and a key costs three numbers, not one for each request. What is refused does not count: whoever asks too
often still gets its quota.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """What is known of one key: the window it was last used in, and how often in that one and the one before."""

    number: int = 0
    count: int = 0
    before: int = 0


@dataclass(frozen=True)
class Taken:
    """Whether one more was within the quota, how many are left, and the seconds until there are more."""

    granted: bool
    left: int
    seconds: int


def take(window: Window, now: float, *, most: int, seconds: int) -> tuple[Window, Taken]:
    """The window after one more was asked for, and the verdict."""
    number, into = divmod(now, seconds)
    current = advance(window, int(number))
    granted = overlapping(current, into / seconds) + 1 <= most
    if granted:
        current = Window(current.number, current.count + 1, current.before)
    return current, judge(current, into, granted=granted, most=most, seconds=seconds)


def advance(window: Window, number: int) -> Window:
    """The window as it stands in window `number`; an older number, of a clock that is behind, changes nothing."""
    if number <= window.number:
        return window
    return Window(number, 0, window.count if number == window.number + 1 else 0)


def overlapping(window: Window, share: float) -> float:
    """How much happened within the last `seconds`, when this share of the current window is over."""
    return window.before * (1 - share) + window.count


def judge(window: Window, into: float, *, granted: bool, most: int, seconds: int) -> Taken:
    """What to tell of a verdict, `into` seconds into the current window."""
    left = max(0, math.floor(most - overlapping(window, into / seconds)))
    if left:
        return Taken(granted, left, max(1, math.ceil(seconds - into)))
    # The next one fits once so much of the last window, or then of this one, lies back far enough.
    if window.count < most and window.before:
        at = seconds * (1 - (most - 1 - window.count) / window.before)
    else:
        at = seconds + seconds / most
    return Taken(granted, 0, max(1, math.ceil(at - into)))

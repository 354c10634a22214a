"""What the caption shows, frame by frame: cues with the spoken word lit up. Pure."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from common.domain.model import Model
from common.domain.plan import CaptionStyle
from common.media.captions import Cue


class Event(Model):
    """Lines of words on screen from frame `first` up to `end`; `lit` is the spoken word's number, or -1."""

    first: int
    end: int
    lines: tuple[tuple[str, ...], ...]
    lit: int = -1


def events_of(cue: Cue, style: CaptionStyle = "words") -> Iterator[Event]:
    """One event for each word of a cue that lights up; a single one where none does, none where captions are `off`."""
    if style == "off":
        return
    lines = tuple(tuple(word.text for word in line) for line in cue.lines)
    if style != "words":
        yield Event(first=cue.first, end=cue.end, lines=lines)
        return
    words = cue.words
    edges = [cue.first, *(word.first for word in words[1:]), cue.end]
    for lit, (first, end) in enumerate(pairwise(edges)):
        if end > first:
            yield Event(first=first, end=end, lines=lines, lit=lit)


def events_within(cues: Sequence[Cue], start: int, end: int, style: CaptionStyle = "words") -> tuple[Event, ...]:
    """What shows in frames `start` to `end`, counted from `start`."""
    return tuple(
        event.model_copy(update={"first": max(event.first, start) - start, "end": min(event.end, end) - start})
        for cue in cues
        if cue.first < end and cue.end > start
        for event in events_of(cue, style)
        if event.first < end and event.end > start
    )

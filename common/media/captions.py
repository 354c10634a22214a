"""Spoken words to cues: a few words at a time, in at most two lines, on screen exactly while they are said.

Pure. Times are frames of the whole video. Cues follow each other without overlap; every format is made from them.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise

from common.domain.model import Model
from common.domain.pacing import LEAD_IN
from common.domain.plan import Plan
from common.domain.speech import Narration

MOST_WORDS = 5
MOST_WIDE_SIGNS = 12  # of a script that is written without spaces
NARROW = 6  # tenths of an em that a narrow sign takes on average
_CLOSE_GAP_SECONDS = 0.3  # a caption that vanishes for so short a time flickers
_PAUSE_SECONDS = 0.5  # a pause this long ends a cue, as a full stop does
_SMALL_WORD = 3
_FULL_STOPS = ".!?…。！？؟"
_CLAUSE_MARKS = ",;:—–、，；：،؛"
_CLOSING = "\"'”’»)]}」』）"


class CueWord(Model):
    """A word, or a piece of one; `text` starts with a space unless it joins the piece before it."""

    text: str
    first: int
    end: int


class Cue(Model):
    """What is read at once, from frame `first` up to `end`."""

    scene: str
    first: int
    end: int
    lines: tuple[tuple[CueWord, ...], ...]

    @property
    def words(self) -> tuple[CueWord, ...]:
        """The words of all lines, in order."""
        return tuple(word for line in self.lines for word in line)

    def text(self, between: str = "\n") -> str:
        """The lines as they are read."""
        return between.join("".join(word.text for word in line).strip() for line in self.lines)


def cues_of(plan: Plan, narrations: Mapping[str, Narration], columns: int) -> tuple[Cue, ...]:
    """Cues of the whole video. A line holds `columns` narrow signs, or as many wide ones as are no wider."""
    cues: list[Cue] = []
    room = columns * NARROW
    for scene, start in zip(plan.scenes, plan.starts(), strict=True):
        if scene.id in narrations:
            words = list(_timed(narrations[scene.id], start, plan.fps, room))
            for phrase in _phrases(words, round(_PAUSE_SECONDS * plan.fps)):
                cues += [
                    Cue(scene=scene.id, first=group[0].first, end=group[-1].end, lines=_lines(group, room))
                    for group in _groups(phrase, room)
                ]
    return tuple(_in_order(cues, plan.frames, round(_CLOSE_GAP_SECONDS * plan.fps)))


def width_of(text: str) -> int:
    """Width of bold type in tenths of an em, near enough: a wide sign is square, a mark adds nothing to its letter."""
    return sum(
        0 if unicodedata.combining(sign) else 10 if unicodedata.east_asian_width(sign) in "WF" else NARROW
        for sign in text
    )


def written_without_spaces(text: str) -> bool:
    """Whether the text's script runs words together: Chinese and Japanese, and Thai."""
    return any(
        "\u3000" <= sign <= "\u9fff" or "\u0e00" <= sign <= "\u0e7f" or "\uff00" <= sign <= "\uffef" for sign in text
    ) or any(sign >= "\U00020000" for sign in text)


def _timed(narration: Narration, scene_start: int, fps: int, room: int) -> Iterator[CueWord]:
    """Words in frames of the video; those too long for a line in pieces that share their time."""
    previous = ""
    for word in narration.words:
        text = " ".join("".join(s for s in word.text if s.isspace() or s.isprintable() or s in "\u200c\u200d").split())
        if not text:
            continue
        first = scene_start + round((LEAD_IN + max(0.0, word.start)) * fps)
        end = max(first, scene_start + round((LEAD_IN + word.end) * fps))
        joins = not previous or (written_without_spaces(previous[-1]) and written_without_spaces(text[0]))
        pieces = _chop(text, min(room, 10 * MOST_WIDE_SIGNS) if written_without_spaces(text) else room)
        for index, piece in enumerate(pieces):
            yield CueWord(
                text=piece if joins or index else f" {piece}",
                first=first + (end - first) * index // len(pieces),
                end=first + (end - first) * (index + 1) // len(pieces),
            )
        previous = text


def _chop(text: str, room: int) -> list[str]:
    """The text in equal pieces no wider than a line, never inside a combined sign."""
    if width_of(text) <= room:
        return [text]
    even = -(-width_of(text) // -(-width_of(text) // room))
    pieces = [""]
    for sign in text:
        combines = unicodedata.combining(sign) or sign in "\u200d\ufe0f" or pieces[-1].endswith("\u200d")
        if not combines and width_of(pieces[-1] + sign) > min(room, even + NARROW):
            pieces.append("")
        pieces[-1] += sign
    return pieces


def _phrases(words: Sequence[CueWord], pause: int) -> Iterator[list[CueWord]]:
    """Runs of words that no full stop and no pause divides."""
    phrase: list[CueWord] = []
    for word in words:
        if phrase and (_ends_with(phrase[-1], _FULL_STOPS) or word.first - phrase[-1].end >= pause):
            yield phrase
            phrase = []
        phrase.append(word)
    if phrase:
        yield phrase


def _groups(phrase: Sequence[CueWord], room: int) -> list[Sequence[CueWord]]:
    """The phrase in the groups that read best: full but not too full, ending at a comma where there is one."""
    best: list[tuple[float, int]] = [(0.0, 0)]  # for each length of the phrase: cost, start of its last group
    for end in range(1, len(phrase) + 1):
        choices = []
        for start in range(end - 1, -1, -1):
            group = phrase[start:end]
            if end - start > 1 and not _fits(group, room):
                break
            choices.append((best[start][0] + _cost(group), start))
        best.append(min(choices))
    groups, end = [], len(phrase)
    while end:
        groups.append(phrase[best[end][1] : end])
        end = best[end][1]
    return groups[::-1]


def _load(word: CueWord) -> float:
    """How much of a cue a word takes; 1 for a cue that is full."""
    text = word.text.strip()
    return len(text) / MOST_WIDE_SIGNS if written_without_spaces(text) else 1 / MOST_WORDS


def _cost(group: Sequence[CueWord]) -> float:
    scarce = max(0.0, 0.6 - sum(_load(word) for word in group))
    small = len(group[-1].text.strip()) <= _SMALL_WORD and group[-1].text.isascii()  # "of", "the": reads on
    return 0.1 + 10 * scarce * scarce - (0.15 if _ends_with(group[-1], _CLAUSE_MARKS) else 0.0) + 0.05 * small


def _fits(group: Sequence[CueWord], room: int) -> bool:
    return sum(_load(word) for word in group) <= 1 + 1e-9 and _width(_lines(group, room)) <= room


def _lines(group: Sequence[CueWord], room: int) -> tuple[tuple[CueWord, ...], ...]:
    """One line where it fits, else the two that differ least in width."""
    whole = (_line(group),)
    if _width(whole) <= room or len(group) == 1:
        return whole
    return min(
        ((_line(group[:at]), _line(group[at:])) for at in range(1, len(group))),
        key=lambda lines: (_width(lines), len(lines[0])),
    )


def _line(words: Sequence[CueWord]) -> tuple[CueWord, ...]:
    """The words as a line of their own: no space before the first."""
    return (words[0].model_copy(update={"text": words[0].text.lstrip()}), *words[1:])


def _width(lines: Sequence[Sequence[CueWord]]) -> int:
    return max(width_of("".join(word.text for word in line)) for line in lines)


def _ends_with(word: CueWord, marks: str) -> bool:
    return word.text.rstrip(_CLOSING).endswith(tuple(marks))


def _in_order(cues: Sequence[Cue], frames: int, gap: int) -> Iterator[Cue]:
    """The cues one after another inside the video, each for a frame at least, short gaps closed."""
    placed, at = [], 0
    for cue in cues:
        first = max(at, cue.first)
        at = max(first + 1, cue.end)
        if first >= frames:
            break
        placed.append((cue, first, min(at, frames)))
    ends = [after if after - end < gap else end for (_, _, end), (_, after, _) in pairwise(placed)]
    for (cue, first, _), end in zip(placed, [*ends, *(last for _, _, last in placed[-1:])], strict=True):
        firsts = list(accumulate((min(max(first, word.first), end) for word in cue.words), max))
        limits = iter(zip(firsts, [*firsts[1:], end], strict=True))
        lines = tuple(
            tuple(
                word.model_copy(update={"first": from_, "end": max(from_, min(word.end, to))})
                for word, (from_, to) in zip(line, limits, strict=False)
            )
            for line in cue.lines
        )
        yield Cue(scene=cue.scene, first=first, end=end, lines=lines)

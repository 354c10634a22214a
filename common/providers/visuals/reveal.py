"""When the parts of a scene come in: just before they are said, reckoned from the scene's own text. Pure."""

import re
import unicodedata
from collections.abc import Sequence

from common.domain.pacing import LEAD_IN, TAIL, speech_seconds
from common.providers.visuals.subjects import plain

AHEAD = 0.6  # seconds a part comes in before it is said, so that it stands when it is
ENTRANCE = 0.9  # seconds an entrance takes at most
REST = 1.0  # seconds at the end of a scene in which nothing comes in any more
_FIRST = 0.15  # seconds after which the first part comes in, said or not: a scene does not wait empty
_STEP = 0.2  # seconds between two parts at least
_ENOUGH = 0.5  # share of a part's letters that must be heard together
_LOOSE = 0.02  # what another word between those of a part counts against it
_STEM = 5  # letters that tell a word from another; endings differ
_BRISK = 0.88  # voices read up to a third faster than reckoned: rather early than late
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W_\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+")


def reveals(narration: str, parts: Sequence[str], lang: str, seconds: float) -> tuple[float, ...]:
    """The second at which each part of a scene of `seconds` begins to come in, in order.

    A part that is not said comes between its neighbours; where none is said, they are spread evenly over the scene.
    The first comes in at once, so that no scene waits empty; the last has come in a second before the end, where there
    is room.
    """
    if not parts:
        return ()
    said = spoken_at(narration, parts, lang, seconds)
    last = max(0.0, seconds - REST - ENTRANCE)
    first = min(_FIRST, 0.14 * seconds, last)
    if all(at is None for at in said):
        step = min(0.58 * seconds / max(len(parts) - 1, 1), 3.0)
        wanted = [first + step * place for place in range(len(parts))]
    else:
        wanted = _filled([at if at is None else at - AHEAD for at in said], first, last)
    wanted[0] = min(wanted[0], first)
    for place in range(1, len(wanted)):
        wanted[place] = max(wanted[place], wanted[place - 1] + _STEP)
    # Late ones give way backwards, so that they stay in order; a short scene brings all in at once.
    for place in range(len(wanted) - 1, -1, -1):
        latest = last if place == len(wanted) - 1 else max(0.0, wanted[place + 1] - _STEP)
        wanted[place] = max(0.0, min(wanted[place], latest))
    return tuple(wanted)


def spoken_at(narration: str, parts: Sequence[str], lang: str, seconds: float) -> tuple[float | None, ...]:
    """The second of the scene at which each part begins to be said; None for one that is not, or not in order."""
    heard = [(found.group(), found.start()) for found in _WORD.finditer(narration)]
    stems = [_stem(word) for word, _ in heard]
    whole = _reading(narration, lang)
    if not whole:
        return (None,) * len(parts)
    pace = min(_BRISK, max(0.0, seconds - LEAD_IN - TAIL) / whole)
    times: list[float | None] = []
    after = 0
    for part in parts:
        at = _found(stems, [_stem(word) for word in _WORD.findall(part)], after)
        if at is None:
            times.append(None)
            continue
        word, start = heard[at]
        before = _reading(narration[:start] + word, lang) - _reading(word, lang) if start else 0.0
        times.append(LEAD_IN + pace * min(max(0.0, before), whole))
        after = at + 1
    return tuple(times)


def _found(stems: Sequence[str], wanted: Sequence[str], after: int) -> int | None:
    """Where, from word `after` on, most of the wanted words are heard close together."""
    weights = {stem: len(stem) for stem in wanted}
    whole = sum(weights.values())
    window = len(wanted) + len(wanted) // 2 + 1
    best, place = 0.0, None
    for at in range(after, len(stems)):
        if stems[at] not in weights:
            continue
        hits = [ahead for ahead, stem in enumerate(stems[at : at + window]) if stem in weights]
        score = sum(weights[stem] for stem in {stems[at + hit] for hit in hits}) / whole
        score -= _LOOSE * (hits[-1] + 1 - len(hits))
        if score > best + 1e-9:
            best, place = score, at
    return place if best >= _ENOUGH else None


def _filled(times: Sequence[float | None], first: float, last: float) -> list[float]:
    """The times with those between their neighbours where they are missing."""
    known = [(-1, first), *((place, at) for place, at in enumerate(times) if at is not None), (len(times), last)]
    filled: list[float] = []
    for place, at in enumerate(times):
        if at is not None:
            filled.append(at)
            continue
        before = max((entry for entry in known if entry[0] < place), key=lambda entry: entry[0])
        after = min((entry for entry in known if entry[0] > place), key=lambda entry: entry[0])
        part = (place - before[0]) / (after[0] - before[0])
        filled.append(before[1] + (after[1] - before[1]) * part)
    return filled


def _reading(text: str, lang: str) -> float:
    """Seconds of reading, with a syllable for each digit: reckoning them amply suits lengths, not places."""
    return speech_seconds(_DIGIT.sub("la", text), lang)


def _stem(word: str) -> str:
    return word if unicodedata.category(word[0]) == "Nd" else plain(word)[:_STEM]

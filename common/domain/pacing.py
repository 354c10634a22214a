"""How long speaking takes, and how a video's frames are shared out between its scenes."""

import math
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from common.domain.frame import FPS
from common.domain.syllables import syllables

LEAD_IN = 0.35  # seconds of picture before the first word
TAIL = 0.45  # seconds of picture after the last word
MIN_SCENE = 2.5  # seconds; anything shorter reads as a flicker
MAX_SPEED = 1.2  # the fastest a voice may be driven before it sounds hurried

# Measured on the English voice (24 sentences, error below 12 % of the clip): seconds per syllable, per letter, per
# comma, per break between sentences, and what the first syllable saves.
_EN_SYLLABLE, _EN_LETTER, _EN_COMMA, _EN_BREAK, _EN_START = 0.12, 0.035, 0.13, 0.76, -0.33
_DIGIT_LETTERS, _SIGN_LETTERS = 4.8, 8.0  # a digit and a sign read out are about this many letters long
# Syllables a second of the fallback voice at its usual rate.
_RATE: Mapping[str, float] = MappingProxyType(
    {"fr": 4.3, "es": 5.8, "de": 4.8, "it": 6.2, "pt": 5.5, "ja": 7.2, "zh": 3.9, "ko": 5.2}
)
# Measured on the Japanese voice (20 sentences, error 8 % on average): syllables that a Han character has beyond its
# first, and seconds per comma and per break between sentences.
_JA_HAN, _JA_COMMA, _JA_BREAK = 0.6, 0.25, 0.3
_COMMA = re.compile(r"[,;:–—،](?=\s)|[、，；：]")
_BREAK = re.compile(r"[.!?…]+(?=[\s\"'”’»)]+\S)|[。！？](?=.)")


def speech_seconds(text: str, lang: str) -> float:
    """Seconds from the first to the last sound when a text is read at its natural pace; 0 for nothing to read."""
    spoken = syllables(text, lang)
    if not spoken:
        return 0.0
    commas, breaks = len(_COMMA.findall(text)), len(_BREAK.findall(text.strip()))
    if lang == "en":
        letters = sum(1 for sign in text if sign.isalpha()) + _DIGIT_LETTERS * sum(1 for x in text if x.isdigit())
        letters += _SIGN_LETTERS * sum(1 for sign in text if sign in "%$€£°&+")
        body = _EN_SYLLABLE * spoken + _EN_LETTER * letters + _EN_COMMA * commas + _EN_BREAK * breaks + _EN_START
        return max(0.4, body)
    if lang == "ja":
        spoken += _JA_HAN * sum(1 for sign in text if "\u3400" <= sign <= "\u9fff")
        return max(0.4, spoken / _RATE[lang] + _JA_COMMA * commas + _JA_BREAK * breaks)
    return max(0.4, spoken / _RATE[lang] + 0.15 * commas + 0.4 * breaks)


def scene_seconds(text: str, lang: str, speed: float = 1.0) -> float:
    """Seconds a scene needs for its narration with lead-in and tail, spoken at `speed` times the natural pace."""
    spoken = speech_seconds(text, lang) / speed
    return max(MIN_SCENE, spoken + LEAD_IN + TAIL) if spoken else MIN_SCENE


def scene_frames(text: str, lang: str, fps: int = FPS) -> int:
    """The frames a scene takes when nobody asked for a length: it depends on its own text alone."""
    return math.ceil(scene_seconds(text, lang) * fps)


def least_frames(text: str, lang: str, fps: int = FPS) -> int:
    """The fewest frames in which the text can still be spoken, at the fastest allowed pace."""
    return math.ceil((speech_seconds(text, lang) / MAX_SPEED + LEAD_IN + TAIL) * fps)


def share_out(needs: Sequence[int], least: Sequence[int], total: int, weights: Sequence[float]) -> tuple[int, ...]:
    """Frames per scene that sum to exactly `total`.

    Spare time goes to the scenes by weight; missing time is taken from them in proportion to what they can give
    above their `least`. Raises ValueError when even the least does not fit.
    """
    spare = total - sum(needs)
    if spare >= 0:
        return tuple(need + extra for need, extra in zip(needs, _split(spare, weights), strict=True))
    slack = [max(0, need - low) for need, low in zip(needs, least, strict=True)]
    if sum(slack) < -spare:
        raise ValueError(f"The scenes need {sum(needs) - sum(slack)} frames at least, and {total} are there.")
    return tuple(need - cut for need, cut in zip(needs, _split(-spare, slack), strict=True))


def _split(amount: int, weights: Sequence[float]) -> list[int]:
    """Split whole frames in proportion to weights, the largest remainders first, so that the sum is exact."""
    whole = sum(weights)
    if whole <= 0:
        weights, whole = [1.0] * len(weights), float(len(weights))
    exact = [amount * weight / whole for weight in weights]
    parts = [math.floor(value) for value in exact]
    order = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in order[: amount - sum(parts)]:
        parts[index] += 1
    return parts

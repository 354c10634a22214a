"""Paragraphs cut into pieces that one scene can hold."""

import math
import re
from collections.abc import Sequence

from common.domain.pacing import speech_seconds
from common.domain.syllables import is_dense
from common.domain.text import sentences

TARGET = 7.0  # seconds of speech a scene is best at
LONGEST = 9.2  # seconds of speech a scene may take


def chunks(text: str, lang: str) -> list[str]:
    """The paragraph in order, in pieces of about 4 to 9 seconds of speech: whole sentences where possible."""
    pieces = [part for sentence in sentences(text) for part in _bounded(sentence, lang)]
    lengths = [speech_seconds(piece, lang) for piece in pieces]
    whole = sum(lengths)
    if whole <= LONGEST or len(pieces) < 2:
        return [joined(pieces)] if pieces else []
    aim = whole / max(1, math.ceil(whole / TARGET))
    found: list[list[str]] = [[]]
    held = 0.0
    for piece, length in zip(pieces, lengths, strict=True):
        over = held + length
        if found[-1] and (over > LONGEST or (held >= 4 and over - aim > aim - held)):
            found.append([])
            held = 0.0
        found[-1].append(piece)
        held += length
    if len(found) > 1 and held < 2.5 and speech_seconds(joined([*found[-2], *found[-1]]), lang) < LONGEST + 2:
        found[-2:] = [[*found[-2], *found[-1]]]
    return [joined(group) for group in found]


def joined(texts: Sequence[str]) -> str:
    """Texts as one: no space between scripts that write none."""
    whole = ""
    for text in texts:
        gap = "" if not whole or (is_dense(text[:1]) and (is_dense(whole[-1]) or whole[-1] in "。！？、，")) else " "
        whole += gap + text
    return whole


def _bounded(sentence: str, lang: str) -> list[str]:
    """A sentence in parts of at most LONGEST seconds: at clauses, else at spaces, else anywhere."""
    if speech_seconds(sentence, lang) <= LONGEST:
        return [sentence]
    for pattern in (r"(?<=[;:])\s+|(?<=[；：])", r"(?<=,)\s+|(?<=[、，])|\s+(?=[–—]\s)", r"\s+"):
        parts = [part for part in re.split(pattern, sentence) if part]
        if len(parts) > 1:
            return _regrouped([piece for part in parts for piece in _bounded(part, lang)], lang)
    half = len(sentence) // 2
    return [*_bounded(sentence[:half], lang), *_bounded(sentence[half:], lang)] if half else [sentence]


def _regrouped(parts: list[str], lang: str) -> list[str]:
    whole = sum(speech_seconds(part, lang) for part in parts)
    aim = whole / max(1, math.ceil(whole / LONGEST)) + 0.6
    found = [parts[0]]
    for part in parts[1:]:
        together = joined([found[-1], part])
        if speech_seconds(together, lang) <= min(LONGEST, aim + 1.5) and speech_seconds(found[-1], lang) < aim:
            found[-1] = together
        else:
            found.append(part)
    return found

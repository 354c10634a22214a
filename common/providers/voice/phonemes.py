"""English as the neural voice reads it: written words turned into phonemes, breath by breath."""

import functools
from dataclasses import dataclass
from typing import Any

from common.providers.voice.align import spans
from common.providers.voice.reading import LONG_PAUSE, PAUSE
from common.providers.voice.script import sentences

PUNCTUATION = frozenset(' ;:,.!?—…"“”()')

_LONGEST = 380  # phonemes that the model reads in one breath
_BREATH = 0.12  # seconds of pause inside a sentence that is too long for one breath
_CLAUSE_END = (",", ";", ":", "—", "–")


@dataclass(frozen=True)
class Breath:
    """What the model reads at once: phonemes, and per written word its text and range of phonemes."""

    phonemes: str
    words: tuple[tuple[str, int, int], ...]
    pause: float


def breaths(script: str) -> list[Breath]:
    """The script as breaths: sentences, and long sentences cut at clauses, each written word with its phonemes."""
    breaths: list[Breath] = []
    for paragraph in script.split("\n"):
        spoken = sentences(paragraph)
        for index, sentence in enumerate(spoken):
            written = sentence.split()
            parts = _cut(_voiced(written))
            for place, part in enumerate(parts):
                ends = place + 1 == len(parts)
                pause = _BREATH if not ends else PAUSE if index + 1 < len(spoken) else LONG_PAUSE
                breaths.append(_joined(part, pause))
    return breaths


def _voiced(written: list[str]) -> list[tuple[str, str]]:
    """(written word, phonemes) for every word that sounds; signs without sound hang on to a neighbour."""
    letters = _letters()
    from hibari.g2p.normalize import normalize

    spoken, sounds = [], []
    text = phonemes = ""
    for token in letters.phonemize_tokens(letters.tokenize(normalize(" ".join(written)))):
        text += token.text
        phonemes += token.phonemes or ""
        if token.whitespace:
            spoken.append(text)
            sounds.append(phonemes)
            text = phonemes = ""
    spoken.append(text)
    sounds.append(phonemes)
    voiced: list[tuple[str, str]] = []
    lead = ""
    for word, (first, last) in zip(written, spans(written, spoken), strict=True):
        sound = " ".join(part for part in sounds[first:last] if part)
        if any(char not in PUNCTUATION for char in sound):
            voiced.append((f"{lead} {word}".strip(), sound))
            lead = ""
        elif voiced:
            pause = sound.strip() if sound.strip() and voiced[-1][1][-1:] not in PUNCTUATION else ""
            voiced[-1] = (f"{voiced[-1][0]} {word}", voiced[-1][1] + pause)
        else:
            lead = f"{lead} {word}".strip()
    return voiced


def _cut(voiced: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Parts short enough for one breath, cut after a clause where there is one."""
    parts: list[list[tuple[str, str]]] = []
    rest = voiced
    while rest:
        length, fits, clause = 0, 0, 0
        for place, (word, sound) in enumerate(rest, 1):
            length += len(sound) + 1
            if length > _LONGEST and fits:
                break
            fits = place
            clause = place if word.endswith(_CLAUSE_END) else clause
        take = fits if fits == len(rest) or not clause else clause
        parts.append(rest[:take])
        rest = rest[take:]
    return parts


def _joined(part: list[tuple[str, str]], pause: float) -> Breath:
    phonemes, words = "", []
    for word, sound in part:
        first = len(phonemes)
        phonemes += sound
        words.append((word, first, len(phonemes)))
        phonemes += " "
    return Breath(phonemes.rstrip(), tuple(words), pause)


@functools.cache
def _letters() -> Any:
    """The dictionary and rules that turn letters into phonemes (about 100 MB)."""
    from hibari.g2p import G2P

    return G2P()


def forget() -> None:
    """Give the dictionary's memory back."""
    _letters.cache_clear()

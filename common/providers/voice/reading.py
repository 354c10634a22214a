"""Sentences put together into one reading: natural pauses, clean edges, one level."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from common.domain.speech import Word
from common.media.limiter import limit
from common.media.loudness import SILENCE, integrated
from common.media.wave import Samples, write
from common.providers.voice.port import RATE

LEVEL = -20.0  # LUFS of every reading, whoever speaks
CEILING = -1.5  # dBTP
HEAD, TAIL = 0.06, 0.14  # seconds of quiet before the first and after the last sound
PAUSE, LONG_PAUSE = 0.30, 0.42  # seconds between sentences and between paragraphs
FASTEST = 1.25  # times the natural speed
SHORTEST = 0.03  # seconds: no word is shown for less

_STEP = 240  # samples (10 ms) of the level meter that finds where sound starts and ends
_QUIET = 10 ** (-46 / 20)  # of the loudest step: below, it is no longer speech
_EARLIEST = 0.25  # seconds by which a word may sound before it is said to
_RAISE = 30.0  # dB at most, so that noise is never blown up to speech


Reading = tuple[bytes, float, tuple[Word, ...]]  # WAV, its seconds, and words timed from its start


@dataclass(frozen=True)
class Sentence:
    """One sentence as an engine made it: sound at 24 kHz, words timed from its start, and the pause that follows."""

    samples: Samples
    words: tuple[Word, ...]
    pause: float = PAUSE


def assemble(sentences: Sequence[Sentence]) -> Reading:
    """Join sentences, levelled and faded; none at all are `nothing`."""
    if not sentences:
        return nothing()
    parts: list[Samples] = [np.zeros(int(HEAD * RATE), np.float32)]
    words: list[Word] = []
    at = len(parts[0])
    for index, sentence in enumerate(sentences):
        sound, cut = _trimmed(sentence)
        shift = (at - cut) / RATE
        words += [_moved(word, shift) for word in sentence.words]
        gap = sentence.pause if index + 1 < len(sentences) else TAIL
        parts += [sound, np.zeros(int(gap * RATE), np.float32)]
        at += len(sound) + len(parts[-1])
    samples = np.concatenate(parts)
    _level(samples)
    seconds = len(samples) / RATE
    return write(samples, RATE), seconds, settle(words, seconds)


def fitted(read: Callable[[float], Reading], fit_seconds: float | None) -> Reading:
    """Read at the natural speed 1.0, or as much faster as it takes to fit, up to FASTEST."""
    reading, speed = read(1.0), 1.0
    for _ in range(2):  # pauses do not shrink, so one guess may fall short
        _, seconds, words = reading
        if fit_seconds is None or not words or seconds <= fit_seconds or speed >= FASTEST:
            break
        speed = min(FASTEST, speed * seconds / max(fit_seconds, 0.1) * 1.02)
        reading = read(speed)
    return reading


def nothing() -> Reading:
    """The reading of a text without a speakable word: half a second of silence."""
    return *silence(0.5), ()


def silence(seconds: float) -> tuple[bytes, float]:
    """A quiet WAV of about that length, and its exact length in seconds."""
    samples = np.zeros(max(1, round(seconds * RATE)), np.float32)
    return write(samples, RATE), len(samples) / RATE


def settle(words: Sequence[Word], seconds: float) -> tuple[Word, ...]:
    """Make word times ordered, inside the sound and each at least SHORTEST long, where the sound has room for it."""
    room = min(SHORTEST, seconds / max(1, len(words)))
    settled: list[Word] = []
    end = seconds
    for place in range(len(words) - 1, -1, -1):  # from the end, so that a late crowd of words moves forward
        word = words[place]
        start = max(place * room, min(word.start, end - room))
        settled.append(Word(text=word.text, start=start, end=min(end, max(word.end, start + room))))
        end = start
    return tuple(Word(text=word.text, start=round(word.start, 4), end=round(word.end, 4)) for word in reversed(settled))


def last_sound(samples: Samples, start: float, end: float, loudest: float) -> float:
    """Where the sound between two times really ends, in seconds: a pause that follows a word is not the word."""
    first, last = int(start * RATE) // _STEP, int(end * RATE) // _STEP
    levels = _levels(samples[first * _STEP : (last + 1) * _STEP])
    heard = np.flatnonzero(levels > _QUIET * loudest)
    return end if not len(heard) else min(end, (first + int(heard[-1]) + 1) * _STEP / RATE)


def first_sound(samples: Samples, after: float, start: float, loudest: float) -> float:
    """Where a word that is said to start at `start` really does, in seconds, when the word before ends at `after`.

    After a pause it is where sound sets in; in running speech, half of the short gap (40 ms at most) earlier.
    """
    first, last = int(after * RATE) // _STEP, int(start * RATE) // _STEP
    quiet = np.flatnonzero(_levels(samples[first * _STEP : last * _STEP]) <= _QUIET * loudest)
    if not len(quiet):
        return start - min(0.04, (start - after) / 2)
    return max(after, start - _EARLIEST, min(start, (first + int(quiet[-1]) + 1) * _STEP / RATE))


def loudest_step(samples: Samples) -> float:
    """The level of the loudest 10 ms, the yardstick of `last_sound`."""
    levels = _levels(samples)
    return float(levels.max()) if len(levels) else 0.0


def _trimmed(sentence: Sentence) -> tuple[Samples, int]:
    """The sound without the quiet around it, edges faded; and how many samples were cut from its start."""
    levels = _levels(sentence.samples)
    heard = np.flatnonzero(levels > _QUIET * levels.max()) if len(levels) else np.zeros(0, np.int64)
    first = max(0, int(heard[0]) - 2) * _STEP if len(heard) else 0
    last = (int(heard[-1]) + 4) * _STEP if len(heard) else len(sentence.samples)
    sound = sentence.samples[first:last].copy()
    edge = min(_STEP, len(sound) // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / max(1, edge))).astype(np.float32)
    sound[:edge] *= ramp
    sound[len(sound) - edge :] *= ramp[::-1]
    return sound, first


def _level(samples: Samples) -> None:
    loudness = integrated(samples, RATE)
    if loudness <= SILENCE:
        return
    samples *= 10 ** (min(LEVEL - loudness, _RAISE) / 20)
    limit(samples, RATE, CEILING)


def _levels(samples: Samples) -> Samples:
    whole = samples[: len(samples) // _STEP * _STEP].reshape(-1, _STEP)
    levels: Samples = np.sqrt(np.mean(np.square(whole), axis=1))
    return levels


def _moved(word: Word, shift: float) -> Word:
    return Word(text=word.text, start=word.start + shift, end=word.end + shift)

"""The composer that needs no key: writes a score for the mood and plays it by synthesis."""

from collections.abc import Callable, Sequence

import numpy as np

from common.media.limiter import limit
from common.media.loudness import SILENCE, integrated
from common.media.wave import write
from common.providers.music import instruments
from common.providers.music.character import character
from common.providers.music.port import RATE
from common.providers.music.room import add_room
from common.providers.music.score import Note, Score, write_score

LEVEL = -18.0  # LUFS of every piece
CEILING = -3.0  # dBTP

_FADE_IN, _FADE_OUT = 0.4, 2.5  # seconds
_ROOM = 0.8  # how much room


class LocalMusic:
    """Music from oscillators: pad, bass, plucked figures, melody and soft drums, as the mood asks."""

    name = "local-music"
    version = "2"
    quality = 0.65
    paid = False

    def compose(self, mood: str, style: str, seconds: float, seed: int, cuts: Sequence[float] = ()) -> bytes:
        """Compose and play; about half a CPU second and 35 MB of memory a minute of music."""
        score = write_score(character(mood, style), seconds, seed, cuts)
        mix = np.zeros((2, round(seconds * RATE)), np.float32)
        _play(score, mix)
        add_room(mix, score.character.room, _ROOM, seed)
        _fade(mix)
        loudness = integrated(mix.T, RATE)
        if loudness > SILENCE:
            mix *= np.float32(10 ** ((LEVEL - loudness) / 20))
            limit(mix.T, RATE, CEILING)
        return write(mix.T, RATE)

    def beats(self, mood: str, style: str, seconds: float, seed: int, cuts: Sequence[float] = ()) -> tuple[float, ...]:
        """The beat grid of what `compose` plays for the same arguments."""
        return write_score(character(mood, style), seconds, seed, cuts).beats()


def _play(score: Score, mix: np.ndarray) -> None:
    """Add every note to a (2, n) mix; a pitch is made once and reused."""
    made: dict[tuple[object, ...], instruments.Sound] = {}
    for note in score.notes():
        key, make = _player(score, note)
        if key not in made:
            made[key] = make()
        sound = made[key]
        at = round(note.at * RATE)
        room = mix.shape[1] - at
        if room <= 0:
            continue
        for side, pan in ((0, -note.pan), (1, note.pan)):
            gain = np.float32(note.strength * np.sqrt(0.5 * (1 + 0.8 * pan)))
            voice = sound[side] if sound.ndim == 2 else sound
            mix[side, at : at + len(voice)] += gain * voice[:room]


def _player(score: Score, note: Note) -> tuple[tuple[object, ...], Callable[[], instruments.Sound]]:
    """Who plays a note: what tells it from other sounds, and how to make it."""
    how = score.character
    chance = np.random.default_rng([score.seed, 4, round(note.pitch * 100)])
    length = round(note.length, 4)
    if note.part == "pad":
        return ("pad", note.pitch, length), lambda: instruments.pad(note.pitch, length, how.bright, chance)
    if note.part == "bass":
        return ("bass", note.pitch, length), lambda: instruments.bass(note.pitch, length)
    if note.part == "kick":
        return ("kick", note.pitch, length), lambda: instruments.kick(note.pitch, length)
    if note.part == "hat":
        return ("hat",), lambda: instruments.hat(chance)
    if note.part == "snap":
        return ("snap",), lambda: instruments.snap(chance)
    kind = "felt" if note.part == "melody" and how.pluck == "marimba" else how.pluck
    return (kind, note.pitch), lambda: instruments.pluck(note.pitch, kind)


def _fade(mix: np.ndarray) -> None:
    """Let the piece come out of quiet and return to it."""
    total = mix.shape[1]
    rise, fall = min(total // 4, int(_FADE_IN * RATE)), min(total // 3, int(_FADE_OUT * RATE))
    mix[:, :rise] *= (0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / max(1, rise))).astype(np.float32)
    mix[:, total - fall :] *= (0.5 + 0.5 * np.cos(np.pi * np.arange(1, fall + 1) / max(1, fall))).astype(np.float32)

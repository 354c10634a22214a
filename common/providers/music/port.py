"""The promise of every composer: a mood and a length in, music out."""

from collections.abc import Sequence
from typing import Protocol

RATE = 48_000  # Hz of the WAV that a composer returns


class Music(Protocol):
    """One way of making the music under a video."""

    name: str
    version: str
    quality: float
    paid: bool

    def compose(self, mood: str, style: str, seconds: float, seed: int, cuts: Sequence[float] = ()) -> bytes:
        """Music of exactly that length, as WAV bytes (stereo, 48 kHz, 16 bit), that begins and ends in quiet.

        `mood` is one of the plan's moods; `style` free words ("piano, no drums"), or empty. It leaves room for a voice:
        little between 1 and 4 kHz, nothing harsh. Beats fall on `cuts` of the film, in seconds, where the tempo can
        give way so far. Equal arguments give equal bytes.
        """
        ...

    def beats(self, mood: str, style: str, seconds: float, seed: int, cuts: Sequence[float] = ()) -> tuple[float, ...]:
        """When the beats of that music fall, in seconds; every fourth, from the first, starts a bar."""
        ...

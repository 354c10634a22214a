"""The promise of every effects engine: cues in, one track of accents out."""

from collections.abc import Sequence
from typing import Literal, Protocol

from common.domain.model import Model

RATE = 48_000  # Hz of the WAV that an engine returns

Kind = Literal["whoosh", "riser", "impact", "click", "pop", "shimmer"]


class Cue(Model):
    """One accent: its kind, and the moment in seconds that it marks.

    A whoosh is loudest there, a riser ends there, the others start there.
    """

    at: float
    kind: Kind


class Effects(Protocol):
    """One way of making sound effects."""

    name: str
    version: str
    quality: float
    paid: bool

    def design(self, cues: Sequence[Cue], seconds: float, seed: int) -> bytes:
        """A track of exactly that length with every cue in it, as WAV bytes (stereo, 48 kHz, 16 bit).

        What would sound before the start or after the end is cut. No cues: silence. Equal arguments give equal bytes.
        """
        ...

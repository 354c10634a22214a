"""The promise of every voice: text in, sound and word times out."""

from typing import Protocol

from common.domain.speech import Narration

RATE = 24_000  # Hz of the WAV that a voice returns


class VoiceError(Exception):
    """An engine cannot speak this text here; the message says why, and another engine may."""


class Voice(Protocol):
    """One way of reading text aloud."""

    name: str
    version: str
    quality: float
    paid: bool

    def speak(
        self, text: str, lang: str, voice: str, seed: int, fit_seconds: float | None = None
    ) -> tuple[bytes, Narration]:
        """Read a scene's text and tell when each written word sounds.

        `lang` is an ISO 639-1 code; `voice` a voice's name, or empty for the engine's best. `fit_seconds` asks for a
        faster reading (up to a quarter faster, never slower) where the natural one is longer; it may still be longer.

        Returns WAV bytes (mono, 24 kHz, 16 bit) and the Narration: its words are the written ones in order, with
        their punctuation, each of positive length and inside the sound. A text without a speakable word is a short
        silence without words. Equal arguments give equal bytes. Raises VoiceError when this engine cannot speak here.
        """
        ...

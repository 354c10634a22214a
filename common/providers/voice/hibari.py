"""The English voice: a small neural model inside a wheel, which also tells how long each phoneme lasts."""

import threading

import numpy as np

from common.domain.speech import Narration
from common.providers.voice.network import Network
from common.providers.voice.phonemes import breaths, forget
from common.providers.voice.port import VoiceError
from common.providers.voice.reading import Reading, assemble, fitted, nothing
from common.providers.voice.script import plain, speakable

VOICE = "heart"


class HibariVoice:
    """Reads English. The model (about 200 MB in use) loads at the first word and leaves with `close()`."""

    name = "hibari"
    version = "0.2.1-1"
    quality = 0.8
    paid = False

    def __init__(self) -> None:
        self._model: Network | None = None
        self._lock = threading.Lock()  # one reading at a time: two would need the memory twice

    def speak(
        self, text: str, lang: str, voice: str, seed: int, fit_seconds: float | None = None
    ) -> tuple[bytes, Narration]:
        """Read English text. Raises VoiceError for other languages, or when the model is not the known one."""
        if lang != "en":
            raise VoiceError(f"The voice {self.name} reads English only, not {lang!r}.")
        notes = [] if voice in ("", VOICE) else [f"The voice {voice!r} is not available here; {VOICE!r} spoke."]
        script = plain(text)
        with self._lock:
            wav, seconds, words = fitted(lambda speed: self._read(script, seed, speed), fit_seconds)
            exact = self._model is None or self._model.exact
        if words and not exact:
            notes.append("Word times are estimated from the count of phonemes.")
        return wav, Narration(
            seconds=seconds, words=words, engine=self.name, version=self.version, lang=lang, note=" ".join(notes)
        )

    def close(self) -> None:
        """Give the model's memory back; the next `speak` loads it again."""
        with self._lock:
            self._model = None
            forget()

    def _read(self, script: str, seed: int, speed: float) -> Reading:
        if not speakable(script):
            return nothing()
        if self._model is None:
            self._model = Network()
        noise = np.random.default_rng(seed)
        return assemble([self._model.say(breath, speed, noise) for breath in breaths(script)])

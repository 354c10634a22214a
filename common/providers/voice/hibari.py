"""The English voice: a small neural model inside a wheel, which also tells how long each phoneme lasts."""

import numpy as np

from common.domain.speech import Narration, Word
from common.providers.voice.network import Network
from common.providers.voice.phonemes import breaths, forget
from common.providers.voice.port import VoiceError
from common.providers.voice.reading import assemble, silence
from common.providers.voice.script import plain, speakable

VOICE = "heart"
FASTEST = 1.25


class HibariVoice:
    """Reads English. The model (about 200 MB in use) loads at the first word and leaves with `close()`."""

    name = "hibari"
    version = "0.2.1-1"
    quality = 0.8
    paid = False

    def __init__(self) -> None:
        self._model: Network | None = None

    def speak(
        self, text: str, lang: str, voice: str, seed: int, fit_seconds: float | None = None
    ) -> tuple[bytes, Narration]:
        """Read English text. Raises VoiceError for other languages, or when the model is not the known one."""
        if lang != "en":
            raise VoiceError(f"The voice {self.name} reads English only, not {lang!r}.")
        notes = [] if voice in ("", VOICE) else [f"The voice {voice!r} is not available here; {VOICE!r} spoke."]
        script = plain(text)
        wav, seconds, words = self._read(script, seed, 1.0) if speakable(script) else (*silence(0.5), ())
        speed = 1.0
        for _ in range(2):  # pauses do not shrink, so one guess may fall short
            if fit_seconds is None or not words or seconds <= fit_seconds or speed >= FASTEST:
                break
            speed = min(FASTEST, speed * seconds / max(fit_seconds, 0.1) * 1.02)
            wav, seconds, words = self._read(script, seed, speed)
        if words and self._model is not None and not self._model.exact:
            notes.append("Word times are estimated from the count of phonemes.")
        return wav, Narration(
            seconds=seconds, words=words, engine=self.name, version=self.version, lang=lang, note=" ".join(notes)
        )

    def close(self) -> None:
        """Give the model's memory back; the next `speak` loads it again."""
        self._model = None
        forget()

    def _read(self, script: str, seed: int, speed: float) -> tuple[bytes, float, tuple[Word, ...]]:
        if self._model is None:
            self._model = Network()
        noise = np.random.default_rng(seed)
        sentences = [self._model.say(breath, speed, noise) for breath in breaths(script)]
        return assemble(sentences) if sentences else (*silence(0.5), ())

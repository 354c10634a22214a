"""The voice that needs no key: the best engine here for each language, and a note when it is a lesser one."""

from collections.abc import Sequence

from common.domain.speech import Narration
from common.providers.voice.espeak import EspeakVoice
from common.providers.voice.hibari import HibariVoice
from common.providers.voice.port import Voice, VoiceError
from common.providers.voice.silent import SilentVoice

# What an engine may raise where its wheel is damaged or made for another machine.
_UNABLE = (VoiceError, ImportError, OSError, RuntimeError, ValueError)


class LocalVoice:
    """Tries its engines from best to least; silence with captions is the last."""

    name = "local-voice"
    version = f"2+{HibariVoice.version}+{EspeakVoice.version}+{SilentVoice.version}"
    quality = 0.7
    paid = False

    def __init__(self, engines: Sequence[Voice] | None = None) -> None:
        self._engines: Sequence[Voice] = engines or (HibariVoice(), EspeakVoice(), SilentVoice())

    def speak(
        self, text: str, lang: str, voice: str, seed: int, fit_seconds: float | None = None
    ) -> tuple[bytes, Narration]:
        """Read a text with the best engine that can; the Narration names it, and notes why it was not the first."""
        reasons = []
        for engine in self._engines:
            try:
                wav, narration = engine.speak(text, lang, voice, seed, fit_seconds)
            except _UNABLE as error:
                reasons.append(str(error))
                continue
            if reasons and narration.words:
                spoke = f"{engine.name} spoke instead." if engine.name != SilentVoice.name else ""
                note = " ".join(part for part in (*reasons, spoke, narration.note) if part)
                narration = narration.model_copy(update={"note": note})
            return wav, narration
        raise VoiceError(" ".join(reasons) or "No voice is set up.")

    def close(self) -> None:
        """Give back the memory of loaded models; the next `speak` loads them again."""
        for engine in self._engines:
            close = getattr(engine, "close", None)
            if close is not None:
                close()

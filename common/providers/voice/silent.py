"""The last resort: no sound, but a reading time for every word, so that captions carry the text."""

from common.domain.speech import Narration, Word
from common.providers.voice.reading import FASTEST, HEAD, TAIL, settle, silence
from common.providers.voice.script import plain, sentences, speakable
from common.providers.voice.units import units

_SECONDS_PER_CHARACTER = 0.065
_SECONDS_PER_IDEOGRAM = 0.22  # and other characters above the Latin, Greek and Cyrillic blocks
_SECONDS_PER_WORD = 0.12


class SilentVoice:
    """Speaks nothing, always works."""

    name = "silence"
    version = "1"
    quality = 0.05
    paid = False

    def speak(
        self, text: str, lang: str, voice: str, seed: int, fit_seconds: float | None = None
    ) -> tuple[bytes, Narration]:
        """Silence as long as the text takes to read, with its words spread over it by their length."""
        del voice, seed
        script = plain(text)
        written = [
            unit
            for paragraph in script.split("\n")
            for sentence in sentences(paragraph)
            if speakable(sentence)
            for unit in units(sentence, lang)[1]
        ]
        lengths = [_seconds(unit.text) for unit in written]
        total = sum(lengths)
        if fit_seconds is not None and total > fit_seconds - HEAD - TAIL:
            faster = min(FASTEST, total / max(fit_seconds - HEAD - TAIL, 0.1))
            lengths = [length / faster for length in lengths]
        wav, seconds = silence(sum(lengths) + HEAD + TAIL if lengths else 0.5)
        words, at = [], HEAD
        for unit, length in zip(written, lengths, strict=True):
            words.append(Word(text=unit.text, start=at, end=at + length))
            at += length
        return wav, Narration(
            seconds=seconds,
            words=settle(words, seconds),
            engine=self.name,
            version=self.version,
            lang=lang,
            note="Silence with captions." if words else "",
        )


def _seconds(word: str) -> float:
    return _SECONDS_PER_WORD + sum(
        _SECONDS_PER_CHARACTER if char < "\u1100" else _SECONDS_PER_IDEOGRAM for char in word
    )

"""The voice of the languages that the neural one does not know: eSpeak NG, plain but clear in a hundred of them."""

from collections.abc import Sequence

from common.domain.speech import Narration, Word
from common.media.wave import resample
from common.providers.voice import japanese
from common.providers.voice.espeak_library import synthesise
from common.providers.voice.port import RATE
from common.providers.voice.reading import (
    LONG_PAUSE,
    PAUSE,
    Reading,
    Sentence,
    assemble,
    fitted,
    last_sound,
    loudest_step,
)
from common.providers.voice.script import plain, sentences, speakable
from common.providers.voice.units import Unit, units

_VOICES = {"en": "en-us", "pt": "pt-br", "zh": "cmn"}  # where the voice is not named like the language
_PACE = {"zh": 190, "ja": 155, "ko": 165}  # words a minute as eSpeak counts them
_USUAL_PACE = 160


class EspeakVoice:
    """Reads any language eSpeak NG knows. Japanese needs a dictionary (80 MB in use), which leaves with `close()`."""

    name = "espeak-ng"
    version = "1.52.0-3"
    quality = 0.4
    paid = False

    def speak(
        self, text: str, lang: str, voice: str, seed: int, fit_seconds: float | None = None
    ) -> tuple[bytes, Narration]:
        """Read a text. Raises VoiceError when eSpeak NG is missing or cannot read this language."""
        del seed  # it has no randomness
        script = plain(text)
        notes = [] if voice in ("", self.name) else [f"The voice {voice!r} is not available here; {self.name} spoke."]
        pace = _PACE.get(lang, _USUAL_PACE)
        wav, seconds, words = fitted(lambda speed: _read(script, lang, round(pace * speed)), fit_seconds)
        return wav, Narration(
            seconds=seconds, words=words, engine=self.name, version=self.version, lang=lang, note=" ".join(notes)
        )


def _read(script: str, lang: str, pace: int) -> Reading:
    read = []
    for paragraph in script.split("\n"):
        spoken = [sentence for sentence in sentences(paragraph) if speakable(sentence)]
        for index, sentence in enumerate(spoken):
            read.append(_say(sentence, lang, pace, PAUSE if index + 1 < len(spoken) else LONG_PAUSE))
    return assemble(read)


def _say(sentence: str, lang: str, pace: int, pause: float) -> Sentence:
    text, written = japanese.spoken_units(sentence) if lang == "ja" else units(sentence, lang)
    samples, rate, marks = synthesise(text, _VOICES.get(lang, lang), pace, ssml=lang == "ja")
    samples = resample(samples, rate, RATE)
    loudest = loudest_step(samples)
    starts = _starts(written, marks, len(samples) / RATE)
    words = []
    for unit, start, end in zip(written, starts, [*starts[1:], len(samples) / RATE], strict=True):
        words.append(Word(text=unit.text, start=start, end=last_sound(samples, start, end, loudest)))
    return Sentence(samples, tuple(words), pause)


def _starts(written: Sequence[Unit], marks: Sequence[tuple[int, float]], seconds: float) -> list[float]:
    """When each unit starts: at its first mark; units that share one mark share its time by their length."""
    first: dict[int, float] = {}
    for at, moment in marks:
        place = next((i for i, unit in enumerate(written) if at < unit.end), len(written) - 1)
        first[place] = min(moment, first.get(place, moment))
    first.setdefault(0, 0.0)
    known = sorted(first)
    starts = []
    for here, after in zip(known, [*known[1:], len(written)], strict=True):
        until = max(first[here], first.get(after, seconds))
        share = (until - first[here]) / (written[after - 1].end - written[here].start)
        starts += [first[here] + share * (written[i].start - written[here].start) for i in range(here, after)]
    return starts

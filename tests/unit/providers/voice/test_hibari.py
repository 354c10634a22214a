import io
import wave
from itertools import pairwise

import numpy as np
import pytest

from common.domain.speech import Narration
from common.media.loudness import integrated, true_peak
from common.media.wave import read
from common.providers.voice import network
from common.providers.voice.hibari import HibariVoice
from common.providers.voice.port import VoiceError


@pytest.fixture(scope="module")
def voice():
    voice = HibariVoice()
    yield voice
    voice.close()


def texts(narration: Narration) -> list[str]:
    return [word.text for word in narration.words]


def onsets(wav: bytes) -> list[float]:
    """Where sound starts after at least 120 ms of quiet, measured from the energy alone."""
    samples, rate = read(wav)
    step = rate // 200
    levels = np.abs(samples[: len(samples) // step * step, 0]).reshape(-1, step).max(axis=1)
    loud = levels > levels.max() * 10 ** (-32 / 20)
    return [i * step / rate for i in range(len(loud)) if loud[i] and not loud[max(0, i - 24) : i].any()]


def test_speaks_24_khz_mono_with_times_inside(voice):
    wav, said = voice.speak("The first sentence. The second, a little longer.", "en", "", 1)
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (1, 24000, 2)
        assert said.seconds == pytest.approx(file.getnframes() / 24000)
    assert texts(said) == ["The", "first", "sentence.", "The", "second,", "a", "little", "longer."]
    ends = 0.0
    for word in said.words:
        assert ends <= word.start < word.end <= said.seconds
        ends = word.end
    assert (said.engine, said.lang, said.note) == ("hibari", "en", "")
    samples, rate = read(wav)
    assert integrated(samples, rate) == pytest.approx(-20, abs=0.5)
    assert true_peak(samples) <= -1.3


@pytest.mark.parametrize(
    "text",
    [
        "One. Two. Three. Four.",
        "Time! Apples. People. Cats. Yes.",
        "Garden. Dog. Number. 1,250. Violin.",
        "Ten percent. Doctor Smith. $9.99. Pens.",
    ],
)
def test_words_start_where_the_sound_starts(voice, text):
    wav, said = voice.speak(text, "en", "", 3)
    first = [word for i, word in enumerate(said.words) if i == 0 or said.words[i - 1].text[-1] in ".!"]
    heard = onsets(wav)
    assert len(heard) == len(first)
    for onset, word in zip(heard, first, strict=True):
        assert abs(onset - word.start) <= 0.08, (word, onset)


def test_written_words_span_what_they_are_read_as(voice):
    text = "It cost $1,250.50 — on 5 March 2024, at 7:30 pm, Dr. Wu said."
    _, said = voice.speak(text, "en", "", 1)
    assert texts(said) == text.replace(" —", "~—").replace(" ", "|").replace("~", " ").split("|")
    long = {word.text: word.end - word.start for word in said.words}
    assert long["$1,250.50 —"] > 2.0  # one thousand two hundred and fifty dollars and fifty cents
    assert long["2024,"] > long["at"]


def test_same_seed_same_bytes_and_other_seed_other_noise(voice):
    once, again, other = (voice.speak("Exactly the same.", "en", "", seed) for seed in (5, 5, 6))
    assert once == again
    assert once[0] != other[0]
    assert once[1].words == other[1].words


def test_fits_by_speaking_faster_up_to_a_quarter(voice):
    text = "This sentence takes about four seconds when it is read at its natural pace."
    natural = voice.speak(text, "en", "", 1)[1].seconds
    assert voice.speak(text, "en", "", 1, natural + 5)[1].seconds == natural
    assert voice.speak(text, "en", "", 1, natural * 0.9)[1].seconds <= natural * 0.9
    assert voice.speak(text, "en", "", 1, 0.5)[1].seconds > natural * 0.75


@pytest.mark.parametrize("text", ["", "🙂 🎬", "— … !", "***", "## \n- "])
def test_nothing_to_say_is_silence_without_words(voice, text):
    wav, said = voice.speak(text, "en", "", 1)
    assert said.words == ()
    assert 0.1 < said.seconds < 1
    assert not read(wav)[0].any()


def test_very_long_sentence_is_read_in_breaths(voice):
    text = "and then, after the rain had gone, " * 16 + "it ended"
    _, said = voice.speak(text, "en", "", 1)
    assert texts(said) == text.split()


def test_unknown_voice_is_noted(voice):
    assert "'emma'" in voice.speak("Hello.", "en", "emma", 1)[1].note


def test_refuses_other_languages(voice):
    with pytest.raises(VoiceError, match="English"):
        voice.speak("Bonjour.", "fr", "", 1)


def test_another_model_is_refused_in_words(monkeypatch):
    monkeypatch.setattr(network, "MODEL_SHA256", "0" * 64)
    with pytest.raises(VoiceError, match="SHA-256 differs"):
        HibariVoice().speak("Hello.", "en", "", 1)


def test_without_true_durations_times_are_estimated_and_noted(monkeypatch):
    infer = network.Network._infer

    def without(self, ids, speed):
        spectra, durations, frames = infer(self, ids, speed)
        return spectra, durations[:-1], frames

    monkeypatch.setattr(network.Network, "_infer", without)
    _, said = HibariVoice().speak("Times are only guessed here.", "en", "", 1)
    assert "estimated" in said.note
    assert texts(said) == ["Times", "are", "only", "guessed", "here."]
    assert all(a.end <= b.start for a, b in pairwise(said.words))

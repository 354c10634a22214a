import pytest

from common.media.wave import read, seconds
from common.providers.voice.local import LocalVoice
from common.providers.voice.port import VoiceError
from common.providers.voice.silent import SilentVoice


class Broken:
    name, version, quality, paid = "broken", "1", 1.0, False

    def speak(self, text, lang, voice, seed, fit_seconds=None):
        raise OSError("The model file is gone.")


def test_lesser_engine_says_so():
    wav, said = LocalVoice().speak("Bonjour.", "fr", "", 1)
    assert said.engine == "espeak-ng"
    assert "English only" in said.note
    assert "espeak-ng spoke instead" in said.note
    assert read(wav)[0].any()


def test_last_resort_is_silence_with_evenly_read_words():
    voice = LocalVoice([Broken(), SilentVoice()])
    wav, said = voice.speak("A short one, and unforgettable.", "en", "", 1)
    assert said.engine == "silence"
    assert said.note == "The model file is gone. Silence with captions."
    assert not read(wav)[0].any()
    assert seconds(wav) == pytest.approx(said.seconds)
    assert 1.5 < said.seconds < 4
    assert [word.text for word in said.words] == ["A", "short", "one,", "and", "unforgettable."]
    long = [word.end - word.start for word in said.words]
    assert max(long) == long[-1]


def test_silence_fits_too():
    text = "Many words that take a while to read, and then some more of them."
    natural = SilentVoice().speak(text, "en", "", 1)[1].seconds
    assert SilentVoice().speak(text, "en", "", 1, natural * 0.9)[1].seconds <= natural * 0.9 + 0.01


def test_japanese_is_spoken_and_says_by_whom():
    wav, said = LocalVoice().speak("今日は良い天気です。", "ja", "", 1)
    assert said.engine == "espeak-ng"
    assert "espeak-ng spoke instead" in said.note
    assert read(wav)[0].any()


def test_kanji_without_a_reading_is_captioned_silence_and_says_why():
    _, said = LocalVoice().speak("今日は龘です。", "ja", "", 1)
    assert said.engine == "silence"
    assert "kanji '龘'" in said.note
    assert said.words


def test_no_engine_left():
    with pytest.raises(VoiceError, match="model file is gone"):
        LocalVoice([Broken()]).speak("Hi.", "en", "", 1)

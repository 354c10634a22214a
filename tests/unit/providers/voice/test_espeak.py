import threading

import numpy as np
import pytest

from common.media.loudness import integrated
from common.media.wave import read
from common.providers.voice.espeak import EspeakVoice
from common.providers.voice.port import VoiceError

TEXTS = {
    "fr": "Bonjour à tous. En 2024, 1 250 personnes l’ont écouté.",
    "es": "¿Qué es esto? ¡Hola, niños!",
    "de": "Im Jahr 2024 zahlten viele Leute 9,99 €.",
    "it": "L'acqua è un'ottima scelta.",
    "pt": "Não há amanhã.",
    "ja": "きょうは とてもよい てんきです。",
    "zh": "今天天气很好，我们去公园吧。",
    "ko": "안녕하세요. 오늘은 날씨가 좋습니다.",
    "ru": "Привет, мир.",
}


@pytest.mark.parametrize("lang", TEXTS)
def test_reads_every_language_with_words_in_order(lang):
    wav, said = EspeakVoice().speak(TEXTS[lang], lang, "", 1)
    samples, rate = read(wav)
    assert rate == 24000
    assert said.seconds == pytest.approx(len(samples) / rate)
    assert "".join(word.text for word in said.words).replace(" ", "") == TEXTS[lang].replace(" ", "")
    end = 0.0
    for word in said.words:
        assert end <= word.start < word.end <= said.seconds
        end = word.end
    assert integrated(samples, rate) == pytest.approx(-20, abs=0.6)


def test_words_start_where_the_sound_starts():
    wav, said = EspeakVoice().speak("Deux. Trois. Quatre. Cent. Bateau.", "fr", "", 1)
    samples, rate = read(wav)
    step = rate // 200
    levels = np.abs(samples[: len(samples) // step * step, 0]).reshape(-1, step).max(axis=1)
    loud = levels > levels.max() * 10 ** (-32 / 20)
    heard = [i * step / rate for i in range(len(loud)) if loud[i] and not loud[max(0, i - 24) : i].any()]
    assert len(heard) == 5
    for onset, word in zip(heard, said.words, strict=True):
        assert abs(onset - word.start) <= 0.08


def test_same_text_same_bytes_also_from_threads():
    voice = EspeakVoice()
    alone = {lang: voice.speak(TEXTS[lang], lang, "", 1) for lang in ("fr", "de")}
    together = {}

    def speak(lang: str) -> None:
        together[lang] = voice.speak(TEXTS[lang], lang, "", 1)

    threads = [threading.Thread(target=speak, args=(lang,)) for lang in alone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_fits_by_speaking_faster():
    natural = EspeakVoice().speak(TEXTS["fr"], "fr", "", 1)[1].seconds
    assert EspeakVoice().speak(TEXTS["fr"], "fr", "", 1, natural * 0.92)[1].seconds <= natural * 0.92
    assert EspeakVoice().speak(TEXTS["fr"], "fr", "", 1, 0.1)[1].seconds > natural * 0.75


JAPANESE = {  # written, and the morae a person says
    "灯台は二千年にわたって船を導いてきました。": 25,
    "2024年の東京では、1,250人がAIを使っています。": 38,
    "GoogleとNASAは3.5%の成長を発表した。": 29,
    "彼は「さようなら」と言って、100メートル歩いた。": 22,
    "髙島屋の珈琲は、本当においしい！ 11月1日（金）です。": 33,
    "きょうは とてもよい てんきです。": 13,
}


@pytest.mark.parametrize("text", JAPANESE)
def test_japanese_is_read_with_its_written_words(text):
    wav, said = EspeakVoice().speak(text, "ja", "", 1)
    samples, rate = read(wav)
    assert integrated(samples, rate) == pytest.approx(-20, abs=0.6)
    assert "".join(word.text for word in said.words).replace(" ", "") == text.replace(" ", "")
    assert len(said.words) >= 3
    end = 0.0
    for word in said.words:
        assert end <= word.start < word.end <= said.seconds
        end = word.end
    assert 5.0 < JAPANESE[text] / (said.words[-1].end - said.words[0].start) < 9.0


def test_refuses_what_it_cannot_read():
    with pytest.raises(VoiceError, match="kanji '龘'"):
        EspeakVoice().speak("今日は龘。", "ja", "", 1)
    with pytest.raises(VoiceError, match="no voice 'xx'"):
        EspeakVoice().speak("Hm.", "xx", "", 1)


def test_missing_library_is_a_clear_refusal(monkeypatch):
    import espeakng_loader

    monkeypatch.setattr(espeakng_loader, "get_library_path", lambda: "missing.so")
    with pytest.raises(VoiceError, match="cannot be loaded"):
        EspeakVoice().speak("Salut.", "fr", "", 1)

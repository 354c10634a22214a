import numpy as np
import pytest

from common.domain.speech import Word
from common.media.wave import read
from common.providers.voice.port import RATE
from common.providers.voice.reading import (
    HEAD,
    PAUSE,
    TAIL,
    Sentence,
    assemble,
    first_sound,
    last_sound,
    loudest_step,
    settle,
)


def tone(quiet: float, loud: float) -> Sentence:
    sound = np.concatenate([np.zeros(int(quiet * RATE)), 0.1 * np.sin(np.arange(int(loud * RATE)) * 0.2)])
    samples = np.concatenate([sound, np.zeros(int(quiet * RATE))]).astype(np.float32)
    return Sentence(samples, (Word(text="la", start=quiet, end=quiet + loud),))


def test_sentences_are_trimmed_and_set_a_pause_apart():
    wav, seconds, words = assemble([tone(0.4, 0.5), tone(0.7, 0.3)])
    assert seconds == pytest.approx(HEAD + 0.5 + PAUSE + 0.3 + TAIL, abs=0.15)
    assert words[0].start == pytest.approx(HEAD, abs=0.03)
    assert words[1].start - words[0].end == pytest.approx(PAUSE, abs=0.06)
    samples, _ = read(wav)
    assert abs(samples[0]) == abs(samples[-1]) == 0


def test_word_times_are_put_in_order_inside_the_sound():
    messy = [Word(text=str(i), start=s, end=e) for i, (s, e) in enumerate([(0.5, 0.4), (0.3, 0.9), (2, 3), (0.9, 0.9)])]
    at = 0.0
    for word in settle(messy, 1.0):
        assert at <= word.start < word.end <= 1.0
        at = word.end


def test_more_words_than_time():
    words = settle([Word(text="x", start=0, end=0)] * 50, 0.5)
    assert all(word.start < word.end for word in words)
    assert words[-1].end <= 0.5


def test_edges_of_a_word_follow_the_sound():
    sentence = tone(0.4, 0.5)
    loudest = loudest_step(sentence.samples)
    assert first_sound(sentence.samples, 0.1, 0.45, loudest) == pytest.approx(0.4, abs=0.011)
    assert last_sound(sentence.samples, 0.4, 1.2, loudest) == pytest.approx(0.9, abs=0.011)
    assert first_sound(sentence.samples, 0.6, 0.66, loudest) == pytest.approx(0.63)
    assert first_sound(sentence.samples, 0.7, 0.7, loudest) == pytest.approx(0.7)

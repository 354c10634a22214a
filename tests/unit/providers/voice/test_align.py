import random

import pytest

from common.providers.voice.align import spans


@pytest.mark.parametrize(
    ("written", "spoken", "read"),
    [
        ("It costs $5 million now", "It costs 5 million dollars now", "It|costs|5|million dollars|now"),
        ("at 7:30 pm today", "at seven thirty P.M. today", "at|seven thirty|P.M.|today"),
        ("on 3 Mar. we", "on the third of March we", "on|the third of|March|we"),
        ("Henry VIII; 555-1234; ok", "Henry the eighth; 5 5 5, 1 2 3 4; ok", "Henry|the eighth;|5 5 5, 1 2 3 4;|ok"),
        ("10km away — far", "10 kilometers away — far", "10 kilometers|away|—|far"),
        ("a = b", "a equals b", "a|equals|b"),
        ("yes • no", "yes no", "yes||no"),
        ("5", "five", "five"),
    ],
)
def test_spoken_words_go_to_the_written_word_they_read(written, spoken, read):
    words = spoken.split()
    assert "|".join(" ".join(words[a:b]) for a, b in spans(written.split(), words)) == read


def test_no_words_at_all():
    assert spans([], ["ghost"]) == []
    assert spans(["ghost"], []) == [(0, 0)]


def test_every_spoken_word_is_given_away_once_in_order():
    chance = random.Random(4)
    vocabulary = ["one", "two", "5", "1,250", "the", "kg", "—", "cat.", "pm", "A.M."]
    for _ in range(200):
        written = chance.choices(vocabulary, k=chance.randint(1, 9))
        spoken = chance.choices(vocabulary, k=chance.randint(0, 12))
        at = 0
        for first, last in spans(written, spoken):
            assert at == first <= last
            at = last
        assert at == len(spoken)

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.domain.pacing import LEAD_IN
from common.domain.speech import Narration, Word
from common.media.captions import NARROW, Cue, cues_of, width_of
from tests.unit.media.films import plan, scene, spoken

WORDS = st.lists(st.tuples(st.text(max_size=40), st.floats(-1, 30), st.floats(-1, 30)), max_size=30)


def cues(text: str, columns: int = 40, pause: float = 0.05) -> tuple[Cue, ...]:
    return cues_of(plan(scene("a", 900)), {"a": spoken(text, pause=pause)}, columns)


def texts(text: str, columns: int = 40) -> list[str]:
    return [cue.text() for cue in cues(text, columns)]


def test_cues_hold_three_to_five_words_and_end_at_punctuation() -> None:
    assert texts("For two thousand years, sailors trusted a single light. It never moved.") == [
        "For two thousand years,",
        "sailors trusted a single light.",
        "It never moved.",
    ]


def test_no_word_is_left_alone_after_a_full_cue() -> None:
    assert [len(text.split()) for text in texts("one two three four five six")] == [3, 3]


def test_a_pause_ends_a_cue() -> None:
    words = (Word(text="Wait", start=0, end=0.3), Word(text="now", start=1.2, end=1.5))
    spoken_ = Narration(seconds=2, words=words, engine="t", version="1", lang="en")
    assert [cue.text() for cue in cues_of(plan(scene("a", 90)), {"a": spoken_}, 40)] == ["Wait", "now"]


def test_long_words_take_two_balanced_lines() -> None:
    assert texts("Extraordinary lighthouses everywhere", 24) == ["Extraordinary\nlighthouses everywhere"]


def test_a_word_wider_than_a_line_is_divided_not_cut_off() -> None:
    found = texts("a" * 50, 20)
    assert "".join(found).replace("\n", "") == "a" * 50
    assert all(width_of(line) <= 20 * NARROW for text in found for line in text.split("\n"))


def test_chinese_and_japanese_join_without_spaces_in_short_cues() -> None:
    found = texts("日本語の 字幕が ここに 表示され、 とても 読みやすい です。")
    assert "".join(found) == "日本語の字幕がここに表示され、とても読みやすいです。"
    assert all(len(text) <= 12 for text in found)


def test_wide_signs_fill_the_line_they_fit_on() -> None:
    assert texts("船を 導いて きました。", 19) == ["船を導いてきました。"]


def test_no_space_follows_a_wide_comma() -> None:
    assert texts("時代、 丘の上の 炎") == ["時代、丘の上の炎"]


def test_a_small_word_goes_with_the_next_one() -> None:
    assert texts("Sailors looked for distant lights every night") == [
        "Sailors looked for distant",
        "lights every night",
    ]


def test_a_foreign_word_keeps_its_spaces() -> None:
    assert texts("and 日本語 too") == ["and 日本語 too"]


def test_times_are_those_of_the_words() -> None:
    made = plan(scene("a", 60), scene("b", 300))
    [cue] = cues_of(made, {"b": spoken("one two three", each=0.4, pause=0.0)}, 40)
    assert abs(cue.first / 30 - (2 + LEAD_IN)) <= 0.5 / 30
    assert [word.first for word in cue.words] == [70, 82, 94]
    assert abs(cue.end / 30 - (2 + LEAD_IN + 1.2)) <= 1 / 30


def test_short_gaps_are_closed_and_long_ones_are_not() -> None:
    near, far = cues("One two. Three four.", pause=0.2), cues("One two. Three four.", pause=0.4)
    assert near[0].end == near[1].first
    assert far[0].end < far[1].first


@settings(max_examples=60, deadline=None)
@given(words=WORDS, columns=st.integers(8, 60), frames=st.integers(1, 400))
def test_any_words_give_readable_cues_in_order(
    words: list[tuple[str, float, float]], columns: int, frames: int
) -> None:
    made = plan(scene("a", frames), scene("b", frames))
    said = Narration(
        seconds=1, words=tuple(Word(text=t, start=a, end=b) for t, a, b in words), engine="t", version="1", lang="en"
    )
    found = cues_of(made, {"a": said, "b": said}, columns)
    assert all(cue.end > cue.first >= 0 for cue in found)
    assert all(a.end <= b.first for a, b in pairwise(found))
    assert all(cue.end <= made.frames for cue in found)
    for cue in found:
        assert cue.text().strip()
        assert len(cue.lines) <= 2
        marks = [cue.first, *(edge for word in cue.words for edge in (word.first, word.end)), cue.end]
        assert marks == sorted(marks)


@pytest.mark.parametrize("word", ["\n\t", "\u200b", "\x00"])
def test_invisible_words_say_nothing(word: str) -> None:
    said = Narration(seconds=1, words=(Word(text=word, start=0, end=1),), engine="t", version="1", lang="en")
    assert cues_of(plan(scene("a", 90)), {"a": said}, 40) == ()

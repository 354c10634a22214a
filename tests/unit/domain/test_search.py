import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain.search import MOST_TOKENS, lined, search, tokens


def found(words: str, *texts: str) -> bool:
    looked = search(words)
    assert looked is not None
    return looked.found_in(lined(*texts))


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("summer", "A Summer sale"),
        ("SUMM", "a summer sale"),
        ("sale summer", "Summer, then: the sale!"),
        ("cafe", "Le Café"),
        ("été", "ETE"),
        ("5g ai", "AI over 5G"),
        ("straße", "STRASSE"),
        ("動画", "短い動画を作る"),
        ("영상", "짧은 영상을 만들어"),
        ("ガラス", "窓のガラスの話"),
    ],
)
def test_words_are_found_whole_or_as_beginnings_whatever_their_case_and_accents(words: str, text: str):
    assert found(words, text)
    looked = search(words)
    assert looked is not None
    assert looked.token in tokens("", text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("ai", "aim"),
        ("sum", "summer"),
        ("mmer", "summer"),
        ("summer sale", "summer"),
        ("カラス", "ガラス"),
        ("作動", "動作"),
        ("短", "短い"),
        ("画短", "動画 短い"),
        ("salesumm", "sale summer"),
    ],
)
def test_other_words_are_not_found(words: str, text: str):
    assert not found(words, text)


@pytest.mark.parametrize("text", ["", "  ", "!!!", "' -- ;", "_"])
def test_what_has_no_letter_and_no_digit_looks_for_nothing(text: str):
    assert search(text) is None


def test_words_may_stand_in_different_texts():
    assert found("title content", "a title", "some content")


def test_the_title_comes_first_where_there_is_too_much_to_store():
    long = " ".join(f"{number:04d}" for number in range(1000))
    stored = tokens("Zebra crossing", long)
    assert len(stored) == MOST_TOKENS
    assert stored[:3] == ("zebr", "cros", "crossin")


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_text_that_holds_the_words_has_their_token(words: str, text: str):
    looked = search(words)
    if looked is not None and looked.found_in(lined(text, words)):
        assert looked.token in tokens(text, words)


@given(st.text(min_size=1, max_size=40))
def test_every_text_is_found_by_itself(text: str):
    looked = search(text)
    assert looked is None or looked.found_in(lined(text))

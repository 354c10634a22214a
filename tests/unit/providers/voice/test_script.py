import pytest

from common.providers.voice.script import plain, sentences, speakable


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("# A title\n\n- **Bold** point\n> quoted `code`", "A title\nBold point\nquoted code"),
        ("See [our site](https://a.example/b) and ![a cat](cat.png).", "See our site and a cat."),
        ("*soft* _words_ but 2 * 3 and snake_case stay", "soft words but 2 * 3 and snake_case stay"),
        ("Hi 👩‍🚀👍🏽 there 🇫🇷!", "Hi there !"),
        ("It is 20 °C ©", "It is 20 °C ©"),
        ("a\u00a0b\r\nc\x07d <b>e</b>", "a b\nc d e"),
        ("```\ncode\n```\n---\n- [x] done", "code\ndone"),
    ],
)
def test_plain_keeps_words_and_drops_signs(written, spoken):
    assert plain(written) == spoken


@pytest.mark.parametrize(
    ("paragraph", "split"),
    [
        ("Dr. Smith met J. K. Rowling. She left.", ["Dr. Smith met J. K. Rowling.", "She left."]),
        ("On Jan. 5 it rained, e.g. Hard. Then… it stopped.", ["On Jan. 5 it rained, e.g. Hard.", "Then… it stopped."]),
        ('He said "Stop." Then he (really!) left.', ['He said "Stop."', "Then he (really!) left."]),
        ("今日は。元気！はい", ["今日は。", "元気！", "はい"]),
        ("¿Qué? ¡Hola!", ["¿Qué?", "¡Hola!"]),
        ("… ! Well. ? — Yes", ["… ! Well. ?", "— Yes"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_stops(paragraph, split):
    assert sentences(paragraph) == split


def test_speakable_needs_a_letter_or_digit():
    assert all(map(speakable, ["— 7", "é", "你"]))
    assert not speakable("— … ¡!")

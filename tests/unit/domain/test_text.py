"""Text comes in safely, is told apart and cut into sentences."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain.text import kind_of, readable, sanitise, sentences


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Hello <b>World</b> &amp; friends", "Hello World & friends"),
        ("a < b and c > d", "a < b and c > d"),
        ("One<br>Two<p>Three</p>", "One\nTwo\nThree"),
        ("before<script>alert('x')</script>after", "before after"),
        ("<ul><li>One</li><li>Two</li></ul>", "- One\n\n- Two"),
        ("evil\u202etxt.exe\u202c \u0007bell", "eviltxt.exe bell"),
        ("e\u0301te\u0301", "\u00e9t\u00e9"),
        ("see <https://example.com/a>", "see https://example.com/a"),
        ("a\r\nb\rc\n\n\n\nd", "a\nb\nc\n\nd"),
        ("\U0001f469\u200d\U0001f680 flies", "\U0001f469\u200d\U0001f680 flies"),
        ("**bold** and `code`", "**bold** and `code`"),
    ],
)
def test_sanitise(raw: str, clean: str) -> None:
    assert sanitise(raw) == clean


@given(st.text(max_size=300))
def test_nothing_harmful_is_left(text: str) -> None:
    clean = sanitise(text)
    assert all(sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs", "Co") for sign in clean)
    assert not any(sign in clean for sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
    assert "<script" not in clean.lower() or "&lt;" in text.lower() or "<" in text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("How lighthouses guided ships for two thousand years", "prompt"),
        ("Make a video about tea. Keep it short.", "prompt"),
        ("Recipe: pancakes: flour, milk, eggs", "prompt"),
        ("灯台の歴史", "prompt"),
        ("# Title\n\nSome text here.", "script"),
        ("First sentence. Second sentence. Third one.", "script"),
        ("1. Mix\n2. Bake", "script"),
        ("word " * 200, "script"),
    ],
)
def test_prompts_and_scripts_are_told_apart(text: str, kind: str) -> None:
    assert kind_of(text) == kind


def test_sentences_keep_abbreviations_and_decimals_whole() -> None:
    text = 'Mr. Smith paid 2.5 dollars. Then he left! "Why?" she said.'
    assert sentences(text) == ["Mr. Smith paid 2.5 dollars.", "Then he left!", '"Why?" she said.']
    assert sentences("灯台は古い。本当？") == ["灯台は古い。", "本当？"]


@given(st.text(max_size=200))
def test_sentences_lose_no_word(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_marks_alone_are_not_readable() -> None:
    assert not readable("--- *** ...")
    assert readable("🎉")
    assert readable("7")


def test_code_between_fences_keeps_its_indents() -> None:
    text = "Some   words:\n\n```go\nif ok {\n\treturn  1\n}\n```\n  more   words"
    assert sanitise(text) == "Some words:\n\n```go\nif ok {\n    return 1\n}\n```\n more words"

"""Text comes in safely, is told apart and cut into sentences."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain.text import kind_of, readable, sanitise, sanitise_code, sentences
from common.providers.planner.markdown import parse


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


@pytest.mark.parametrize(
    "code",
    [
        "```html\n<p>One &amp; <b>two</b></p>\n```",
        "```jsx\nreturn <Button>ok</Button>;\n```",
        "```xml\n<script>\n    let a = 1;\n</script>\n```",
        "~~~java\nList<A> found;\n~~~",
        "```html\n<!-- never closed\n```",
        "```sh\ncurl <https://example.com>\n```",
        "```py\n    ```\n```",
    ],
)
def test_code_between_fences_keeps_its_tags(code: str) -> None:
    assert sanitise(code) == code
    assert sanitise(f"<b>Before</b>\n\n{code}\n\n<i>after</i>") == f"Before\n\n{code}\n\nafter"
    [block] = [block for block in parse(sanitise(f"Words <b>here</b>\n{code}\nmore words")) if block.kind == "code"]
    assert list(block.texts) == code.split("\n")[1:-1]


def test_code_whose_fence_is_never_closed_reaches_to_the_end() -> None:
    assert sanitise("<b>Look</b>\n```html\n<b>code</b>\n\n<i>too</i>") == "Look\n```html\n<b>code</b>\n\n<i>too</i>"


def test_code_is_no_hiding_place_for_what_deceives() -> None:
    assert sanitise("```py\na = \u202e'x'\u0007\u200b\n```") == "```py\na = 'x'\n```"


def test_what_is_hidden_around_code_hides_it() -> None:
    assert sanitise("Before\n<!--\n```html\n<b>x</b>\n```\n-->\nafter") == "Before\n\nafter"


def test_code_in_an_item_starts_where_its_fence_does() -> None:
    text = "- An item:\n\n    ```html\n    <ul>\n      <li>\n    ```\n\n- <b>another</b>"
    assert sanitise(text) == "- An item:\n\n```html\n<ul>\n  <li>\n```\n\n- another"


LINES = ["```", "    ```", "  ~~~", "\t```", "\u200b```", "        ~~~", "    <b>x</b>", "<b>x</b>", "", "<!-- -->"]


@given(st.lists(st.sampled_from(LINES)))
def test_tags_are_kept_where_the_parser_sees_code_and_nowhere_else(lines: list[str]) -> None:
    clean = sanitise("\n".join(lines))
    assert clean.count("x") == sum(line.count("x") for line in lines)
    for block in parse(clean):
        said = "".join(block.texts)
        assert said.count("<b>") == (said.count("x") if block.kind == "code" else 0)


def test_a_line_of_code_keeps_its_indent_and_its_tags() -> None:
    assert sanitise_code("\tif a < b:  <b>\u202e") == "    if a < b: <b>"
    assert sanitise_code("  ") == ""

"""Markdown and plain text become the same few kinds of blocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.providers.planner.markdown import inline, parse


@pytest.mark.parametrize(
    ("script", "blocks"),
    [
        ("# Title\nText one\ngoes on.\n\nText two.", ["heading", "paragraph", "paragraph"]),
        ("Title\n=====\n\n- a\n- b", ["heading", "bullets"]),
        ("1. a\n2) b\n\n3. c", ["steps"]),
        ("Step 1: a thing\nStep 2: another", ["steps"]),
        ("> said\n> so", ["quote"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |", ["table"]),
        ("```\ncode\n```\nafter that", ["code", "paragraph"]),
        ("---\n***\n___", []),
        ("Roses are red\nviolets are blue\nsugar is sweet", ["verse"]),
        ("[Music fades in]\n\nNarrator: Hello there.", ["direction", "paragraph"]),
        ("Ingredients:\n- flour", ["heading", "bullets"]),
        ("Scene 2: The harbour\nIt was dark.", ["heading", "paragraph"]),
    ],
)
def test_kinds(script: str, blocks: list[str]) -> None:
    assert [block.kind for block in parse(script)] == blocks


def test_nested_items_and_speakers_are_folded() -> None:
    assert parse("- a\n  - b\n- c")[0].texts == ("a, b", "c")
    assert parse("NARRATOR: Hello there.")[0].texts == ("Hello there.",)


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("**bold**, *soft* and `code`", "bold, soft and code"),
        ("[our guide](https://a.example/x) here", "our guide here"),
        ("![a picture](x.png)After", "After"),
        ("see https://www.example.com/path?x=1 now", "see example.com now"),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        ("~~gone~~ \\*kept\\*", "gone *kept*"),
    ],
)
def test_inline_marks(marked: str, plain: str) -> None:
    assert inline(marked) == plain


@given(st.text(alphabet="ab1.#-*>|`_[]() \n:=~", max_size=120))
def test_any_text_parses(text: str) -> None:
    for block in parse(text):
        assert any(part.strip() for part in block.texts)

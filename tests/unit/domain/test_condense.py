"""Headlines are short, whole words, and cut where language allows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain.condense import condense


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Trees cool the street.", "Trees cool the street"),
        ("And so, the story begins here.", "So, the story begins here"),
        ("Is it far?", "Is it far?"),
        (
            "In spring the river rises, and all the children come running to the bridge.",
            "In spring the river rises",
        ),
        (
            "A single mature oak can move four hundred litres of water from the soil to the sky",
            "A single mature oak can move four hundred litres",
        ),
        ("Que faut-il emporter ?", "Que faut-il emporter ?"),
        ("« Partir ? »", "Partir ?"),
        ("Le livre dit : « Partir » !", "Le livre dit : « Partir »"),
        ("« Partir » ou « rester » ?", "« Partir » ou « rester » ?"),
        ("“Go!” he said.", "“Go!” he said"),
        ("Er sagt „Geh“.", "Er sagt „Geh“"),
        ('"Say yes"', "Say yes"),
        ('Say "yes"!', 'Say "yes"'),
        ("The dogs’", "The dogs"),
        ('Three 27" screens', 'Three 27" screens'),
        ("The old keeper said “light the lamp, and go to sleep afterwards”", "The old keeper said light the lamp"),
        (
            "Tous les enfants du village ont bien répété à Anna « nous partons »",
            "Tous les enfants du village ont bien répété à Anna",
        ),
        ("灯台は二千年の間、船を導いてきました。そして今も光っています。", "灯台は二千年の間、船を導いてきました"),
    ],
)
def test_examples(text: str, short: str) -> None:
    assert condense(text) == short


@given(st.text(max_size=300), st.integers(20, 110))
def test_never_longer_than_asked(text: str, limit: int) -> None:
    assert len(condense(text, limit)) <= limit

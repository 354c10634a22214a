"""Speaking times as measured on the voice, and frames that sum exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain.pacing import (
    LEAD_IN,
    MIN_SCENE,
    TAIL,
    least_frames,
    scene_frames,
    scene_seconds,
    share_out,
    speech_seconds,
)

# Seconds from the first to the last sound, measured on the English voice with seed 0 (clip length less its silences).
MEASURED = [
    ("How lighthouses guided ships for two thousand years.", 2.62),
    ("Every long story has a first chapter, and this one begins at the edge of the sea.", 4.30),
    ("In 1886, the statue opened to the public.", 2.90),
    ("73% of teams say that planning saves time.", 3.10),
    ("Whisk three eggs with two hundred grams of sugar until the mixture is pale.", 3.98),
    ("Do not use the lift. Leave by the stairs, close the doors behind you, and wait outside.", 5.45),
    ("It was a dark night. The wind was up. The dog ran out.", 4.05),
    ("Sales grew by 2.5 million dollars, up 12% from 2019.", 4.80),
    ("1 in 4 people sleep less than six hours a night.", 2.60),
    ("Between 1914 and 1918 the harbour handled 12,450 ships.", 6.00),
    ("Quantum computers use superposition and entanglement to explore many possibilities at once.", 5.48),
    ("Preheat the oven to 180 degrees and bake for 25 minutes.", 4.15),
]


@pytest.mark.parametrize(("text", "seconds"), MEASURED)
def test_english_estimates_are_within_twelve_percent_of_the_clip(text: str, seconds: float) -> None:
    clip = seconds + LEAD_IN + TAIL
    assert abs(speech_seconds(text, "en") + LEAD_IN + TAIL - clip) / clip < 0.12


@pytest.mark.parametrize("lang", ["en", "fr", "es", "de", "it", "pt", "ja", "zh", "ko"])
@given(text=st.text(max_size=200))
def test_more_text_never_takes_less_time(lang: str, text: str) -> None:
    assert 0 <= speech_seconds(text, lang) <= speech_seconds(f"{text} 7 lighthouses 灯台", lang)


def test_a_scene_never_flickers_and_is_never_slower_than_its_fastest() -> None:
    assert scene_seconds("", "en") == MIN_SCENE
    text = MEASURED[1][0]
    assert least_frames(text, "en") < scene_frames(text, "en")


@given(
    st.lists(st.tuples(st.integers(30, 400), st.integers(1, 400), st.floats(0.5, 2)), min_size=1, max_size=30),
    st.integers(-2000, 5000),
)
def test_frames_sum_exactly_and_keep_their_least(scenes: list[tuple[int, int, float]], spare: int) -> None:
    needs = [need for need, _, _ in scenes]
    least = [min(need, low) for need, low, _ in scenes]
    total = max(sum(least), sum(needs) + spare)
    shared = share_out(needs, least, total, [weight for _, _, weight in scenes])
    assert sum(shared) == total
    assert all(got >= low for got, low in zip(shared, least, strict=True))


def test_what_cannot_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="need 90 frames"):
        share_out([100], [90], 80, [1.0])

"""Complexity: transparent features, and the track they lead to."""

from hypothesis import given
from hypothesis import strategies as st

from common.domain.complexity import complexity, features, level_of, track_of
from common.domain.presets import PRESETS
from common.domain.request import PipelineRequest

LIGHTHOUSES = PipelineRequest(content="How lighthouses guided ships for two thousand years", duration_sec=30)


def test_a_broad_subject_in_one_line_takes_the_full_track() -> None:
    score = complexity(LIGHTHOUSES)
    assert 0.35 <= score <= 0.5
    assert track_of(score, LIGHTHOUSES.rules, 30) == "full"


def test_a_greeting_takes_the_fast_track() -> None:
    request = PipelineRequest(content="Say happy birthday to Anna")
    assert complexity(request) < 0.3
    assert track_of(complexity(request), request.rules) == "fast"


def test_a_long_dated_script_is_premium() -> None:
    text = " ".join(f"In {1800 + n * 7} a harbour town raised tower {n} above its rocks." for n in range(25))
    request = PipelineRequest(content=text, preset="premium_spot", duration_sec=180)
    assert complexity(request) >= 0.7
    assert level_of(complexity(request)) == "high"


def test_presets_that_promise_the_full_treatment_never_take_the_fast_track() -> None:
    assert track_of(0.1, PRESETS["brand_campaign"]) == "full"
    assert track_of(0.1, PRESETS["quick_social"]) == "fast"
    assert track_of(0.1, PRESETS["quick_social"], 60) == "full"


def test_more_of_the_same_never_lowers_the_score() -> None:
    longer = PipelineRequest(content=LIGHTHOUSES.content + ". Then came electric light in 1858.", duration_sec=30)
    assert complexity(longer) > complexity(LIGHTHOUSES)


@given(st.text(min_size=10, max_size=300).filter(lambda text: len(text.strip()) >= 10))
def test_every_feature_stays_within_its_scale(text: str) -> None:
    found = features(PipelineRequest(content=text))
    assert all(0 <= value <= 1 for value in found.model_dump().values())
    assert 0 <= found.score <= 1

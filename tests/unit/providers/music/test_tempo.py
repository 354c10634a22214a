"""A film is cut on the beats of its music: the music gives way, the plan does not."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain.plan import Plan
from common.domain.request import PipelineRequest
from common.providers.music.character import CHARACTERS
from common.providers.music.local import LocalMusic
from common.providers.music.score import write_score
from common.providers.music.tempo import GIVE, even, fitted
from common.providers.planner.local import LocalPlanner
from common.providers.planner.port import Brief

CLOSE = 0.04  # seconds within which an ear takes a cut and a beat for one
TOPICS = ("The history of coffee", "Why cats purr", "How bridges stand", "A day on Mars", "Learning to swim")
TOPICS += ("The deep sea", "Bread from wild yeast", "Trains at night", "The invention of zero", "Gardens in winter")


@pytest.fixture(scope="module")
def plans() -> list[Plan]:
    """Twenty films, half of them short and half long."""
    lengths = ((30, "quick_social"), (110, "premium_spot"))
    asked = [
        PipelineRequest.model_validate({"content": topic, "duration_sec": seconds, "preset": preset, "seed": seed})
        for seed, (topic, (seconds, preset)) in enumerate(itertools.product(TOPICS, lengths))
    ]
    return [LocalPlanner().direct(Brief.of(request)) for request in asked]


def cuts_of(plan: Plan) -> list[float]:
    return [start / plan.fps for start in plan.starts()[1:]]


def on_a_beat(beats: tuple[float, ...], cuts: list[float]) -> list[bool]:
    return [bool(np.abs(np.array(beats) - cut).min() <= CLOSE) for cut in cuts]


def test_nine_of_ten_cuts_fall_on_a_beat_of_the_music(plans: list[Plan]) -> None:
    met, by_chance = [], []
    for plan in plans:
        cuts, asked = cuts_of(plan), (plan.mood, "", plan.seconds, plan.seed)
        met += on_a_beat(LocalMusic().beats(*asked, cuts), cuts)
        by_chance += on_a_beat(LocalMusic().beats(*asked), cuts)
    assert np.mean(met) >= 0.9
    assert np.mean(by_chance) < 0.3


def test_what_is_played_falls_where_the_beats_do(plans: list[Plan]) -> None:
    plan = plans[1]
    score = write_score(CHARACTERS["bright"], plan.seconds, 7, cuts_of(plan))
    met = [second for _, second in score.tempo.anchors[1:-1]]
    hats = np.array([note.at for note in score.notes() if note.part == "hat"])  # which rest in the quiet parts
    heard = [second for second in met if np.abs(hats - second).min() < 1e-6]
    assert len(met) > len(plan.scenes) / 2
    assert len(heard) > len(met) / 2


@given(
    count=st.integers(4, 400),
    beat=st.floats(0.4, 1.0),
    cuts=st.lists(st.floats(0, 1, exclude_min=True, exclude_max=True), max_size=30),
)
def test_beats_go_forward_and_give_way_no_more_than_allowed(count: int, beat: float, cuts: list[float]) -> None:
    seconds = count * beat
    tempo = fitted([count, count + 4], seconds, [cut * seconds for cut in cuts])
    assert (tempo.anchors[0], tempo.anchors[-1]) == ((0, 0.0), (tempo.count, seconds))
    for (number, second), (after, later) in itertools.pairwise(tempo.anchors):
        assert number < after
        assert abs(math.log((later - second) / (after - number) / tempo.beat)) <= math.log1p(GIVE) + 1e-9
    assert {second for _, second in tempo.anchors[1:-1]} <= {cut * seconds for cut in cuts}


def test_without_cuts_or_where_none_can_be_met_beats_are_even() -> None:
    assert fitted([40, 44], 30.0, []) == even(40, 30.0)
    assert fitted([4], 4.0, [0.5]) == even(4, 4.0)

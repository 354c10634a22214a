from itertools import pairwise
from typing import get_args

import pytest

from common.domain.plan import Mood, SceneKind
from common.providers.planner.transitions import transition_into

KINDS = get_args(SceneKind)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("mood", get_args(Mood))
def test_never_two_in_a_row_and_none_at_the_start(mood: Mood, seed: int) -> None:
    for kind in KINDS:
        found = [transition_into(kind, index, mood, seed) for index in range(12)]
        assert found[0] == "fade"
        assert all("fade" in pair for pair in pairwise(found))


def test_the_content_and_the_mood_choose() -> None:
    lively = {kind: {transition_into(kind, index, "bright", 0) for index in (1, 2)} - {"fade"} for kind in KINDS}
    assert lively["comparison"] == {"wipe"}
    assert lively["steps"] == {"slide"}
    assert lively["statistic"] == {"zoom"}
    assert lively["quote"] == set()
    gentle: tuple[tuple[Mood, set[str]], ...] = (("tender", {"fade"}), ("calm", {"fade", "wipe"}))
    for mood, allowed in gentle:
        assert {transition_into(kind, index, mood, 0) for kind in KINDS for index in range(9)} == allowed

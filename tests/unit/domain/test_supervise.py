"""The supervisor's decision table and what holds for every video."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain.supervise import decide


@pytest.mark.parametrize(
    ("quality", "threshold", "cost", "budget", "repairs", "action"),
    [
        (0.95, 0.9, 10, 100, 2, "approve"),
        (0.9, 0.9, 100, 100, 0, "approve"),
        (0.9, 0.9, 10, None, 0, "approve"),
        (0.89, 0.9, 10, 100, 1, "repair"),
        (0.4, 0.6, 10, 100, 1, "repair"),
        (0.89, 0.9, 10, 100, 0, "reject"),
        (0.39, 0.6, 10, 100, 3, "reject"),
        (0.95, 0.9, 101, 100, 3, "reject"),
        (0.5, 0.9, 101, 100, 3, "reject"),
        (float("nan"), 0.9, 0, 100, 3, "reject"),
    ],
)
def test_decision_table(
    quality: float, threshold: float, cost: int, budget: int | None, repairs: int, action: str
) -> None:
    decision = decide(quality, threshold, cost, budget, repairs)
    assert decision.action == action
    assert decision.reason.endswith((".", "repairing."))


@given(
    quality=st.floats(0, 1),
    threshold=st.floats(0.4, 1),
    cost=st.integers(0, 10**9),
    budget=st.none() | st.integers(0, 10**9),
    repairs=st.integers(0, 3),
)
def test_what_always_holds(quality: float, threshold: float, cost: int, budget: int | None, repairs: int) -> None:
    action = decide(quality, threshold, cost, budget, repairs).action
    if action == "approve":
        assert quality >= threshold
        assert budget is None or cost <= budget
    if action == "repair":
        assert repairs > 0
        assert 0.4 <= quality < threshold
    if quality < 0.4:
        assert action == "reject"

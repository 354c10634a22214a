"""A sliding window keeps its promise at every moment, and tells the truth about the wait."""

import math

from hypothesis import given
from hypothesis import strategies as st

from common.domain.quota import Window, take

GAPS = st.lists(st.floats(0, 40, allow_nan=False), min_size=1, max_size=80)


@given(GAPS, st.integers(1, 20))
def test_over_time_no_more_is_granted_than_so_many_a_window(gaps: list[float], most: int) -> None:
    window, now, granted = Window(), 1e9, []
    for gap in gaps:
        now += gap
        window, taken = take(window, now, most=most, seconds=60)
        granted += [now] * taken.granted
    for first, begin in enumerate(granted):
        for last, end in enumerate(granted[first:], first):
            assert last - first + 1 <= most * (1 + math.ceil((end - begin) / 60))


@given(GAPS, st.integers(1, 20))
def test_waiting_as_told_is_enough(gaps: list[float], most: int) -> None:
    window, now = Window(), 1e9
    for gap in gaps:
        now += gap
        window, taken = take(window, now, most=most, seconds=60)
        if not taken.granted:
            _, later = take(window, now + taken.seconds, most=most, seconds=60)
            assert later.granted


def test_a_quota_is_not_used_up_twice_around_an_edge() -> None:
    window, edge = Window(), 60 * 20_000_000.0
    for turn in range(1000):
        window, taken = take(window, edge - 1 + turn / 1000, most=1000, seconds=60)
        assert taken.granted
    passed = 0
    for _turn in range(1000):
        window, taken = take(window, edge + 1, most=1000, seconds=60)
        passed += taken.granted
    assert passed <= 17  # what a second of the last window leaves


def test_what_is_refused_costs_nothing() -> None:
    """Whoever asks twice as often as allowed gets what is allowed, and not nothing."""
    window, granted = Window(), 0
    for turn in range(60 * 40):
        window, taken = take(window, 1e9 + turn / 4, most=120, seconds=60)
        granted += taken.granted
    assert 1150 <= granted <= 1320  # in 10 minutes, 120 each


def test_a_clock_that_is_behind_takes_from_the_same_window() -> None:
    window = Window()
    for moment in (6000.0, 5400.0, 6001.0):
        window, taken = take(window, moment, most=2, seconds=60)
    assert not taken.granted

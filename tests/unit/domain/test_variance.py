import pytest

from common.domain.variance import variance_percent, within_budget


@pytest.mark.parametrize(
    ("actual", "listed", "percent", "within"),
    [
        (0.3, 0.3, 0.0, True),
        (0.36, 0.3, 20.0, True),
        (0.24, 0.3, -20.0, True),
        (0.37, 0.3, 23.3, False),
        (0, 1, -100.0, False),
    ],
)
def test_twenty_percent_in_either_direction_is_within(actual: float, listed: float, percent: float, within: bool):
    assert variance_percent(actual, listed) == percent
    assert within_budget(percent) is within

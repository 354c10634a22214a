import pytest

from common.media.motion import Key, Sway, ramp, value


def test_an_empty_track_is_neutral_and_ends_hold():
    track = ramp(10, 20, 0, 8)
    assert value((), 3, 1.5) == 1.5
    assert value(track, -100, 1) == 0
    assert value(track, 30, 1) == value(track, 1e6, 1) == 8


@pytest.mark.parametrize("ease", ["out", "in_out", "back", "drift"])
def test_every_ease_starts_and_arrives_exactly(ease):
    track = (Key(at=0, value=2), Key(at=10, value=5, ease=ease))
    assert value(track, 0, 0) == pytest.approx(2)
    assert value(track, 10, 0) == 5
    assert value(track, 9.999, 0) == pytest.approx(5, abs=0.02)


def test_an_entrance_is_fast_first_and_slow_last():
    track = ramp(0, 10, 0, 1)
    assert value(track, 1, 0) - value(track, 0, 0) > 5 * (value(track, 10, 0) - value(track, 9, 0))


def test_a_sway_returns_after_its_period_and_never_rests():
    sway = Sway(x=4, y=4, period=90, phase=0.2)
    assert sway.at(0) == pytest.approx(sway.at(90))
    for frame in range(90):
        (x0, y0, _), (x1, y1, _) = sway.at(frame), sway.at(frame + 1)
        assert (x1 - x0) ** 2 + (y1 - y0) ** 2 > 0.01

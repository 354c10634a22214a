import numpy as np
import pytest

from common.media.limiter import limit
from common.media.loudness import integrated, true_peak


@pytest.mark.parametrize("shape", [(100_000,), (100_000, 2), (7,), (300_001, 2)])
@pytest.mark.parametrize("ceiling", [-1.8, -12.0])
def test_no_true_peak_gets_over_the_ceiling(shape, ceiling):
    chance = np.random.default_rng(3)
    samples = chance.normal(0, 0.4, shape).astype(np.float32)
    samples *= (1 + 4 * (chance.random(shape[0]) > 0.999)).reshape(-1, *[1] * (len(shape) - 1)).astype(np.float32)
    limit(samples, 48000, ceiling)
    assert true_peak(samples) <= ceiling + 0.1


def test_what_is_under_the_ceiling_stays_as_it_is():
    samples = np.random.default_rng(3).uniform(-0.3, 0.3, (50_000, 2)).astype(np.float32)
    before = samples.copy()
    limit(samples, 48000, -1.8)
    assert np.array_equal(samples, before)


def test_a_single_peak_costs_little_loudness():
    wave = (0.1 * np.sin(np.arange(96_000) * 0.06)).astype(np.float32)
    before = integrated(wave, 48000)
    wave[48_000] = 2.0
    limit(wave, 48000, -6)
    assert integrated(wave, 48000) == pytest.approx(before, abs=1.5)
    assert wave[:47_000] == pytest.approx((0.1 * np.sin(np.arange(47_000) * 0.06)), abs=1e-6)

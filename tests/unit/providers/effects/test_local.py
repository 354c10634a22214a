import io
import wave
from typing import get_args

import numpy as np
import pytest

from common.media.loudness import momentary, true_peak
from common.media.wave import read
from common.providers.effects.local import LEVELS, LocalEffects
from common.providers.effects.port import Cue, Kind

KINDS = get_args(Kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_quiet_clean_and_at_its_moment(kind):
    samples, rate = read(LocalEffects().design([Cue(at=2.0, kind=kind)], 5, 1))
    assert len(samples) == 5 * 48000
    assert true_peak(samples) <= -5.8
    loud = np.flatnonzero(np.abs(samples).max(axis=1) > 0.02)
    if kind == "riser":
        assert loud[-1] / rate == pytest.approx(2.0, abs=0.1)
    elif kind == "whoosh":
        assert np.abs(samples).max(axis=1).argmax() / rate == pytest.approx(2.0, abs=0.2)
    else:
        assert loud[0] / rate == pytest.approx(2.0, abs=0.05)
    assert momentary(samples, rate) == pytest.approx(LEVELS[kind], abs=1.0)
    assert not samples[: rate // 4].any()
    assert not samples[-rate // 4 :].any()


def test_no_cues_is_silence_of_the_exact_length():
    wav = LocalEffects().design([], 1.5, 1)
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 48000, 72000)
    assert not read(wav)[0].any()


def test_equal_arguments_equal_bytes_and_no_two_whooshes_alike():
    cues = [Cue(at=1, kind="whoosh"), Cue(at=3, kind="whoosh")]
    once = LocalEffects().design(cues, 4, 7)
    assert once == LocalEffects().design(cues, 4, 7)
    samples, rate = read(once)
    assert not np.allclose(samples[: 2 * rate], samples[2 * rate :], atol=1e-3)


def test_cues_at_and_beyond_the_edges_are_cut_without_a_click():
    samples, _ = read(LocalEffects().design([Cue(at=t, kind=k) for k in KINDS for t in (-3, 0, 0.99, 9)], 1, 1))
    assert len(samples) == 48000
    assert np.abs(samples[0]).max() < 0.02
    assert np.abs(samples[-1]).max() < 0.02

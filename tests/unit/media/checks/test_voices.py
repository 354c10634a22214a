"""Where a voice is heard, against where it was to be."""

import numpy as np
import pytest

from common.domain.pacing import LEAD_IN
from common.media.checks.voices import check_voices
from common.media.timeline import Recipe, Timeline, lay_out
from common.media.wave import Samples, write
from tests.unit.media.films import plan, scene

RATE = 48_000
PLAN = plan(scene("a", 90), scene("b", 300), scene("c", 90))


def line() -> Timeline:
    return lay_out(PLAN, {s.id: s.id for s in PLAN.scenes}, (), Recipe(encoder="e", painter="1"), lambda _: "")


def voice(seed: int, seconds: float) -> Samples:
    """Syllables of noise, as unlike a tone as a voice is."""
    rng = np.random.default_rng(seed)
    samples = rng.normal(0, 0.1, int(RATE * seconds))
    samples *= np.repeat(rng.random(len(samples) // 6000 + 1), 6000)[: len(samples)]
    return samples.astype(np.float32)


SPOKEN = {"a": voice(1, 2.0), "b": voice(2, 8.5), "c": voice(3, 1.5)}
WAVS = {name: write(samples, RATE) for name, samples in SPOKEN.items()}


def film(late: dict[str, float] | None = None, music: float = 0.0) -> Samples:
    samples = np.zeros(RATE * 17, np.float32)
    for (name, spoken), start in zip(SPOKEN.items(), PLAN.starts(), strict=True):
        at = round((start / 30 + LEAD_IN + (late or {}).get(name, 0.0)) * RATE)
        samples[at : at + len(spoken)] += spoken
    samples += music * np.sin(2 * np.pi * 330 * np.arange(len(samples)) / RATE).astype(np.float32)
    return np.stack([samples, samples], axis=1)


def test_voices_in_their_places_are_no_finding() -> None:
    assert list(check_voices(film(), RATE, line(), WAVS)) == []
    assert list(check_voices(film({"b": 0.06}), RATE, line(), WAVS)) == []


@pytest.mark.parametrize("late", [0.1, 0.2, -0.2, 1.0])
@pytest.mark.parametrize("music", [0.0, 0.2])
def test_a_voice_out_of_place_is_measured(late: float, music: float) -> None:
    [finding] = check_voices(film({"b": late}, music), RATE, line(), WAVS)
    assert (finding.code, finding.scene) == ("drift", "b")
    assert finding.at == pytest.approx(3 + LEAD_IN)
    assert f"{abs(late):.3f} s {'late' if late > 0 else 'early'}" in finding.detail


def test_a_voice_that_slips_midway_is_found_there() -> None:
    samples = film()
    slip = round((3 + LEAD_IN + 4.25) * RATE)
    samples[slip + 9600 :] = samples[slip:-9600].copy()
    samples[slip : slip + 9600] = 0
    found = list(check_voices(samples, RATE, line(), WAVS))
    assert [finding.scene for finding in found] == ["b", "c"]
    assert found[0].at == pytest.approx(3 + LEAD_IN + 4.25, abs=0.1)


def test_another_voice_in_its_place_is_no_voice() -> None:
    [finding] = check_voices(film(), RATE, line(), {"b": write(voice(9, 3.0), RATE)})
    assert (finding.code, finding.scene) == ("silence", "b")


def test_a_silent_narration_is_not_looked_for() -> None:
    assert list(check_voices(film(), RATE, line(), {"b": write(np.zeros(RATE, np.float32), RATE)})) == []

"""What is wrong with the sound: loudness, peak, clipping, silence where someone should speak, voices out of place."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from common.domain.findings import Finding
from common.domain.pacing import LEAD_IN
from common.domain.speech import Narration
from common.media.checks.voices import check_voices
from common.media.loudness import SILENCE, integrated, true_peak
from common.media.timeline import Timeline
from common.media.track import MOST_DBTP

_Samples = npt.NDArray[np.float32]

TARGET_LUFS, TOLERANCE_LU = -14.0, 0.5
_CLIPPED, _CLIPPED_IN_A_ROW = 0.9995, 3
_HOP_SECONDS = 0.05
_UNDER_SPEECH_DB = 18.0  # below the film's loudness no voice is heard; music under a voice lies there
_SILENT_SECONDS = 0.8
_NOBODY = "silence"  # the engine whose narrations are read in the captions only, which the film says of itself
_BREATH_SECONDS = 0.3  # words this close belong to one stretch of speech


def check_sound(
    film: Path, timeline: Timeline, narrations: Mapping[str, Narration], voices: Mapping[str, bytes]
) -> list[Finding]:
    """Decode the sound once and measure it; `voices` are the narrations as WAV.

    A film without a sound track is the container check's business.
    """
    rate, samples = _decode(film)
    if not rate:
        return []
    loudness, peak = integrated(samples, rate), true_peak(samples)
    found = []
    if abs(loudness - TARGET_LUFS) > TOLERANCE_LU:
        found.append(
            Finding(
                code="loudness",
                detail=f"The loudness is {loudness:.1f} LUFS instead of {TARGET_LUFS:.0f} ± {TOLERANCE_LU}.",
            )
        )
    if peak > MOST_DBTP:
        found.append(Finding(code="true_peak", detail=f"The true peak is {peak:.2f} dBTP, above {MOST_DBTP:.0f}."))
    for first, count in _clipped(samples):
        found.append(
            Finding(
                code="clipping",
                detail="The sound is clipped.",
                scene=timeline.scene_at(first * timeline.fps // rate),
                at=first / rate,
                seconds=count / rate,
            )
        )
    found += _silences(samples, rate, loudness, timeline, narrations)
    quiet = {finding.scene for finding in found if finding.code == "silence"}
    misplaced = check_voices(samples, rate, timeline, voices)
    return [*found, *(finding for finding in misplaced if finding.scene not in quiet)]


def _decode(film: Path) -> tuple[int, _Samples]:
    """Rate and samples (n, channels) from the film's first moment on; rate 0 when there is no sound."""
    with av.open(str(film)) as media:
        if not media.streams.audio:
            return 0, np.zeros((0, 1), np.float32)
        stream = media.streams.audio[0]
        rate = stream.codec_context.sample_rate
        pieces: list[npt.NDArray[Any]] = []
        for frame in media.decode(stream):
            if not pieces and frame.time:  # the sound begins after the picture
                pieces.append(np.zeros((round(max(0.0, frame.time) * rate), frame.layout.nb_channels), np.float32))
            pieces.append(frame.to_ndarray().T)
        samples = np.concatenate(pieces, dtype=np.float32) if pieces else np.zeros((0, 1), np.float32)
        return rate, samples


def _clipped(samples: _Samples) -> Iterator[tuple[int, int]]:
    """First sample and length of each stretch at full scale; stretches within a tenth of a second count as one."""
    full = np.flatnonzero(np.abs(samples).max(axis=1) >= _CLIPPED) if len(samples) else np.zeros(0, np.int64)
    for group in np.split(full, np.flatnonzero(np.diff(full) > 4800) + 1):
        if len(group) >= _CLIPPED_IN_A_ROW:
            yield int(group[0]), int(group[-1] - group[0] + 1)


def _silences(
    samples: _Samples, rate: int, loudness: float, timeline: Timeline, narrations: Mapping[str, Narration]
) -> Iterator[Finding]:
    """Stretches of speech, by the words' times, in which nothing as loud as a voice is heard."""
    hop = int(rate * _HOP_SECONDS)
    energy = (
        np.square(samples.mean(axis=1)[: len(samples) // hop * hop], dtype=np.float64).reshape(-1, hop).mean(axis=1)
    )
    quiet = 10 * np.log10(energy + 1e-12) < max(loudness, SILENCE + 20) - _UNDER_SPEECH_DB
    for scene, start, _ in timeline.scenes:
        for first, end in _speech(narrations.get(scene)):
            from_, to = (int((start / timeline.fps + LEAD_IN + edge) / _HOP_SECONDS) for edge in (first, end))
            heard = quiet[from_:to]
            run, longest, at = 0, 0, from_
            for index in range(to - from_):
                run = run + 1 if index >= len(heard) or heard[index] else 0
                if run > longest:
                    longest, at = run, from_ + index - run + 1
            if longest * _HOP_SECONDS >= min(_SILENT_SECONDS, 0.9 * (end - first)) and longest > 1:
                yield Finding(
                    code="silence",
                    detail=f"Nobody speaks in scene {scene} where the narration should be heard.",
                    scene=scene,
                    at=at * _HOP_SECONDS,
                    seconds=longest * _HOP_SECONDS,
                )


def _speech(narration: Narration | None) -> list[tuple[float, float]]:
    """Stretches of spoken words with no more than a breath between them."""
    stretches: list[tuple[float, float]] = []
    for word in narration.words if narration and narration.engine != _NOBODY else ():
        if stretches and word.start - stretches[-1][1] <= _BREATH_SECONDS:
            stretches[-1] = (stretches[-1][0], max(stretches[-1][1], word.end))
        else:
            stretches.append((word.start, word.end))
    return stretches

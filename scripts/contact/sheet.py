"""One film on one picture: moments of every scene, painted and captioned as the film would be."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from common.domain.complexity import complexity, track_of
from common.domain.frame import Size
from common.domain.pacing import LEAD_IN, TAIL
from common.domain.plan import TRANSITION_FRAMES, Plan
from common.domain.request import PipelineRequest
from common.engine.brands import Kept
from common.media.branded import caption_look
from common.media.captioner import Captioner
from common.media.captions import Cue, cues_of
from common.media.composition import Composition
from common.media.events import events_within
from common.media.painter import Painter
from common.media.source import Frame
from common.media.timeline import fades_between
from common.media.transition import mixed
from common.providers.planner.local import LocalPlanner
from common.providers.planner.port import Brief
from common.providers.visuals.local import LocalVisuals
from common.providers.visuals.subjects import drawings
from common.providers.voice.silent import SilentVoice
from functions.steps.direct import dressed, seeded

Picture = NDArray[np.uint8]
_MOMENTS = (0.18, 0.5, 0.85)  # of a scene, before what it passes into
_TALL = 400  # pixels down of a moment on the sheet
_ACROSS = 2000  # pixels of a sheet, at most
_GAP = 6


def plan_of(request: PipelineRequest) -> Plan:
    """The plan of a request as the steps of a pipeline make it, without a key."""
    track = track_of(complexity(request), request.rules, request.duration_sec)
    brief = Brief.of(request, track=track)
    return dressed(seeded(LocalPlanner().direct(brief), brief.seed), request, Kept())


def compositions_of(plan: Plan) -> list[Composition]:
    """The picture of every scene."""
    drawn = drawings(plan.scenes)
    return [LocalVisuals().stage(plan, index, drawn[scene.id]) for index, scene in enumerate(plan.scenes)]


def sheet(plan: Plan, files: Mapping[str, Path]) -> Picture:
    """The contact sheet (BGR): a group per scene, three moments of it and the middle of what it passes into."""
    moments = list(_moments(plan, files))
    shown = _captioned(plan, [frame for _, frame in moments], [at for at, _ in moments])
    height = min(_TALL, plan.size.height)
    width = round(height * plan.size.width / plan.size.height)
    small = [cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA) for picture in shown]
    each = len(_MOMENTS) + 1
    groups = [np.hstack([_framed(picture) for picture in small[at : at + each]]) for at in range(0, len(small), each)]
    across = max(1, _ACROSS // groups[0].shape[1])
    groups += [np.zeros_like(groups[0])] * (-len(groups) % across)
    rows = [np.hstack(groups[at : at + across]) for at in range(0, len(groups), across)]
    return np.asarray(np.vstack(rows), dtype=np.uint8)


def _framed(picture: NDArray[np.generic]) -> Picture:
    return np.asarray(cv2.copyMakeBorder(np.asarray(picture), 0, _GAP, 0, _GAP, cv2.BORDER_CONSTANT), dtype=np.uint8)


def _moments(plan: Plan, files: Mapping[str, Path]) -> Iterator[tuple[int, Frame]]:
    """Frames of the video with their numbers."""
    painters = [Painter(composition, files, plan.size, plan.fps) for composition in compositions_of(plan)]
    half = TRANSITION_FRAMES // 2
    for at, (scene, start) in enumerate(zip(plan.scenes, plan.starts(), strict=True)):
        for share in _MOMENTS:
            number = round(share * scene.frames)
            yield start + number, painters[at].frame(number).copy()
        away = painters[at].frame(scene.frames - 1).copy()
        if at + 1 == len(plan.scenes) or not fades_between(scene, plan.scenes[at + 1], half):
            yield start + scene.frames - 1, away
            continue
        into = painters[at + 1].frame(-1)
        yield start + scene.frames - 1, mixed(plan.scenes[at + 1].transition, away, into, 0.45, plan.size)
    for painter in painters:
        painter.close()


def _captioned(plan: Plan, frames: Sequence[Frame], numbers: Sequence[int]) -> list[Picture]:
    """The frames with the captions that show in them, in BGR."""
    events = events_within(_cues(plan), 0, plan.frames, plan.captions)
    captions = Captioner(caption_look(plan)).over(events, plan.size)
    for frame, number in zip(frames, numbers, strict=True):
        captions.put(frame, number)
    return [_bgr(frame, plan.size) for frame in frames]


def _cues(plan: Plan) -> list[Cue]:
    """Captions of words that nobody spoke, at the pace that a scene has time for."""
    voice = SilentVoice()
    narrations = {
        scene.id: voice.speak(scene.narration, plan.lang, "", 0, scene.frames / plan.fps - LEAD_IN - TAIL)[1]
        for scene in plan.scenes
        if scene.narration.strip()
    }
    return list(cues_of(plan, narrations, caption_look(plan).columns))


def _bgr(frame: Frame, size: Size) -> Picture:
    """A yuv420p frame of BT.709 in tv range for the screen."""
    whole, quarter = size.width * size.height, size.width * size.height // 4
    luma = (frame[:whole].reshape(size.height, size.width).astype(np.float32) - 16) / 219
    blue, red = (
        cv2.resize(
            (frame[whole + at * quarter :][:quarter].reshape(size.height // 2, -1).astype(np.float32) - 128) / 224,
            (size.width, size.height),
        )
        for at in (0, 1)
    )
    rgb = (luma + 1.8556 * blue, luma - 0.18732 * blue - 0.46812 * red, luma + 1.5748 * red)
    return np.asarray(np.clip(np.stack(rgb, axis=-1) * 255 + 0.5, 0, 255), dtype=np.uint8)

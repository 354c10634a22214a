"""One decode of a film's picture, for all checks that look at its frames."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.video.stream import VideoStream

from common.domain.findings import Finding
from common.media.ffmpeg import Cancelled, RenderCancelled, never
from common.media.timeline import Timeline

Plane = npt.NDArray[np.uint8]


class Watcher(Protocol):
    """Sees frames once, in order, and says afterwards what was wrong. Where numbers jump, frames are left out."""

    def see(self, number: int, luma: Plane) -> None:
        """Look at the luma plane of a frame, which is valid during the call alone."""

    def findings(self) -> Iterator[Finding]:
        """What was wrong, once the last frame was seen."""


def watch(
    film: Path, watchers: Sequence[Watcher], parts: Sequence[range] = (), cancelled: Cancelled = never
) -> list[Finding]:
    """Decode once and have every frame seen, or every frame of some parts, in order.

    Raises RenderCancelled, and av.FFmpegError where a frame is broken.
    """
    with av.open(str(film)) as media:
        stream = media.streams.video[0]
        stream.thread_type = "AUTO"
        for number, frame in _frames(media, stream, parts) if parts else enumerate(media.decode(stream)):
            if cancelled():
                raise RenderCancelled("Cancelled: the checks stopped before the last frame.")
            plane = frame.planes[0]
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
            for watcher in watchers:
                watcher.see(number, rows[:, : plane.width])
    return [finding for watcher in watchers for finding in watcher.findings()]


def _frames(media: InputContainer, stream: VideoStream, parts: Sequence[range]) -> Iterator[tuple[int, av.VideoFrame]]:
    """The frames of some parts by number, from the key frame before each."""
    assert stream.time_base is not None
    assert stream.average_rate is not None
    for part in parts:
        media.seek(int(part.start / stream.average_rate / stream.time_base), stream=stream)
        for frame in media.decode(stream):
            assert frame.pts is not None
            number = round(frame.pts * stream.time_base * stream.average_rate)
            if number >= part.stop:
                break
            if number >= part.start:
                yield number, frame


def found(timeline: Timeline, code: str, detail: str, first: int, frames: int) -> Finding:
    """A finding in a stretch of frames, with the scene that it begins in."""
    scene = timeline.scene_at(first)
    return Finding(code=code, detail=detail, scene=scene, at=first / timeline.fps, seconds=frames / timeline.fps)

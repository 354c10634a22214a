"""One segment to one file: frames from the painters, captions burned in, encoded, in a single pass."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import cv2

from common.domain.frame import Size
from common.media.ass import Captioner
from common.media.encoder import Profile, raw_input
from common.media.ffmpeg import Cancelled, never, pipe_in
from common.media.pool import Pool, Sources
from common.media.source import blend, ease
from common.media.timeline import Segment

cv2.setNumThreads(1)  # parallel work is whole segments; more threads would only fight over the cores


@dataclass(frozen=True)
class Studio:
    """What all segments of a film share."""

    size: Size
    fps: int
    sources: Sources
    profile: Profile
    captions: Captioner | None = None


def render_segment(
    segment: Segment, studio: Studio, target: Path, cancelled: Cancelled = never, pool: Pool | None = None
) -> Path:
    """Encode a segment into `target` (MP4, picture only); pictures come from the pool, if there is one.

    Raises FFmpegFailed, DiskFull, RenderCancelled.
    """
    pool = pool or Pool(studio.sources, most=0)
    graph = raw_input(studio.size, studio.fps)
    if segment.events and studio.captions is not None:
        graph = studio.captions.burn(graph, segment.events, studio.size, studio.fps, target.with_suffix(""))
    graph = graph.output(str(target), an=None, **studio.profile.output(footage=segment.footage))
    with ExitStack() as open_:
        shows = open_.enter_context(pool.lend(segment.shows.scene))
        into = open_.enter_context(pool.lend(segment.into.scene)) if segment.into else None
        write = open_.enter_context(pipe_in(graph, f"render {segment.label}", cancelled=cancelled))
        for n in range(segment.frames):
            frame = shows.frame(segment.shows.first + n)
            if segment.into is not None and into is not None:
                frame = blend(frame, into.frame(segment.into.first + n), ease((n + 0.5) / segment.frames))
            write(frame)
    return target

"""One segment to one file: frames from the painters, captions burned in, encoded, in a single pass."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import cv2

from common.domain.frame import Size
from common.media.captioner import Captioner
from common.media.encoder import Profile, encoding
from common.media.ffmpeg import Cancelled, RenderCancelled, naming_a_full_disk, never
from common.media.pool import Pool, Sources
from common.media.source import Frame
from common.media.timeline import Segment
from common.media.transition import mixed

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
    with (
        naming_a_full_disk(f"render {segment.label}"),
        encoding(target, studio.profile, studio.size, studio.fps, footage=segment.footage) as write,
    ):
        for frame in frames_of(segment, studio, pool):
            if cancelled():
                raise RenderCancelled(f"Cancelled: the render stopped before the end of {segment.label}.")
            write(frame)
    return target


def frames_of(segment: Segment, studio: Studio, pool: Pool) -> Iterator[Frame]:
    """The segment's frames as they are seen, captions included; each is valid until the next."""
    captions = studio.captions.over(segment.events, studio.size) if segment.events and studio.captions else None
    with ExitStack() as open_:
        shows = open_.enter_context(pool.lend(segment.shows.scene))
        into = open_.enter_context(pool.lend(segment.into.scene)) if segment.into else None
        for n in range(segment.frames):
            frame = shows.frame(segment.shows.first + n)
            if segment.into is not None and into is not None:
                coming = into.frame(segment.into.first + n)
                frame = mixed(segment.transition, frame, coming, (n + 0.5) / segment.frames, studio.size)
            if captions is not None:
                captions.put(frame, n)
            yield frame

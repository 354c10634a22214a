"""A few seconds that move wherever a picture is shown: a glimpse of each early scene, small and without sound."""

from pathlib import Path

import ffmpeg

from common.media.ffmpeg import Cancelled, never, run
from common.media.timeline import Timeline

_SCENES = 6
_GLIMPSE = 1.0  # seconds of each scene
_FROM = 0.45  # of a scene: its words have come in
_WIDE = 480  # pixels across, or down for a picture that stands upright
_RATE = 12  # frames a second


def gif(film: Path, timeline: Timeline, target: Path, *, cancelled: Cancelled = never) -> Path:
    """Write an animated GIF, with colours of its own. Raises FFmpegFailed, DiskFull, RenderCancelled."""
    shown = _glimpses(film, timeline).split()
    colours = shown[0].filter("palettegen", stats_mode="diff")
    graph = ffmpeg.filter([shown[1], colours], "paletteuse", dither="bayer", bayer_scale=4)
    run(graph.output(str(target), f="gif", loop=0, **_EXACT), "make the GIF", cancelled=cancelled)
    return target


def webp(film: Path, timeline: Timeline, target: Path, *, cancelled: Cancelled = never) -> Path:
    """Write an animated WebP. Raises FFmpegFailed, DiskFull, RenderCancelled."""
    graph = _glimpses(film, timeline).output(
        str(target), f="webp", vcodec="libwebp_anim", loop=0, quality=70, compression_level=4, **_EXACT
    )
    run(graph, "make the WebP", cancelled=cancelled)
    return target


_EXACT = {"map_metadata": -1, "flags": "+bitexact", "fflags": "+bitexact"}


def _glimpses(film: Path, timeline: Timeline) -> "ffmpeg.nodes.FilterableStream":
    """A second of each scene, or all of a shorter one, one after the other."""
    parts = []
    for _, start, frames in timeline.scenes[:_SCENES]:
        seconds = min(_GLIMPSE, frames / timeline.fps)
        first = start / timeline.fps + min(_FROM * frames / timeline.fps, frames / timeline.fps - seconds)
        parts.append(ffmpeg.input(str(film), ss=f"{first:.3f}", t=f"{seconds:.3f}")["v"].filter("fps", _RATE))
    joined = parts[0] if len(parts) == 1 else ffmpeg.concat(*parts, v=1, a=0)
    wide = timeline.size.width >= timeline.size.height
    width, height = (_WIDE, -2) if wide else (-2, _WIDE)
    return joined.filter("scale", width, height, flags="lanczos")

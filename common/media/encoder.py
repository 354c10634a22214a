"""The encoders we know: one table, and a trial that tells which of them work here.

Every segment of a film uses one profile, because segments join by stream copy and must share their parameter sets.
"""

import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import ffmpeg
from pydantic import Field

from common.domain.frame import Size
from common.domain.model import Model, digest
from common.media.ffmpeg import FFmpegFailed, pipe_in, version
from common.media.source import frame_bytes

TIMESCALE = 90_000
COLOUR: Mapping[str, str] = MappingProxyType(
    {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "color_range": "tv"}
)
_EVERY_PROFILE: Mapping[str, Any] = MappingProxyType(
    {
        "pix_fmt": "yuv420p",
        "g": 250,
        "flags": "+cgop+bitexact",
        "fflags": "+bitexact",
        "map_metadata": -1,
        "video_track_timescale": TIMESCALE,
        "movie_timescale": TIMESCALE,  # else a segment's length is rounded to a millisecond, and joins drift
        **COLOUR,
    }
)


class Profile(Model):
    """An encoder and its options, as FFmpeg names them.

    `drawn` are further options for pictures of our own: they move slowly and evenly, so that a short search finds
    their motion. They must leave the stream's parameter sets as they are, for all segments are joined into one stream.
    """

    name: str
    options: Mapping[str, str | int]
    drawn: Mapping[str, str | int] = Field(default_factory=dict)

    def output(self, *, footage: bool = True) -> dict[str, Any]:
        """All output options of one video stream, with or without what a camera recorded."""
        return {**_EVERY_PROFILE, **self.options, **({} if footage else self.drawn)}

    @property
    def key(self) -> str:
        """What changes when this profile's bytes may change: options and FFmpeg's version."""
        return digest({"options": self.output(), "drawn": self.drawn, "ffmpeg": version()})


_NVENC: Mapping[str, str | int] = MappingProxyType({"preset": "p4", "rc": "vbr", "b:v": 0, "forced-idr": 1})
PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            # One thread: bytes do not depend on the machine, and two processes beat one with two threads.
            # Drawn pictures take half the time so, for as many bytes and within half a point of VMAF; footage loses.
            Profile(
                name="x264",
                options={"vcodec": "libx264", "preset": "veryfast", "crf": 20, "threads": 1},
                drawn={"x264-params": "subme=1:me=dia:partitions=none:b-adapt=0"},
            ),
            Profile(
                name="x265",
                options={
                    "vcodec": "libx265",
                    "preset": "superfast",
                    "crf": 23,
                    "x265-params": "pools=none:frame-threads=1:open-gop=0:info=0:log-level=error",
                    "tag:v": "hvc1",  # by which Apple's players know it
                },
            ),
            Profile(
                name="av1",
                options={"vcodec": "libsvtav1", "preset": 9, "crf": 32, "svtav1-params": "lp=1:enable-stat-report=0"},
            ),
            Profile(name="nvenc", options={"vcodec": "h264_nvenc", "cq": 23, **_NVENC}),
            Profile(name="nvenc_hevc", options={"vcodec": "hevc_nvenc", "cq": 26, "tag:v": "hvc1", **_NVENC}),
            Profile(name="nvenc_av1", options={"vcodec": "av1_nvenc", "cq": 32, **_NVENC}),
        )
    }
)
DEFAULT_PROFILE = "x264"


def raw_input(size: Size, fps: int, source: str = "pipe:") -> Any:
    """The graph's source: frames from a pipe or a file. Tagged, or FFmpeg would convert their colours unasked."""
    return ffmpeg.input(source, f="rawvideo", pix_fmt="yuv420p", s=f"{size.width}x{size.height}", r=fps, **COLOUR)


@cache
def available(name: str) -> bool:
    """Whether the profile encodes here, found out by encoding a few frames; a compiled-in encoder may lack its GPU."""
    size = Size(width=256, height=144)
    grey = bytes([128]) * frame_bytes(size)
    with tempfile.TemporaryDirectory(prefix="aiprod-trial-") as folder:
        target = Path(folder) / "trial.mp4"
        graph = raw_input(size, 30).output(str(target), **PROFILES[name].output())
        try:
            with pipe_in(graph, f"encode with {name}") as write:
                for _ in range(8):
                    write(grey)
        except FFmpegFailed:
            return False
        return target.stat().st_size > 0


def choose(*wanted: str) -> Profile:
    """The first wanted profile that works here, else the default."""
    return PROFILES[next((name for name in wanted if available(name)), DEFAULT_PROFILE)]

"""The encoders we know: one table, a trial that tells which of them work here, and frames into a file.

Every segment of a film uses one profile, because segments join by stream copy and must share their parameter sets.
They are encoded in this process: handing raw frames to another one costs a fifth of what encoding them does.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType

import av
import numpy as np
from av.video.stream import VideoStream
from pydantic import Field

from common.domain.frame import Size
from common.domain.model import Model, digest
from common.media.ffmpeg import FFmpegFailed
from common.media.source import Frame, frame_bytes

os.environ.setdefault("SVT_LOG", "1")  # errors only: SVT-AV1 takes it from nowhere else

TIMESCALE = 90_000
COLOUR: Mapping[str, str] = MappingProxyType(
    {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "color_range": "tv"}
)
_EVERY_STREAM: Mapping[str, str | int] = MappingProxyType({"g": 250, "flags": "+cgop+bitexact", **COLOUR})
_EVERY_FILE: Mapping[str, str | int] = MappingProxyType(
    {
        "fflags": "+bitexact",
        "video_track_timescale": TIMESCALE,
        "movie_timescale": TIMESCALE,  # else a segment's length is rounded to a millisecond, and joins drift
    }
)


class Profile(Model):
    """An encoder, as FFmpeg names it, and its options.

    `drawn` are further options for pictures of our own: they move slowly and evenly, so that a short search finds
    their motion. They must leave the stream's parameter sets as they are, for all segments are joined into one stream.
    `tag` is how the file names the codec, where the usual name is not what all players know.
    """

    name: str
    codec: str
    options: Mapping[str, str | int]
    drawn: Mapping[str, str | int] = Field(default_factory=dict)
    tag: str = ""

    def output(self, *, footage: bool = True) -> dict[str, str | int]:
        """All options of one stream, with or without what a camera recorded."""
        return {**_EVERY_STREAM, **self.options, **({} if footage else self.drawn)}

    @property
    def key(self) -> str:
        """What changes when this profile's bytes may change: options and the encoders' version."""
        return digest([self, self.output(), {**_EVERY_FILE}, f"PyAV {av.__version__}"])


def steady_x264() -> dict[str, str]:
    """Keep x264 to AVX2 where the processor has it: what it does with AVX-512 depends on what lay in memory before."""
    known = Path("/proc/cpuinfo")
    flags = known.read_text(encoding="ascii", errors="replace").split() if known.exists() else []
    return {"x264-params": "asm=AVX2"} if "avx2" in flags else {}


_NVENC: Mapping[str, str | int] = MappingProxyType({"preset": "p4", "rc": "vbr", "b": 0, "forced-idr": 1})
PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            # One thread: bytes do not depend on the machine, and two segments at once beat one with two threads.
            # Drawn pictures take less than half the time so, for fewer bytes and as high a VMAF; footage loses.
            Profile(
                name="x264",
                codec="libx264",
                options={"preset": "veryfast", "crf": 20, "threads": 1, **steady_x264()},
                drawn={
                    "subq": 1,
                    "motion-est": "dia",
                    "partitions": "none",
                    "b_strategy": 0,
                    "bf": 5,
                    "sc_threshold": 0,  # no segment has a cut in it
                },
            ),
            Profile(
                name="x265",
                codec="libx265",
                options={
                    "preset": "superfast",
                    "crf": 23,
                    "x265-params": "pools=none:frame-threads=1:open-gop=0:info=0:log-level=error",
                },
                tag="hvc1",  # by which Apple's players know it
            ),
            Profile(
                name="av1",
                codec="libsvtav1",
                options={"preset": 9, "crf": 32, "svtav1-params": "lp=1:enable-stat-report=0"},
            ),
            Profile(name="nvenc", codec="h264_nvenc", options={"cq": 23, **_NVENC}),
            Profile(name="nvenc_hevc", codec="hevc_nvenc", options={"cq": 26, **_NVENC}, tag="hvc1"),
            Profile(name="nvenc_av1", codec="av1_nvenc", options={"cq": 32, **_NVENC}),
        )
    }
)
DEFAULT_PROFILE = "x264"


@contextmanager
def encoding(
    target: Path, profile: Profile, size: Size, fps: int, *, footage: bool = True
) -> Iterator[Callable[[Frame], None]]:
    """Encode frames into an MP4 without sound; yields `write(frame)`, and leaving the block finishes the file.

    A frame's buffer is the caller's again after each write. Equal frames give equal bytes. Raises FFmpegFailed, and
    OSError where the disk fails.
    """
    rows = size.height * 3 // 2
    # PyAV misplaces the colours of a borrowed buffer whose height is no multiple of 4: those are copied.
    as_picture = av.VideoFrame.from_ndarray if size.height % 4 else av.VideoFrame.from_numpy_buffer
    with _naming_failures(profile.name):
        file = av.open(str(target), "w", format="mp4", options=_texts(_EVERY_FILE))
    try:
        with _naming_failures(profile.name):
            stream = file.add_stream(profile.codec, rate=fps, options=_texts(profile.output(footage=footage)))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
        if profile.tag:
            stream.codec_context.codec_tag = profile.tag
        count = 0

        def write(frame: Frame) -> None:
            nonlocal count
            picture = as_picture(frame.reshape(rows, size.width), format="yuv420p")
            picture.pts, picture.time_base = count, Fraction(1, fps)
            count += 1
            with _naming_failures(profile.name):
                packets = stream.encode(picture)
                if count == 1:  # the encoder has just started its threads
                    _as_any_other()
                file.mux(packets)

        yield write
        with _naming_failures(profile.name):
            file.mux(stream.encode(None))
            file.close()
    finally:
        with suppress(av.FFmpegError):  # what went wrong is known by then
            file.close()


def _as_any_other() -> None:
    """Give every thread of this process the priority of any other on the machine.

    SVT-AV1, where root runs it, makes its threads and the one that calls it real-time threads, and leaves that one so:
    whatever it starts later is one, too, and nothing else on the machine gets its turn.
    """
    if sys.platform == "linux":
        for task in Path("/proc/self/task").iterdir():
            thread = int(task.name)
            with suppress(OSError):  # it has just ended
                if os.sched_getscheduler(thread) in (os.SCHED_FIFO, os.SCHED_RR):
                    os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))


@contextmanager
def _naming_failures(name: str) -> Iterator[None]:
    """Raise FFmpegFailed for an error of libav's, save for those of the disk."""
    try:
        yield
    except OSError:
        raise
    except (av.FFmpegError, ValueError) as error:
        raise FFmpegFailed(f"The encoder {name} failed: {error}.") from error


def _texts(options: Mapping[str, str | int]) -> dict[str, str]:
    return {name: str(value) for name, value in options.items()}


@cache
def available(name: str) -> bool:
    """Whether the profile encodes here, found out by encoding a few frames; a compiled-in encoder may lack its GPU."""
    size = Size(width=256, height=144)
    grey = np.full(frame_bytes(size), 128, np.uint8)
    with tempfile.TemporaryDirectory(prefix="aiprod-trial-") as folder:
        target = Path(folder) / "trial.mp4"
        try:
            with encoding(target, PROFILES[name], size, 30) as write:
                for _ in range(8):
                    write(grey)
        except (FFmpegFailed, OSError):
            return False
        return target.stat().st_size > 0


def choose(*wanted: str) -> Profile:
    """The first wanted profile that works here, else the default."""
    return PROFILES[next((name for name in wanted if available(name)), DEFAULT_PROFILE)]

"""One segment of the film in every size of the ladder, each a CMAF fragment with its init segment before it.

The film's own size is a stream copy; smaller ones are decoded from it and encoded as H.264, which every player takes.
All start at time 0, so they depend on the segment alone and are kept by its key; `boxes.place` moves them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import ffmpeg

from common.domain.ladder import Rung
from common.domain.model import digest
from common.media.encoder import COLOUR, TIMESCALE, steady_x264
from common.media.ffmpeg import Cancelled, never, run, version

VERSION = "1"  # grows when equal segments become other fragments

# One fragment. The delay by which an encoder reorders pictures is undone by an edit list (ISO/IEC 14496-12, 8.6.6), as
# in the film's MP4 and the sound: signed composition offsets would do, too, but FFmpeg's reader then starts late.
_FRAGMENT: Mapping[str, Any] = MappingProxyType(
    {
        "f": "mp4",
        "movflags": "+delay_moov+default_base_moof+skip_trailer+frag_custom",
        "write_btrt": 0,  # it tells the segment's bit rate, and all of a rung share one init segment
        "map_metadata": -1,
        "video_track_timescale": TIMESCALE,
        "movie_timescale": TIMESCALE,
        "fflags": "+bitexact",
    }
)
_ENCODED: Mapping[str, Any] = MappingProxyType(
    {
        "vcodec": "libx264",
        "preset": "veryfast",
        "crf": 23,
        "threads": 1,  # bytes do not depend on the machine
        **steady_x264(),
        "g": 250,
        "flags": "+cgop+bitexact",
        "pix_fmt": "yuv420p",
        "fps_mode": "passthrough",
        **COLOUR,
    }
)


def variants_key(segment: str, rungs: Sequence[Rung]) -> str:
    """What a segment's variants depend on."""
    made = {"segment": segment, "rungs": list(rungs), "encoded": _ENCODED, "hls": VERSION, "ffmpeg": version()}
    return digest(made)


def encode(segment: Path, rungs: Sequence[Rung], target: Path, *, cancelled: Cancelled = never) -> Path:
    """Write the variants of an encoded segment, one behind the other in the order of the rungs.

    Raises FFmpegFailed, DiskFull, RenderCancelled.
    """
    own, *lower = rungs
    source = ffmpeg.input(str(segment))
    paths = {rung.name: target.with_name(f"{target.stem}-{rung.name}.mp4") for rung in rungs}
    outputs = [source["v"].output(str(paths[own.name]), vcodec="copy", flags="+bitexact", **_FRAGMENT)]
    decoded = source["v"].split() if len(lower) > 1 else [source["v"]]
    for index, rung in enumerate(lower):
        scaled = decoded[index].filter("scale", rung.size.width, rung.size.height, flags="bicubic")
        outputs.append(scaled.output(str(paths[rung.name]), **_ENCODED, **_FRAGMENT))
    run(ffmpeg.merge_outputs(*outputs), f"encode the variants of {segment.name}", cancelled=cancelled)
    with target.open("wb") as joined:
        for path in paths.values():
            joined.write(path.read_bytes())
            path.unlink()
    return target

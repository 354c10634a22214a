"""The film as WebM: AV1 and Opus, for whom MP4 does not suit."""

from pathlib import Path

import ffmpeg

from common.media.encoder import COLOUR
from common.media.ffmpeg import Cancelled, never, run

_VIDEO = {"vcodec": "libsvtav1", "preset": 9, "crf": 34, "g": 240, "pix_fmt": "yuv420p", **COLOUR}
_SOUND = {"acodec": "libopus", "audio_bitrate": "128k", "ar": 48_000, "ac": 2}


def webm(film: Path, target: Path, *, title: str = "", cancelled: Cancelled = never) -> Path:
    """Encode a finished film once more. Raises FFmpegFailed, DiskFull, RenderCancelled."""
    source = ffmpeg.input(str(film))
    graph = ffmpeg.output(
        source["v"],
        source["a"],
        str(target),
        f="webm",
        map_metadata=-1,
        flags="+bitexact",
        fflags="+bitexact",
        metadata=f"title={title}",
        **_VIDEO,
        **_SOUND,
    )
    run(graph, "encode the WebM", cancelled=cancelled)
    return target

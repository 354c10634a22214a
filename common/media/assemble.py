"""Segments and sound to the finished file: joined by stream copy, nothing encoded again."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import ffmpeg

from common.media.encoder import TIMESCALE
from common.media.ffmpeg import Cancelled, FFmpegFailed, naming_a_full_disk, never, run
from common.media.probe import probe

# MP4 names languages by three letters.
_LANGUAGES: Mapping[str, str] = MappingProxyType(
    {"en": "eng", "fr": "fra", "es": "spa", "de": "deu", "it": "ita", "pt": "por"}
    | {"ja": "jpn", "zh": "zho", "ko": "kor"}
)


def assemble(
    parts: Sequence[Path],
    sound: Path | None,
    target: Path,
    *,
    frames: int,
    fps: int,
    title: str = "",
    lang: str = "",
    cancelled: Cancelled = never,
) -> Path:
    """Join segment files in order, add the encoded sound, and place the result at `target`, whole or not at all.

    `lang` is a code of two letters. Equal inputs give equal bytes. Raises FFmpegFailed when the result has not
    exactly `frames` frames or its length is off by more than one; DiskFull, RenderCancelled.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        naming_a_full_disk("join the segments"),
        tempfile.TemporaryDirectory(prefix=".aiprod-join-", dir=target.parent) as folder,
    ):
        script = Path(folder) / "parts.txt"
        script.write_text("ffconcat version 1.0\n" + "".join(f"file '{_quoted(part)}'\n" for part in parts))
        streams = [ffmpeg.input(str(script), f="concat", safe=0)["v"]]
        if sound is not None:
            streams.append(ffmpeg.input(str(sound))["a"])
        made = Path(folder) / "film.mp4"
        # The concat demuxer counts in microseconds, so after dozens of segments frames stray from their grid.
        step = TIMESCALE // fps
        snap = f"setts=pts=round(PTS/{step})*{step}:dts=round(DTS/{step})*{step}"
        language = _LANGUAGES.get(lang, "und")
        graph = ffmpeg.output(
            *streams,
            str(made),
            c="copy",
            **{"bsf:v": snap},
            map_metadata=-1,
            map_chapters=-1,
            movflags="+faststart",
            fflags="+bitexact",
            flags="+bitexact",
            video_track_timescale=TIMESCALE,
            movie_timescale=TIMESCALE,
            metadata=f"title={title}",
            **{"metadata:s:v": f"language={language}", "metadata:s:a": f"language={language}"},
        )
        run(graph, "join the segments", cancelled=cancelled)
        _verify(made, frames, fps)
        made.replace(target)
    return target


def _quoted(path: Path) -> str:
    return str(path.resolve()).replace("'", "'\\''")


def _verify(path: Path, frames: int, fps: int) -> None:
    video = probe(path).video
    if video is None or video.frames != frames or not video.even or abs(video.seconds - frames / fps) > 1 / fps:
        found = "no picture" if video is None else f"{video.frames} frames in {video.seconds:.3f} s"
        if video is not None and not video.even:
            found += ", not all equally long"
        raise FFmpegFailed(f"FFmpeg could not join the segments: {frames} frames were planned, and it made {found}.")

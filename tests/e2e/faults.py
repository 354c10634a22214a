"""Faults planted into a finished film by FFmpeg: what a broken renderer, mixer or store would hand over."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np

from common.domain.frame import Size
from common.media.encoder import PROFILES, encoding
from common.media.ffmpeg import run
from common.media.fonts import face
from common.media.layout import Box, caption_box
from common.media.source import frame_bytes
from common.media.timeline import Segment, Timeline

WORDS = "Quick wizards jump"
PICTURE = {"vcodec": "libx264", "preset": "veryfast", "crf": 20, "pix_fmt": "yuv420p", "video_track_timescale": 90_000}
SOUND = {"acodec": "aac", "aac_coder": "fast", "audio_bitrate": "192k"}


def black(film: Path, target: Path, at: float, seconds: float) -> Path:
    """Nothing to see for so long."""
    return _pictured(film, target, _during(_picture(film), "drawbox", at, seconds, color="black", t="fill"))


def blackened(part: Path, segment: Segment, size: Size, fps: int) -> None:
    """A part of a film with nothing to see in it, in its own place; it joins as before."""
    frame = np.full(frame_bytes(size), 128, np.uint8)
    frame[: size.width * size.height] = 16
    with encoding(part, PROFILES["x264"], size, fps, footage=segment.footage) as write:
        for _ in range(segment.frames):
            write(frame)


def frozen(film: Path, target: Path, at: float, seconds: float, fps: int) -> Path:
    """One frame for so long, captions included."""
    first, many = round(at * fps), round(seconds * fps)
    rest = _picture(film).filter("select", f"not(between(n,{first + 1},{first + many - 1}))")
    held = rest.filter("loop", loop=many - 1, size=1, start=first).filter("setpts", f"N/{fps}/TB")
    return _pictured(film, target, held, fps)


def overwritten(film: Path, target: Path, at: float, seconds: float, place: Box) -> Path:
    """Other words over those that stand in a place."""
    return _pictured(film, target, _lettered(_picture(film), place, at, seconds))


def late_captions(film: Path, target: Path, timeline: Timeline, seconds: float) -> Path:
    """The captions as they stood so long before, over the picture as it is."""
    zone = caption_box(timeline.size)
    x, y, width, height = (int(v) // 2 * 2 for v in (zone.x, zone.y, zone.width, zone.height + 8))
    split = _picture(film).filter_multi_output("split")
    then = split[1].filter("crop", width, height, x, y).filter("tpad", start_duration=seconds, start_mode="clone")
    return _pictured(film, target, split[0].overlay(then, x=x, y=y, eof_action="pass", shortest=1))


def without(film: Path, target: Path, timeline: Timeline, scene: str) -> Path:
    """The picture of a scene left out: all that follows comes too soon."""
    first, frames = next((start, count) for name, start, count in timeline.scenes if name == scene)
    rest = _picture(film).filter("select", f"not(between(n,{first},{first + frames - 1}))")
    return _pictured(film, target, rest.filter("setpts", f"N/{timeline.fps}/TB"), timeline.fps)


def silent(film: Path, target: Path, at: float, seconds: float) -> Path:
    """Nothing to hear for so long."""
    return _sounding(film, target, _during(_sound(film), "volume", at, seconds, volume=0))


def clipped(film: Path, target: Path, at: float, seconds: float) -> Path:
    """Far too loud for so long, and cut off at full scale."""
    return _sounding(film, target, _during(_sound(film), "volume", at, seconds, volume=12))


def drifted(film: Path, target: Path, at: float, seconds: float, whole: float) -> Path:
    """The sound late by so long from a moment on, and cut to the film's length."""
    split = _sound(film).filter_multi_output("asplit")
    before = split[0].filter("atrim", end=at)
    after = (
        split[1]
        .filter("atrim", start=at)
        .filter("asetpts", "PTS-STARTPTS")
        .filter("adelay", round(1000 * seconds), all=1)
    )
    joined = ffmpeg.concat(before, after, v=0, a=1).filter("atrim", end=whole)
    return _sounding(film, target, joined)


def _picture(film: Path) -> Any:
    return ffmpeg.input(str(film))["v"]


def _sound(film: Path) -> Any:
    return ffmpeg.input(str(film))["a"]


def _during(stream: Any, name: str, at: float, seconds: float, **options: object) -> Any:
    return stream.filter(name, enable=f"between(t,{at:.4f},{at + seconds - 1e-4:.4f})", **options)


def _lettered(stream: Any, place: Box, at: float, seconds: float) -> Any:
    box = {"x": round(place.x), "y": round(place.y), "w": round(place.width), "h": round(place.height)}
    plain = _during(stream, "drawbox", at, seconds, **box, color="black", t="fill")
    size = place.height * 0.5
    return _during(
        plain, "drawtext", at, seconds, text=WORDS, fontfile=str(face("Poppins", 700).path),
        fontsize=round(size), fontcolor="white", x=box["x"] + 4, y=box["y"] + round(size / 2),
    )  # fmt: skip


def _pictured(film: Path, target: Path, picture: Any, fps: int | None = None) -> Path:
    output = {**PICTURE, **({"r": fps} if fps else {})}
    return _written([picture, _sound(film)], target, acodec="copy", **output)


def _sounding(film: Path, target: Path, sound: Any) -> Path:
    return _written([_picture(film), sound], target, vcodec="copy", **SOUND)


def _written(streams: Sequence[Any], target: Path, **options: object) -> Path:
    run(ffmpeg.output(*streams, str(target), movflags="+faststart", **options), f"plant a fault in {target.name}")
    return target

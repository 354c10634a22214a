"""What a media file is, read from its container: the facts a player decides by."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
from av.video.stream import VideoStream

from common.domain.model import Model


class Unreadable(Exception):
    """The file cannot be read as media; the text names it."""


class Video(Model):
    """Facts of the picture; times in seconds."""

    codec: str
    profile: str
    width: int
    height: int
    fps: float
    pixels: str
    colours: tuple[int, int, int, int]  # matrix, primaries, transfer, range, as H.273 numbers: BT.709 is 1, 1, 1, 1
    frames: int
    start: float
    seconds: float
    even: bool  # every frame lasts equally long
    shape: float  # width of the picture by its height as a player shows it


class Audio(Model):
    """Facts of the sound; seconds."""

    codec: str
    rate: int
    channels: int
    start: float
    seconds: float


class Facts(Model):
    """Facts of a file; `faststart` means that a player can begin before the whole file is there."""

    container: str
    bytes: int
    seconds: float
    faststart: bool
    title: str
    language: str  # of the sound, three letters; `und` when it is not told
    chapters: int
    video: Video | None
    audio: Audio | None


def probe(path: Path) -> Facts:
    """Read the facts from the container and its packets, without decoding a frame; Unreadable."""
    try:
        with av.open(str(path)) as media:
            video, audio = next(iter(media.streams.video), None), next(iter(media.streams.audio), None)
            stamps: dict[int, list[tuple[int, int]]] = {stream.index: [] for stream in (video, audio) if stream}
            for packet in media.demux(*[stream for stream in (video, audio) if stream]):
                if packet.pts is not None and not packet.is_discard:
                    stamps[packet.stream.index].append((packet.pts, packet.duration or 0))
            return Facts(
                container=media.format.name,
                bytes=path.stat().st_size,
                seconds=(media.duration or 0) / 1_000_000,
                faststart=_moov_first(path),
                title=str(media.metadata.get("title", "")),
                language=str(audio.language or "und") if audio else "und",
                chapters=len(media.chapters()),
                video=_video(video, stamps[video.index]) if video else None,
                audio=_audio(audio, stamps[audio.index]) if audio else None,
            )
    except (OSError, ValueError, av.FFmpegError) as error:
        raise Unreadable(f"{path.name} cannot be read as a video: {error}.") from error


def _video(stream: VideoStream, stamps: list[tuple[int, int]]) -> Video:
    first, seconds = _span(stream, stamps)
    context = stream.codec_context
    times = sorted(pts for pts, _ in stamps)
    steps = {b - a for a, b in pairwise(times)}
    return Video(
        codec=context.codec.canonical_name,
        profile=str(context.profile or ""),
        width=context.width,
        height=context.height,
        fps=float(stream.average_rate or 0),
        pixels=str(context.pix_fmt or ""),
        colours=(
            int(context.colorspace),
            int(context.color_primaries),
            int(context.color_trc),
            int(context.color_range),
        ),
        frames=len(stamps),
        start=first,
        seconds=seconds,
        even=len(steps) <= 1,
        shape=float((context.sample_aspect_ratio or 1) * context.width / max(1, context.height)),
    )


def _audio(stream: Any, stamps: list[tuple[int, int]]) -> Audio:
    first, seconds = _span(stream, stamps)
    context = stream.codec_context
    return Audio(codec=context.name, rate=context.sample_rate, channels=context.channels, start=first, seconds=seconds)


def _span(stream: Any, stamps: list[tuple[int, int]]) -> tuple[float, float]:
    """Start and length of what is heard or seen: what lies before time 0 is the decoder's run-up."""
    if not stamps:
        return 0.0, 0.0
    base: Fraction = stream.time_base
    first = max(0, min(pts for pts, _ in stamps))
    end = max(pts + duration for pts, duration in stamps)
    return float(first * base), float((end - first) * base)


def _moov_first(path: Path) -> bool:
    """Whether an MP4's index comes before its data."""
    at = 0
    with path.open("rb") as file:
        while len(head := file.read(16)) >= 8:
            kind, length = head[4:8], int.from_bytes(head[:4], "big")
            if kind in (b"moov", b"mdat"):
                return kind == b"moov"
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            if length < 8:
                return False
            at += length
            file.seek(at)
    return False

"""What of a film is to be watched: not what was watched before, in the same bytes and against the same script.

A stretch is a segment's frames in the finished film. Its key says what is in its packets and in those around it, as far
as any check looks, and what they are held against. Nothing is taken from the renderer's word: the packets are read.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import av

from common.domain.findings import Finding
from common.domain.model import digest
from common.media.checks.picture import FREEZE_SECONDS
from common.media.timeline import Timeline

AROUND_SECONDS = FREEZE_SECONDS  # no check looks farther


class Watched(Protocol):
    """Keys of stretches that were watched, and in which nothing was wrong."""

    def has(self, key: str) -> bool:
        """Whether it is known."""

    def add(self, key: str) -> None:
        """Know it from now on."""


class Stretch(NamedTuple):
    """Frames `first` up to `end` of the film."""

    key: str
    first: int
    end: int


def stretches(film: Path, line: Timeline) -> list[Stretch]:
    """The stretches of a film, in order. Raises av.FFmpegError where its packets cannot be read."""
    header, packets = _packets(film, line)
    around = round(AROUND_SECONDS * line.fps)
    lengths = {scene: frames for scene, _, frames in line.scenes}
    against = [
        [segment.key, segment.frames, [[take.first, lengths[take.scene], take.scene in line.stills] for take in takes]]
        for segment, takes in ((one, [one.shows, *([one.into] if one.into else [])]) for one in line.segments)
    ]
    basis = [header, line.size, line.fps, line.platform, line.captioned]
    found = []
    for segment in line.segments:
        near = [
            [packets[at], against[at], other.start - segment.start]
            for at, other in enumerate(line.segments)
            if other.start < segment.end + around and other.end > segment.start - around
        ]
        found.append(Stretch(digest([basis, near]), segment.start, segment.end))
    return found


def ranges(chosen: Sequence[Stretch], line: Timeline) -> list[range]:
    """The frames to watch so that nothing about these stretches is missed, in order and apart from each other."""
    around = round(AROUND_SECONDS * line.fps)
    made: list[range] = []
    for stretch in chosen:
        first, end = max(0, stretch.first - around), min(line.frames, stretch.end + around)
        if made and first <= made[-1].stop:
            first = made.pop().start
        made.append(range(first, end))
    return made


def faultless(chosen: Sequence[Stretch], findings: Sequence[Finding], line: Timeline) -> Iterator[Stretch]:
    """Those of the stretches in whose scenes and frames nothing was found."""
    scenes = {finding.scene for finding in findings}
    bad = [range(start, start + frames) for scene, start, frames in line.scenes if scene in scenes]
    bad += [range(int(one.at * line.fps), int((one.at + one.seconds) * line.fps) + 2) for one in findings]
    return (one for one in chosen if not any(one.first < part.stop and one.end > part.start for part in bad))


def _packets(film: Path, line: Timeline) -> tuple[str, list[str]]:
    """Digests of the stream's parameter sets, and of each segment's packets with the frames that they show."""
    starts = [segment.start for segment in line.segments]
    hashes = [hashlib.sha256() for _ in starts]
    with av.open(str(film)) as media:
        stream = media.streams.video[0]
        header = hashlib.sha256(bytes(stream.codec_context.extradata or b"")).hexdigest()
        for packet in media.demux(stream):
            if packet.pts is None or packet.time_base is None:
                continue
            number = round(packet.pts * packet.time_base * line.fps)
            at = max(0, bisect_right(starts, number) - 1)
            hashes[at].update(f"{number - starts[at]} {packet.size} ".encode())
            hashes[at].update(bytes(packet))
    return header, [one.hexdigest() for one in hashes]

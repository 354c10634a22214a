"""The encoded sound as CMAF fragments, cut where the picture's segments are, as nearly as AAC's frames allow."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import av
import ffmpeg

from common.media.ffmpeg import Cancelled, FFmpegFailed, never, run
from common.media.hls.boxes import fragment, media_start

RATE = 48_000  # samples a second, and the track's time scale
FRAME = 1024  # samples of an AAC frame
LEAD = 1024  # samples that the encoder runs up before the film's first one


def init_of(sound: Path, *, cancelled: Cancelled = never) -> bytes:
    """The init segment of the sound's track. Raises FFmpegFailed, DiskFull, RenderCancelled.

    Its edit list (ISO/IEC 14496-12, 8.6.6) skips the encoder's run-up, so that time 0 is the first sample of the film.
    """
    target = sound.with_name(f"{sound.stem}-init.mp4")
    graph = ffmpeg.output(
        ffmpeg.input(str(sound))["a"],
        str(target),
        f="mp4",
        acodec="copy",
        movflags="+delay_moov+default_base_moof+skip_trailer+frag_custom",
        write_btrt=0,
        map_metadata=-1,
        movie_timescale=RATE,
        fflags="+bitexact",
        flags="+bitexact",
    )
    run(graph, "fragment the sound", cancelled=cancelled)
    data = target.read_bytes()
    target.unlink()
    return data[: media_start(data)]


def cut(sound: Path, ends: Sequence[float]) -> list[tuple[bytes, int]]:
    """Fragments at time 0 with their durations in samples: each ends at the AAC frame nearest to its time in seconds.

    The last one takes all that is left. FFmpegFailed where the sound is too short to have a frame in each, or was
    encoded with another run-up.
    """
    with av.open(str(sound)) as media:
        packets = [packet for packet in media.demux(media.streams.audio[0]) if packet.size]
    if packets[0].pts != -LEAD:
        raise FFmpegFailed(f"FFmpeg could not fragment the sound: it starts at sample {packets[0].pts}.")
    frames = [bytes(packet) for packet in packets]
    edges = [0]
    for end in ends[:-1]:
        edges.append(max(edges[-1] + 1, round((end * RATE + LEAD) / FRAME)))
    pieces = [frames[start:end] for start, end in pairwise([*edges, len(frames)])]
    if not all(pieces):
        raise FFmpegFailed(f"The sound has {len(frames)} AAC frames, too few for {len(ends)} segments.")
    return [(fragment(piece, FRAME), len(piece) * FRAME) for piece in pieces]

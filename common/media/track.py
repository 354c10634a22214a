"""The sound track as a file: encoded once, measured as a listener would."""

import re
import tempfile
from pathlib import Path

import ffmpeg

from common.domain.model import Model
from common.media.ffmpeg import Cancelled, FFmpegFailed, never, run
from common.media.mix import CEILING_DBTP, remastered

BIT_RATE = "192k"
MOST_DBTP = -1.0  # true peak of what a listener's decoder gives out

_ENCODINGS = 3  # of one sound, at most
_SPARE = 0.1  # dB further down than was missing, for the next encoding differs a little

_SUMMARY = re.compile(r"I:\s+(-?[\d.]+|-?inf|nan) LUFS.*?Peak:\s+(-?[\d.]+|-?inf|nan) dBFS", re.DOTALL)
_SILENT_PEAK = -200.0


class Loudness(Model):
    """What EBU R 128 says of a whole file: -70 LUFS and -200 dBTP stand for silence."""

    integrated_lufs: float
    true_peak_dbtp: float


def encode_master(wav: bytes, target: Path, *, cancelled: Cancelled = never) -> Path:
    """Encode mastered WAV bytes, measure the result, and master and encode it again as long as it peaks too high.

    What an encoder leaves out can make a peak higher than it was, so only its decoded result is the proof. The loudness
    stays; whoever inspects the film says so should the last encoding still be too high. Raises as `encode_aac` does.
    """
    ceiling = CEILING_DBTP
    for left in reversed(range(_ENCODINGS)):
        encode_aac(wav, target, cancelled=cancelled)
        over = measure(target, cancelled=cancelled).true_peak_dbtp - MOST_DBTP
        if over <= 0 or not left:
            break
        ceiling -= over + _SPARE
        wav = remastered(wav, ceiling)
    return target


def encode_aac(wav: bytes, target: Path, *, cancelled: Cancelled = never) -> Path:
    """Encode WAV bytes as AAC-LC (192 kbit/s, 48 kHz, stereo) in an MP4 container, and return `target`.

    Equal bytes in give equal bytes out. The file appears whole or not at all. Raises FFmpegFailed, DiskFull,
    RenderCancelled.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".aiprod-sound-", dir=target.parent) as folder:
        source, made = Path(folder) / "sound.wav", Path(folder) / "sound.m4a"
        source.write_bytes(wav)
        graph = ffmpeg.output(
            ffmpeg.input(str(source))["a"],
            str(made),
            acodec="aac",
            aac_coder="fast",  # half the time of the usual one, and at this rate it leaves less noise
            audio_bitrate=BIT_RATE,
            ar=48_000,
            ac=2,
            map_metadata=-1,
            flags="+bitexact",
            fflags="+bitexact",
        )
        run(graph, "encode the sound", cancelled=cancelled)
        made.replace(target)
    return target


def measure(path: Path, *, cancelled: Cancelled = never) -> Loudness:
    """Measure the sound of any media file. Raises FFmpegFailed when it has none or cannot be read."""
    graph = ffmpeg.output(
        ffmpeg.input(str(path))["a"].filter("ebur128", peak="true", framelog="quiet"), "-", format="null"
    )
    said = run(graph, f"measure the loudness of {path.name}", cancelled=cancelled, loglevel="info")
    found = _SUMMARY.search(said)
    if found is None:
        raise FFmpegFailed(f"FFmpeg could not measure the loudness of {path.name}: it reported no result.")
    lufs, peak = (float(value) for value in found.groups())
    return Loudness(
        integrated_lufs=lufs if lufs > -70 else -70.0, true_peak_dbtp=peak if peak > _SILENT_PEAK else _SILENT_PEAK
    )

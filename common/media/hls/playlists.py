"""Playlists of HTTP Live Streaming (RFC 8216): which segments there are, and which renditions to choose from."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from common.media.hls.stream import Part, Stream, Track

_VERSION = 7  # of what is written here: EXT-X-MAP with fragmented MP4
_NAMES = {"en": "English", "fr": "Français", "es": "Español", "de": "Deutsch", "it": "Italiano"}
_NAMES |= {"pt": "Português", "ja": "日本語", "zh": "中文", "ko": "한국어"}

Address = Callable[[str], str]  # of a file, by its name in the stream


def master(stream: Stream, address: Address) -> str:
    """The choice of sizes, with the sound and the captions that go with each (section 4.3.4).

    Before the end, bit rates are those of what has been made so far, encoded by the same settings.
    """
    lang = f'NAME="{_NAMES.get(stream.lang, stream.lang)}",LANGUAGE="{stream.lang}"'
    sound = f'TYPE=AUDIO,GROUP-ID="sound",{lang},DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2"'
    texts = f'TYPE=SUBTITLES,GROUP-ID="captions",{lang},DEFAULT=NO,AUTOSELECT=NO,FORCED=NO'
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{_VERSION}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MEDIA:{sound},URI="{address("sound.m3u8")}"',
        f'#EXT-X-MEDIA:{texts},URI="{address("captions.m3u8")}"',
    ]
    for track in stream.video:
        peak = _peak(track, stream.target) + _peak(stream.sound, stream.target)
        average = _average(track) + _average(stream.sound)
        lines += [
            f"#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},"
            f'CODECS="{track.codec},{stream.sound.codec}",RESOLUTION={track.width}x{track.height},'
            f'FRAME-RATE={stream.fps:.3f},AUDIO="sound",SUBTITLES="captions"',
            address(f"{track.name}.m3u8"),
        ]
    return _text(lines)


def growing(stream: Stream, track: Track, address: Address) -> str:
    """The segments of a rendition so far, each a file; later ones only add lines to it (section 6.2.1)."""
    lines = [*_head(stream.target, "EVENT"), f'#EXT-X-MAP:URI="{address(f"{track.name}.mp4")}"']
    for number in range(len(track.parts)):
        lines += [_length(track, number), address(f"{track.name}-{number}.m4s")]
    return _text([*lines, *(["#EXT-X-ENDLIST"] if stream.ended else [])])


def whole(stream: Stream, track: Track) -> str:
    """The segments of a finished rendition as ranges of one file (section 4.3.2.2)."""
    file = f"{track.name}.mp4"
    lines = [*_head(stream.target, "VOD"), f'#EXT-X-MAP:URI="{file}",BYTERANGE="{track.init.size}@0"']
    starts = accumulate((part.size for part in track.parts), initial=track.init.size)
    for number, (part, start) in enumerate(zip(track.parts, starts, strict=False)):
        lines += [_length(track, number), f"#EXT-X-BYTERANGE:{part.size}@{start}", file]
    return _text([*lines, "#EXT-X-ENDLIST"])


def captions(stream: Stream, address: Address) -> str:
    """The captions as one segment; of all renditions only they may have another target duration (section 6.2.4)."""
    lines = [*_head(math.ceil(stream.seconds), "VOD"), f"#EXTINF:{stream.seconds:.5f},"]
    return _text([*lines, address("captions.vtt"), "#EXT-X-ENDLIST"])


def _head(target: int, kind: str) -> list[str]:
    return [
        "#EXTM3U",
        f"#EXT-X-VERSION:{_VERSION}",
        f"#EXT-X-TARGETDURATION:{target}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{kind}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]


def _length(track: Track, number: int) -> str:
    return f"#EXTINF:{track.seconds(number):.5f},"


def _average(track: Track) -> int:
    """Bits a second over all parts."""
    return _rate(track, track.parts)


def _peak(track: Track, target: int) -> int:
    """The peak segment bit rate: the largest over neighbours of half to one and a half times the target (4.1).

    Of a few unequal parts it may lie below the average, which is taken then.
    """
    runs = _runs(track, 0.5 * target * track.timescale, 1.5 * target * track.timescale)
    return max([_average(track), *(_rate(track, run) for run in runs)])


def _runs(track: Track, least: float, most: float) -> Iterator[Sequence[Part]]:
    """Every run of neighbouring parts that lasts so long."""
    for start in range(len(track.parts)):
        ticks = 0
        for end in range(start, len(track.parts)):
            ticks += track.parts[end].ticks
            if ticks > most:
                break
            if ticks >= least:
                yield track.parts[start : end + 1]


def _rate(track: Track, parts: Sequence[Part]) -> int:
    bits, ticks = sum(8 * part.size for part in parts), sum(part.ticks for part in parts)
    return -(-bits * track.timescale // ticks)


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"

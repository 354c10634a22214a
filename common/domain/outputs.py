"""What a video may be encoded by and delivered as besides its MP4, and the files that it comes in."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, get_args

from common.domain.frame import Size
from common.domain.ladder import ladder

Encoder = Literal["x264", "x265", "av1", "nvenc", "nvenc_hevc", "nvenc_av1"]
CODECS: Mapping[str, str] = MappingProxyType(
    {"x264": "h264", "x265": "hevc", "av1": "av1", "nvenc": "h264", "nvenc_hevc": "hevc", "nvenc_av1": "av1"}
)

Output = Literal["audio", "gif", "hls", "thumbnails", "webm", "webp"]
OUTPUTS: tuple[Output, ...] = get_args(Output)

PLAYLIST = "application/vnd.apple.mpegurl"

# Files of every video, and of each output, with their media types; thumbnails are named by `thumbnail`, and the sizes
# of a stream by their rungs.
ALWAYS: Mapping[str, str] = MappingProxyType(
    {
        "video.mp4": "video/mp4",
        "poster.jpg": "image/jpeg",
        "captions.srt": "application/x-subrip",
        "captions.vtt": "text/vtt",
        "words.json": "application/json",
    }
)
ASKED: Mapping[Output, Mapping[str, str]] = MappingProxyType(
    {
        "audio": {"audio.m4a": "audio/mp4"},
        "gif": {"preview.gif": "image/gif"},
        "hls": {
            "hls/master.m3u8": PLAYLIST,
            "hls/sound.m3u8": PLAYLIST,
            "hls/sound.mp4": "audio/mp4",
            "hls/captions.m3u8": PLAYLIST,
            "hls/captions.vtt": "text/vtt",
        },
        "thumbnails": {},
        "webm": {"video.webm": "video/webm"},
        "webp": {"preview.webp": "image/webp"},
    }
)


def thumbnail(scene: str) -> str:
    """Name of the still of one scene."""
    return f"thumbnail-{scene}.jpg"


def files_of(outputs: Sequence[Output], scenes: Sequence[str], size: Size) -> Iterator[tuple[str, str]]:
    """Name and media type of every file that a video of these scenes and this size is delivered in."""
    yield from ALWAYS.items()
    for output in outputs:
        yield from ASKED[output].items()
    if "thumbnails" in outputs:
        yield from ((thumbnail(scene), "image/jpeg") for scene in scenes)
    if "hls" in outputs:
        for rung in ladder(size):
            yield f"hls/{rung.name}.m3u8", PLAYLIST
            yield f"hls/{rung.name}.mp4", "video/mp4"

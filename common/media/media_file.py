"""What a user's file is: a picture, a clip or a sound that really decodes."""

from pathlib import Path
from typing import Literal

from common.media.footage import MEDIA_ERRORS, Footage, UnreadableMedia, open_media
from common.media.photo import photo_planes

_TRIAL = 64  # pixels a side: enough to decode, too small to cost anything
_PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"})
_MOST_SECONDS = 1800
_MOST_SIDE = 8192  # pixels of a clip


def kind_of(path: Path) -> Literal["image", "clip"]:
    """Whether a file is a picture or a clip, by decoding it; UnreadableMedia, in one sentence, when it is neither."""
    if path.suffix.lower() in _PICTURES:
        check_picture(path)
        return "image"
    check_clip(path)
    return "clip"


def check_picture(path: Path) -> None:
    """UnreadableMedia unless the file is a picture that decodes."""
    photo_planes(path, _TRIAL, _TRIAL, "#000000")


def check_clip(path: Path) -> None:
    """UnreadableMedia unless the file is a video that decodes at its beginning and further on, and is no giant."""
    clip = Footage(path, _TRIAL, _TRIAL, 30, loop=False)
    try:
        for number in (0, 45, 300):
            clip.planes(number)
    finally:
        clip.close()
    with open_media(path) as container:
        stream = container.streams.video[0]
        if max(stream.width, stream.height) > _MOST_SIDE:
            raise UnreadableMedia(
                f"The clip {path.name} has {stream.width} x {stream.height} pixels; send one of {_MOST_SIDE} at most."
            )


def check_sound(path: Path) -> None:
    """UnreadableMedia unless the file has sound that decodes, of half an hour at most."""
    advice = "send an MP3, WAV, M4A, OGG or FLAC that plays"
    try:
        with open_media(path) as container:
            stream = container.streams.audio[0]
            seconds = (container.duration or 0) / 1_000_000
            if next(container.decode(stream), None) is None:
                raise ValueError("no sound")
    except MEDIA_ERRORS as error:
        raise UnreadableMedia(f"The sound {path.name} cannot be read ({type(error).__name__}); {advice}.") from error
    if seconds > _MOST_SECONDS:
        raise UnreadableMedia(
            f"The sound {path.name} lasts {seconds:.0f} s; send one of {_MOST_SECONDS // 60} minutes at most."
        )


__all__ = ["UnreadableMedia", "check_clip", "check_picture", "check_sound", "kind_of"]

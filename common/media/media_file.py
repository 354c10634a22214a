"""What a user's file is: a picture or a clip that really decodes."""

from pathlib import Path
from typing import Literal

from common.media.footage import Footage, UnreadableMedia
from common.media.photo import photo_planes

_TRIAL = 64  # pixels a side: enough to decode, too small to cost anything
_PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"})


def kind_of(path: Path) -> Literal["image", "clip"]:
    """Whether a file is a picture or a clip, by decoding it; UnreadableMedia, in one sentence, when it is neither."""
    if path.suffix.lower() in _PICTURES:
        photo_planes(path, _TRIAL, _TRIAL, "#000000")
        return "image"
    clip = Footage(path, _TRIAL, _TRIAL, 30, loop=False)
    try:
        for number in (0, 45, 300):
            clip.planes(number)
    finally:
        clip.close()
    return "clip"


__all__ = ["UnreadableMedia", "kind_of"]

"""A user's own music as the WAV that the mix takes."""

from pathlib import Path

import av
import numpy as np

from common.media.footage import MEDIA_ERRORS, UnreadableMedia, open_media
from common.media.mix import RATE
from common.media.wave import Samples, write


def soundtrack(path: Path, seconds: float) -> bytes:
    """The first `seconds` of a sound file as WAV: stereo, 48 kHz, 16 bit; a shorter one whole. UnreadableMedia."""
    most, pieces, found = round(seconds * RATE), list[Samples](), 0
    try:
        with open_media(path) as container:
            resampler = av.AudioResampler(format="flt", layout="stereo", rate=RATE)
            for frame in container.decode(container.streams.audio[0]):
                for piece in resampler.resample(frame):
                    pieces.append(piece.to_ndarray().reshape(-1, 2).astype(np.float32))
                    found += len(pieces[-1])
                if found >= most:
                    break
    except MEDIA_ERRORS as error:
        if not found:
            raise UnreadableMedia(
                f"The music {path.name} cannot be read ({type(error).__name__}); send an MP3, WAV or M4A that plays."
            ) from error
    if not found:
        raise UnreadableMedia(f"The music {path.name} has no sound; send an MP3, WAV or M4A that plays.")
    return write(np.concatenate(pieces)[:most], RATE)

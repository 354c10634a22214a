"""Frames of a film as pictures of their own."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from common.media.ffmpeg import naming_a_full_disk

_QUALITY = 90

Picture = npt.NDArray[np.uint8]  # rows, columns, and blue, green, red


def frame_at(film: Path, seconds: float, *, exact: bool = False) -> Picture:
    """The frame at a time, as `frames_at` finds it."""
    return next(frames_at(film, [seconds], exact=exact))


def frames_at(film: Path, moments: Iterable[float], *, exact: bool = False) -> Iterator[Picture]:
    """The frame at each of the times, or, unless it must be exact, one of a few after it; the last one past the end.

    ValueError when the film has no frame from there on at all.
    """
    with av.open(str(film)) as media:
        stream = media.streams.video[0]
        assert stream.time_base is not None
        if not exact:
            stream.codec_context.skip_frame = "BIDIR"  # three of four frames need not be decoded on the way
        for seconds in moments:
            media.seek(int(seconds / stream.time_base), stream=stream)
            found = None
            for found in media.decode(stream):
                if found.time is not None and found.time >= seconds - 1e-3:
                    break
            if found is None:
                raise ValueError(f"{film.name} has no frame at {seconds:.2f} s.")
            picture = found.reformat(format="bgr24", src_colorspace="ITU709").to_ndarray()
            yield np.asarray(picture, dtype=np.uint8)


def scaled(picture: Picture, longer: int) -> Picture:
    """The picture with so many pixels on its longer side."""
    scale = longer / max(picture.shape[:2])
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def write_jpeg(picture: Picture, target: Path) -> None:
    """Write a picture as JPEG, whole or not at all. Raises DiskFull."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert done, "a decoded frame is always a picture"
    part = target.with_name(f".{target.name}.part")
    try:
        with naming_a_full_disk(f"write {target.name}"):
            part.write_bytes(data.tobytes())
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)

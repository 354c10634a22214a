"""The still that stands for a video, the most striking moment among its first scenes, and a small one of each scene."""

from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from common.media.ffmpeg import naming_a_full_disk
from common.media.timeline import Timeline

_SCENES = 5
_MOMENT = 0.6  # of a scene: all of it has come in, nothing has left
_QUALITY = 90
_SMALL = 480  # pixels of a thumbnail's longer side


def poster(film: Path, timeline: Timeline, target: Path) -> float:
    """Write the most striking of the early scenes' frames as a JPEG, whole or not at all, and return its second.

    Raises DiskFull.
    """
    moments = list(_moments(timeline).values())[:_SCENES]
    pictures = [(_frame(film, moment), moment) for moment in moments]
    best, moment = max(pictures, key=lambda pair: (_contrast(pair[0]), -pair[1]))
    _write(best, target)
    return moment


def thumbnails(film: Path, timeline: Timeline, folder: Path) -> dict[str, Path]:
    """Write a small JPEG of every scene into a folder: its path, by scene. Raises DiskFull."""
    made = {}
    for scene, moment in _moments(timeline).items():
        picture = _frame(film, moment)
        scale = _SMALL / max(picture.shape[:2])
        size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
        made[scene] = folder / f"{scene}.jpg"
        _write(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), made[scene])
    return made


def _moments(timeline: Timeline) -> dict[str, float]:
    """The second at which each scene shows itself best."""
    return {scene: (start + int(frames * _MOMENT)) / timeline.fps for scene, start, frames in timeline.scenes}


def _write(picture: npt.NDArray[np.uint8], target: Path) -> None:
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert done, "a decoded frame is always a picture"
    part = target.with_name(f".{target.name}.part")
    try:
        with naming_a_full_disk("write the poster"):
            part.write_bytes(data.tobytes())
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _frame(film: Path, seconds: float) -> npt.NDArray[np.uint8]:
    """The frame at a time or a few after it, as BGR; the last one when the film ends before."""
    with av.open(str(film)) as media:
        stream = media.streams.video[0]
        assert stream.time_base is not None
        stream.codec_context.skip_frame = "BIDIR"  # three of four frames need not be decoded on the way
        media.seek(int(seconds / stream.time_base), stream=stream)
        found = None
        for found in media.decode(stream):
            if found.time is not None and found.time >= seconds - 1e-3:
                break
        if found is None:
            raise ValueError(f"{film.name} has no frame at {seconds:.2f} s.")
        return np.asarray(found.reformat(format="bgr24", src_colorspace="ITU709").to_ndarray(), dtype=np.uint8)


def _contrast(picture: npt.NDArray[np.uint8]) -> float:
    """Spread of light and of colour."""
    small = cv2.resize(picture, (160, 160), interpolation=cv2.INTER_AREA)
    light, *colours = cv2.split(cv2.cvtColor(small, cv2.COLOR_BGR2LAB))
    return float(np.std(light)) + 0.5 * sum(float(np.std(colour)) for colour in colours)

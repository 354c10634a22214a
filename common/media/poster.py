"""The still that stands for a video, the most striking moment among its first scenes, and a small one of each scene."""

from pathlib import Path

import cv2
import numpy as np

from common.media.still import Picture, frames_at, scaled, write_jpeg
from common.media.timeline import Timeline

_SCENES = 5
_MOMENT = 0.6  # of a scene: all of it has come in, nothing has left
_SMALL = 480  # pixels of a thumbnail's longer side


def poster(film: Path, timeline: Timeline, target: Path) -> float:
    """Write the most striking of the early scenes' frames as a JPEG, whole or not at all, and return its second.

    Raises DiskFull.
    """
    moments = list(_moments(timeline).values())[:_SCENES]
    pictures = zip(frames_at(film, moments), moments, strict=True)
    best, moment = max(pictures, key=lambda pair: (_contrast(pair[0]), -pair[1]))
    write_jpeg(best, target)
    return moment


def thumbnails(film: Path, timeline: Timeline, folder: Path) -> dict[str, Path]:
    """Write a small JPEG of every scene into a folder: its path, by scene. Raises DiskFull."""
    made = {}
    moments = _moments(timeline)
    for scene, picture in zip(moments, frames_at(film, moments.values()), strict=True):
        made[scene] = folder / f"{scene}.jpg"
        write_jpeg(scaled(picture, _SMALL), made[scene])
    return made


def _moments(timeline: Timeline) -> dict[str, float]:
    """The second at which each scene shows itself best."""
    return {scene: (start + int(frames * _MOMENT)) / timeline.fps for scene, start, frames in timeline.scenes}


def _contrast(picture: Picture) -> float:
    """Spread of light and of colour."""
    small = cv2.resize(picture, (160, 160), interpolation=cv2.INTER_AREA)
    light, *colours = cv2.split(cv2.cvtColor(small, cv2.COLOR_BGR2YCrCb))
    return float(np.std(light)) + 0.5 * sum(float(np.std(colour)) for colour in colours)

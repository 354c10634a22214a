"""What quality control finds: always with a scene and a time, so that the scene can be made again."""

from typing import Literal

from common.domain.model import Model


class Finding(Model):
    """One fault. `at` is seconds into the video; `scene` is empty when the whole video is meant."""

    code: str  # black, freeze, silence, loudness, clipping, duration, container, captions, missing_scene, ...
    detail: str
    severity: Literal["warning", "error"] = "error"
    scene: str = ""
    at: float = 0.0
    seconds: float = 0.0


class Review(Model):
    """A verdict: quality in 0..1, what was found, and who judged."""

    quality: float
    findings: tuple[Finding, ...] = ()
    engine: str = ""
    version: str = ""

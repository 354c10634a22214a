"""What a reviewer is shown and what it answers."""

from collections.abc import Mapping
from typing import Protocol

from pydantic import Field

from common.domain.findings import Finding, Review
from common.domain.model import Model
from common.domain.plan import Plan


class Cue(Model):
    """One caption as it stands in the delivered file; seconds into the video."""

    scene: str
    text: str
    start: float
    end: float


class Shown(Model):
    """A scene as the render contains it: its length in frames, and what was written on its picture."""

    scene: str
    frames: int
    headline: str = ""
    lines: tuple[str, ...] = ()


class Evidence(Model):
    """What is known about a finished video. `request` is the content that was asked for, sanitised."""

    request: str
    cues: tuple[Cue, ...]
    scenes: tuple[Shown, ...]
    narrations: Mapping[str, str] = Field(default_factory=dict)  # scene id to the words the voice spoke
    technical: tuple[Finding, ...] = ()


class Reviewer(Protocol):
    """Judges whether a video says and shows what was asked."""

    name: str
    version: str
    quality: float
    paid: bool

    def review(self, plan: Plan, evidence: Evidence, strictness: float = 1.0) -> Review:
        """Quality 0..1 and findings, each with its scene and time. `strictness` above 1 forgives less (second pass).

        Remote engines raise Throttled or ProviderUnavailable; the local one raises nothing.
        """
        ...


def stricter(first: Review, second: Review) -> Review:
    """The verdict that counts after two passes: the lower quality, with the findings of both, each once."""
    low = first if first.quality <= second.quality else second
    findings = (*first.findings, *(finding for finding in second.findings if finding not in first.findings))
    return Review(quality=low.quality, findings=findings, engine=low.engine, version=low.version)

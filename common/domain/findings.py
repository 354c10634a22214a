"""What quality control finds: always with a scene and a time, so that the scene can be made again."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Literal

from common.domain.model import Model


class Finding(Model):
    """One fault. `at` is seconds into the video; `scene` is empty when the whole video is meant.

    `evidence` names the frame that shows it: a file beside the inspection's other ones, its object or a link to it.
    """

    code: str  # of a measurement: one of `repairs.MAKES_AGAIN`; a reviewer may find others
    detail: str
    severity: Literal["warning", "error"] = "error"
    scene: str = ""
    at: float = 0.0
    seconds: float = 0.0
    evidence: str = ""


class Review(Model):
    """A verdict: quality in 0..1, what was found, and who judged."""

    quality: float
    findings: tuple[Finding, ...] = ()
    engine: str = ""
    version: str = ""


def evidence_name(finding: Mapping[str, Any]) -> str:
    """The file beside the video that shows a stored finding; empty for one without evidence."""
    return PurePosixPath(finding.get("evidence", "")).name

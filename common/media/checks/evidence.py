"""The frame that shows a fault, for whoever does not believe it."""

from collections.abc import Sequence
from pathlib import Path

import av

from common.domain.findings import Finding
from common.media.still import frame_at, scaled, write_jpeg

MOST = 12  # frames that are kept of one film
_LONGEST = 960  # pixels of their longer side


def with_evidence(film: Path, findings: Sequence[Finding], folder: Path) -> list[Finding]:
    """The findings, each that has a scene with the name of a JPEG in `folder`: the frame in the middle of its time.

    Equal codes in one scene share the first one's. Findings beyond the bound, and those of what cannot be decoded, go
    without. Raises DiskFull.
    """
    shown: dict[tuple[str, str], str] = {}
    told = []
    for finding in findings:
        key = (finding.scene, finding.code)
        if finding.scene and key not in shown and len(shown) < MOST:
            name = f"evidence-{len(shown) + 1}.jpg"
            try:
                picture = frame_at(film, finding.at + finding.seconds / 2, exact=True)
                write_jpeg(scaled(picture, min(_LONGEST, max(picture.shape[:2]))), folder / name)
            except (ValueError, IndexError, av.FFmpegError):  # there is no such frame, which is what was found
                name = ""
            shown[key] = name
        told.append(finding.model_copy(update={"evidence": shown.get(key, "")}))
    return told

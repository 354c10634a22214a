"""Technical quality control of a finished film: every check, one list of findings."""

from collections.abc import Mapping
from pathlib import Path

import av

from common.domain.findings import Finding
from common.domain.speech import Narration
from common.media.checks.captions import check_captions
from common.media.checks.container import check_container
from common.media.checks.picture import check_picture
from common.media.checks.sound import check_sound
from common.media.ffmpeg import Cancelled, never
from common.media.probe import Unreadable, probe
from common.media.timeline import Timeline


def inspect(
    film: Path, timeline: Timeline, narrations: Mapping[str, Narration], *, cancelled: Cancelled = never
) -> list[Finding]:
    """Everything that is wrong with the film, by time; empty for a good one. Picture and sound are decoded once.

    A file that no player could open is one finding. Raises RenderCancelled.
    """
    try:
        facts = probe(film)
    except Unreadable as error:
        return [Finding(code="container", detail=str(error))]
    found = [*check_container(facts, timeline), *check_captions(timeline, narrations)]
    try:
        if facts.video is not None:
            found += check_picture(film, timeline, cancelled)
        found += check_sound(film, timeline, narrations)
    except av.FFmpegError as error:
        found.append(Finding(code="container", detail=f"The file cannot be decoded to its end: {error}."))
    return sorted(found, key=lambda finding: finding.at)

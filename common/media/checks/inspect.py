"""Technical quality control of a finished film: every check, one list of findings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import av

from common.domain.findings import Finding
from common.domain.plan import Plan
from common.domain.speech import Narration
from common.media.branded import caption_look
from common.media.checks.captions import check_captions
from common.media.checks.causes import causes
from common.media.checks.container import check_container
from common.media.checks.evidence import with_evidence
from common.media.checks.faces import check_faces
from common.media.checks.lettering import Lettering
from common.media.checks.picture import Picture
from common.media.checks.reading import Reader
from common.media.checks.scenes import Painted, Scenes
from common.media.checks.sound import check_sound
from common.media.checks.stretches import Watched, faultless, ranges, stretches
from common.media.checks.text import Text
from common.media.checks.watch import Watcher, watch
from common.media.composition import Composition
from common.media.ffmpeg import Cancelled, never
from common.media.probe import Facts, Unreadable, probe
from common.media.timeline import Timeline


@dataclass(frozen=True)
class Script:
    """What a film is held against: its plan and timeline, and what went into it.

    `voices` are the narrations as WAV, by scene, `pictures` the display lists; `painted` paints a scene anew. What is
    not given is not checked.
    """

    plan: Plan
    timeline: Timeline
    narrations: Mapping[str, Narration]
    voices: Mapping[str, bytes] = field(default_factory=dict)
    pictures: Mapping[str, Composition] = field(default_factory=dict)
    painted: Painted | None = None


def inspect(
    film: Path, script: Script, folder: Path, *, watched: Watched | None = None, cancelled: Cancelled = never
) -> list[Finding]:
    """Everything that is wrong with the film, by time; empty for a good one. Picture and sound are decoded once.

    Frames that are `watched` already, in the same bytes, are not decoded; what is found faultless here is added to it.
    `folder` takes a JPEG of each fault that has a scene, up to a bound; `evidence` is its name. A file that no player
    could open is one finding. Raises RenderCancelled, DiskFull, UnreadableMedia.
    """
    try:
        facts = probe(film)
    except Unreadable as error:
        return [Finding(code="container", detail=str(error))]
    line = script.timeline
    found = [*check_container(facts, line), *check_faces(facts, script.plan, line, script.pictures)]
    found += check_captions(line, script.narrations)
    try:
        found += _seen(film, script, facts, watched, cancelled)
        found += check_sound(film, line, script.narrations, script.voices)
    except av.FFmpegError as error:
        found.append(Finding(code="container", detail=f"The file cannot be decoded to its end: {error}."))
    return with_evidence(film, sorted(found, key=lambda finding: finding.at), folder)


def _seen(film: Path, script: Script, facts: Facts, watched: Watched | None, cancelled: Cancelled) -> list[Finding]:
    """What is wrong with the picture."""
    line, video = script.timeline, facts.video
    if video is None:
        return []
    whole = stretches(film, line) if watched else []
    fresh = [stretch for stretch in whole if watched and not watched.has(stretch.key)]
    if whole and not fresh:
        return []
    parts = ranges(fresh, line) if len(fresh) < len(whole) else []
    watchers: list[Watcher] = [Picture(line)]
    if (video.width, video.height) == (line.size.width, line.size.height):  # else nothing stands where it should
        watchers.append(Lettering(line))
        if script.plan.size == line.size:
            watchers.append(Text(line, script.pictures, caption_look(script.plan), Reader()))
        if script.painted is not None:
            watchers.append(Scenes(line, script.painted, parts))
    found = watch(film, watchers, parts, cancelled)
    if watched:
        for stretch in faultless(fresh, found, line):
            watched.add(stretch.key)
    return causes(found)

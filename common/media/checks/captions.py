"""Whether the captions say what is said, when it is said."""

from collections.abc import Iterator, Mapping

from common.domain.findings import Finding
from common.domain.pacing import LEAD_IN
from common.domain.speech import Narration
from common.media.timeline import Timeline

ALLOWED_SECONDS = 0.08


def check_captions(timeline: Timeline, narrations: Mapping[str, Narration]) -> list[Finding]:
    """Compare each scene's cues with the words its voice speaks: the same text, each cue at its words' times."""
    return [
        finding
        for scene, start, _ in timeline.scenes
        if scene in narrations
        for finding in _scene(timeline, scene, start / timeline.fps + LEAD_IN, narrations[scene])
    ]


def _scene(timeline: Timeline, scene: str, starts: float, narration: Narration) -> Iterator[Finding]:
    signs = [
        (sign, starts + word.start, starts + word.end) for word in narration.words for sign in word.text if _shows(sign)
    ]
    at = 0
    for cue in (cue for cue in timeline.cues if cue.scene == scene):
        text = "".join(sign for sign in cue.text() if _shows(sign))
        said = signs[at : at + len(text)]
        begins, ends = cue.first / timeline.fps, cue.end / timeline.fps
        if "".join(sign for sign, _, _ in said) != text:
            detail = f"The caption {cue.text(' ')!r} is not what is said."
            yield Finding(code="captions", detail=detail, scene=scene, at=begins, seconds=ends - begins)
            return
        late = max((0.0, begins - said[0][1] - ALLOWED_SECONDS, said[0][1] - begins - ALLOWED_SECONDS))
        if (late or said[-1][2] - ends > ALLOWED_SECONDS) and not _divided(said):
            detail = f"The caption {cue.text(' ')!r} shows from {begins:.2f} s to {ends:.2f} s, but is said from "
            detail += f"{said[0][1]:.2f} s to {said[-1][2]:.2f} s."
            yield Finding(code="captions", detail=detail, scene=scene, at=begins, seconds=ends - begins)
        at += len(text)
    if at < len(signs):
        missing, when, _ = signs[at]
        detail = f"The captions of scene {scene} end before {missing!r} is said."
        yield Finding(code="captions", detail=detail, scene=scene, at=when)


def _divided(said: list[tuple[str, float, float]]) -> bool:
    """Whether it is all one word, shown in pieces because it is wider than a line."""
    return said[0][1:] == said[-1][1:]


def _shows(sign: str) -> bool:
    return sign.isprintable() and not sign.isspace()

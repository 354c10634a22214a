"""The reviewer that needs nothing: it counts words, scenes and frames."""

import math

from common.domain.findings import Finding, Review
from common.domain.keywords import keywords, stem
from common.domain.language import looks_like
from common.domain.plan import Plan, Scene
from common.providers.planner.subject import about
from common.providers.reviewer.alignment import agreement
from common.providers.reviewer.port import Evidence

_WEIGHTS = {"captions": 0.4, "scenes": 0.3, "subject": 0.15, "headlines": 0.1, "language": 0.05}
_CAPTION_RATIO = 0.95  # of the words of a scene that its captions must say, at strictness 1
_SUBJECT_RATIO = 0.5  # of the request's keywords that the video must mention
_TECHNICAL_COST = {"error": 0.12, "warning": 0.03}


class LocalReviewer:
    """Deterministic checks that the captions say the script and every planned scene is there."""

    name = "local-reviewer"
    version = "1"
    quality = 0.7
    paid = False

    def review(self, plan: Plan, evidence: Evidence, strictness: float = 1.0) -> Review:
        """Weighted score of five checks, less what technical findings cost; equal inputs give equal verdicts."""
        found: list[Finding] = []
        score = {
            "captions": self._captions(plan, evidence, strictness, found),
            "scenes": self._scenes(plan, evidence, found),
            "subject": self._subject(plan, evidence, strictness, found),
            "headlines": self._headlines(plan, evidence, found),
            "language": self._language(plan, found),
        }
        quality = sum(_WEIGHTS[name] * max(0.0, 1 - strictness * (1 - value)) for name, value in score.items())
        quality -= strictness * sum(_TECHNICAL_COST[finding.severity] for finding in evidence.technical)
        return Review(
            quality=round(min(1.0, max(0.0, quality)), 4), findings=tuple(found), engine=self.name, version=self.version
        )

    def _captions(self, plan: Plan, evidence: Evidence, strictness: float, found: list[Finding]) -> float:
        """How many of the script's words the captions say; the worst scene counts as much as all together."""
        ratios = []
        wanted = min(1.0, 1 - (1 - _CAPTION_RATIO) / max(strictness, 0.01))
        for scene, at in _placed(plan):
            if not scene.narration:
                continue
            cues = [cue for cue in evidence.cues if cue.scene == scene.id]
            said = " ".join(cue.text for cue in cues)
            ratio = agreement(scene.narration, said, plan.lang)
            if scene.id in evidence.narrations:
                ratio = min(ratio, agreement(scene.narration, evidence.narrations[scene.id], plan.lang))
            ratios.append(ratio)
            if ratio < wanted:
                missing = "has no captions" if not cues else f"captions say {ratio:.0%} of its words"
                found.append(_finding("captions", f"Scene {scene.id} {missing}.", scene, at, plan.fps))
            late = [cue for cue in cues if cue.start < at - 0.1 or cue.end > at + scene.frames / plan.fps + 0.1]
            if late:
                detail = f"Scene {scene.id} shows a caption outside its own time: {late[0].text!r}."
                found.append(_finding("captions", detail, scene, late[0].start, plan.fps))
                ratios[-1] *= 0.8
        return (min(ratios) + sum(ratios) / len(ratios)) / 2 if ratios else 1.0

    def _scenes(self, plan: Plan, evidence: Evidence, found: list[Finding]) -> float:
        """The share of planned frames that the render contains in the planned order and length."""
        shown = {scene.scene: scene for scene in evidence.scenes}
        right = 0
        for scene, at in _placed(plan):
            there = shown.get(scene.id)
            if there is None:
                detail = f"Scene {scene.id} is not in the video."
                found.append(_finding("missing_scene", detail, scene, at, plan.fps))
            elif there.frames != scene.frames:
                detail = f"Scene {scene.id} has {there.frames} frames instead of {scene.frames}."
                found.append(_finding("scene_length", detail, scene, at, plan.fps))
                right += scene.frames if abs(there.frames - scene.frames) <= 1 else 0
            else:
                right += scene.frames
        order = [scene.scene for scene in evidence.scenes if any(scene.scene == known.id for known in plan.scenes)]
        expected = [scene.id for scene in plan.scenes if scene.id in shown]
        extra = [scene.scene for scene in evidence.scenes if all(scene.scene != known.id for known in plan.scenes)]
        if order != expected:
            found.append(Finding(code="scene_order", detail=f"Scenes appear as {', '.join(order)}.", scene=""))
        if extra:
            found.append(Finding(code="extra_scene", detail=f"The video has unplanned scenes: {', '.join(extra)}."))
        return right / plan.frames * (0.7 if order != expected or extra else 1.0)

    def _headlines(self, plan: Plan, evidence: Evidence, found: list[Finding]) -> float:
        """Whether text that was planned for the picture is on it."""
        shown = {scene.scene: scene for scene in evidence.scenes}
        planned = missing = 0
        for scene, at in _placed(plan):
            if not scene.headline or scene.id not in shown:
                continue
            planned += 1
            if not shown[scene.id].headline.strip():
                missing += 1
                detail = f"Scene {scene.id} lacks its headline {scene.headline!r}."
                found.append(_finding("headline", detail, scene, at, plan.fps))
        return 1 - missing / planned if planned else 1.0

    def _subject(self, plan: Plan, evidence: Evidence, strictness: float, found: list[Finding]) -> float:
        """Whether what was asked about is spoken of or written."""
        text = about(evidence.request, plan.lang) if plan.source == "prompt" else evidence.request
        asked = [stem(word) for word in keywords(text, plan.lang, 5)]
        if not asked:
            return 1.0
        text = " ".join(f"{s.narration} {s.headline} {' '.join(s.lines)}" for s in plan.scenes)
        known = {stem(word) for word in keywords(text, plan.lang, 10_000)}
        met = sum(1 for word in asked if word in known or word in text.lower())
        needed = min(math.ceil(len(asked) * min(1.0, _SUBJECT_RATIO * strictness)), len(plan.scenes))
        if met < needed:
            detail = f"The video mentions {met} of the {len(asked)} main words of the request: {', '.join(asked)}."
            found.append(Finding(code="subject", detail=detail, scene=plan.scenes[0].id))
        return min(1.0, met / needed)

    def _language(self, plan: Plan, found: list[Finding]) -> float:
        """Whether the narration is in the language that was asked for; text too short to tell passes."""
        text = " ".join(scene.narration for scene in plan.scenes)
        other = looks_like(text, plan.lang)
        if other:
            detail = f"The narration looks like {other}, not {plan.lang}; set lang to the script's language."
            found.append(Finding(code="language", detail=detail, severity="warning", scene=plan.scenes[0].id))
            return 0.0
        return 1.0


def _placed(plan: Plan) -> list[tuple[Scene, float]]:
    """Every scene with the second it starts at."""
    return [(scene, start / plan.fps) for scene, start in zip(plan.scenes, plan.starts(), strict=True)]


def _finding(code: str, detail: str, scene: Scene, at: float, fps: int) -> Finding:
    return Finding(code=code, detail=detail, scene=scene.id, at=round(at, 3), seconds=round(scene.frames / fps, 3))

"""The local reviewer notices each way in which a video can differ from its plan."""

import pytest

from common.domain.findings import Finding
from common.domain.plan import Plan, Scene
from common.domain.request import PipelineRequest
from common.providers.planner.local import LocalPlanner
from common.providers.planner.port import Brief
from common.providers.reviewer.local import LocalReviewer
from common.providers.reviewer.port import Cue, Evidence, Shown, stricter

REQUEST = "How lighthouses guided ships"
PLAN = Plan(
    title="Lighthouses",
    lang="en",
    aspect="16:9",
    resolution="480p",
    scenes=(
        Scene(id="s1", kind="title", narration="Lighthouses guided ships.", headline="Lighthouses", frames=90),
        Scene(id="s2", kind="statement", narration="A light tells the night apart.", headline="A light", frames=120),
        Scene(id="s3", kind="closing", narration="Remember them.", headline="Remember", frames=75),
    ),
)


def evidence(**changes: object) -> Evidence:
    cues, scenes = [], []
    for scene, start in zip(PLAN.scenes, PLAN.starts(), strict=True):
        at = start / PLAN.fps
        words = scene.narration.split()
        cues += [
            Cue(scene=scene.id, text=word, start=at + 0.4 + n * 0.2, end=at + 0.6 + n * 0.2)
            for n, word in enumerate(words)
        ]
        scenes.append(Shown(scene=scene.id, frames=scene.frames, headline=scene.headline))
    whole = Evidence(request=REQUEST, cues=tuple(cues), scenes=tuple(scenes))
    return whole.model_copy(update=changes)


@pytest.mark.parametrize("seconds", [5, 30])
@pytest.mark.parametrize(
    "prompt",
    [
        "Please generate an upbeat promo video for our new bike rental service in Lyon",
        "Create a short video explaining photosynthesis for kids",
        "Stats: 73% of people sleep badly, 1 in 4 skip breakfast, 2.5 million walk to work",
        "Consignes de sécurité en cas d'incendie dans un immeuble de bureaux",
        "관광에 대한 영상을 만들어 주세요",
        "关于灯塔历史的视频，请制作一个短片",
        "🎉🎂🥳🎈🎁🎊🥂🍰🎵🪩",
    ],
)
def test_what_the_local_planner_writes_is_about_its_prompt(prompt: str, seconds: int) -> None:
    plan = LocalPlanner().direct(Brief.of(PipelineRequest(content=prompt, duration_sec=seconds)))
    cues = tuple(
        Cue(scene=scene.id, text=scene.narration, start=start / plan.fps + 0.35, end=start / plan.fps + 1)
        for scene, start in zip(plan.scenes, plan.starts(), strict=True)
        if scene.narration
    )
    shown = tuple(Shown(scene=scene.id, frames=scene.frames, headline=scene.headline) for scene in plan.scenes)
    review = LocalReviewer().review(plan, Evidence(request=prompt, cues=cues, scenes=shown), strictness=1.5)
    assert review.findings == ()
    assert review.quality == 1.0


def codes(changed: Evidence) -> list[tuple[str, str]]:
    return [(finding.code, finding.scene) for finding in LocalReviewer().review(PLAN, changed).findings]


def test_a_faithful_video_has_full_quality() -> None:
    review = LocalReviewer().review(PLAN, evidence())
    assert review.quality == 1.0
    assert review.findings == ()
    assert (review.engine, review.version) == ("local-reviewer", "1")


def test_a_missing_scene_is_named_with_its_time() -> None:
    changed = evidence(scenes=tuple(scene for scene in evidence().scenes if scene.scene != "s2"))
    review = LocalReviewer().review(PLAN, changed)
    assert review.quality < 0.9
    [finding] = review.findings
    assert (finding.code, finding.scene, finding.at, finding.seconds) == ("missing_scene", "s2", 3.0, 4.0)


def test_wrong_captions_are_named() -> None:
    cues = [
        cue.model_copy(update={"text": "something"}) if cue.scene == "s2" and cue.text != "night" else cue
        for cue in evidence().cues
    ]
    assert codes(evidence(cues=tuple(cues))) == [("captions", "s2")]
    assert LocalReviewer().review(PLAN, evidence(cues=tuple(cues))).quality < 0.8


def test_no_captions_at_all_is_no_quality_to_deliver() -> None:
    review = LocalReviewer().review(PLAN, evidence(cues=()))
    assert review.quality <= 0.6
    assert len(review.findings) == 3


def test_a_voice_that_spoke_other_words_is_noticed() -> None:
    assert codes(evidence(narrations={"s1": "Light houses are nice."})) == [("captions", "s1")]


def test_length_order_headline_and_strays() -> None:
    first, second, third = evidence().scenes
    longer = second.model_copy(update={"frames": 150})
    assert codes(evidence(scenes=(first, longer, third))) == [("scene_length", "s2")]
    assert codes(evidence(scenes=(second, first, third))) == [("scene_order", "")]
    assert codes(evidence(scenes=(first, second, third, Shown(scene="s9", frames=3)))) == [("extra_scene", "")]
    assert codes(evidence(scenes=(first, second, third.model_copy(update={"headline": " "})))) == [("headline", "s3")]


def test_a_caption_outside_its_scene_is_a_finding() -> None:
    cues = (*evidence().cues[:-1], evidence().cues[-1].model_copy(update={"end": 12.5}))
    assert codes(evidence(cues=cues)) == [("captions", "s3")]


def test_another_subject_is_noticed() -> None:
    assert codes(evidence(request="Vegan lasagne with spinach")) == [("subject", "s1")]


def test_technical_findings_cost_quality_and_strictness_forgives_less() -> None:
    faulty = evidence(technical=(Finding(code="black", detail="0.5 s of black.", scene="s2", at=3.2),))
    once = LocalReviewer().review(PLAN, faulty)
    twice = LocalReviewer().review(PLAN, faulty, strictness=1.5)
    assert twice.quality < once.quality < 1.0
    assert stricter(once, twice) == twice


def test_another_language_is_noticed() -> None:
    text = "Les phares ont guidé les navires pendant des siècles et nous les regardons avec respect dans la nuit."
    plan = PLAN.model_copy(update={"scenes": (PLAN.scenes[0].model_copy(update={"narration": text}),)})
    cue = Cue(scene="s1", text=text, start=0.4, end=2.9)
    review = LocalReviewer().review(
        plan, evidence(request="phares", cues=(cue,), scenes=(Shown(scene="s1", frames=90, headline="x"),))
    )
    assert [finding.code for finding in review.findings] == ["language"]

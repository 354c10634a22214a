"""Prompts of the kinds people type: each is understood, and its plan reads like sentences about its subject."""

import re
from itertools import pairwise

import pytest

from common.domain.keywords import content_words, stem
from common.domain.plan import Lang, Plan
from common.domain.request import PipelineRequest
from common.domain.text import sentences
from common.providers.planner.local import LocalPlanner
from common.providers.planner.port import Brief
from common.providers.planner.subject import subject_of
from tests.unit.providers.planner.prompts import ENGLISH, OTHERS, UNNAMED

VERSES = ("poem", "celebrate", "safety")  # these speak to somebody, not of something


def plan_of(prompt: str, lang: Lang = "en", seconds: int = 30) -> Plan:
    request = PipelineRequest(content=prompt, lang=lang, duration_sec=seconds, preset="premium_spot")
    return LocalPlanner().direct(Brief.of(request))


@pytest.mark.parametrize(("prompt", "intent", "topic", "title"), ENGLISH)
def test_english_prompts_are_understood(prompt: str, intent: str, topic: str, title: str) -> None:
    subject = subject_of(prompt, "en")
    assert (subject.intent, subject.topic, subject.title) == (intent, topic, title)


@pytest.mark.parametrize(("lang", "prompt", "intent", "topic", "title"), OTHERS)
def test_other_prompts_are_understood(lang: Lang, prompt: str, intent: str, topic: str, title: str) -> None:
    subject = subject_of(prompt, lang)
    assert (subject.intent, subject.topic, subject.title) == (intent, topic, title)


@pytest.mark.parametrize("prompt", UNNAMED)
def test_a_sentence_is_never_spoken_of_like_a_thing(prompt: str) -> None:
    assert "topic" not in subject_of(prompt, "en").slots()


@pytest.mark.parametrize("seconds", [15, 30, 90])
@pytest.mark.parametrize(("lang", "prompt"), [("en", row[0]) for row in ENGLISH] + [(row[0], row[1]) for row in OTHERS])
def test_plans_read_well(lang: Lang, prompt: str, seconds: int) -> None:
    plan = plan_of(prompt, lang, seconds)
    said = [sentence for scene in plan.scenes for sentence in sentences(scene.narration)]
    shown = [text for scene in plan.scenes for text in (scene.headline, *scene.lines)]
    assert plan.scenes[0].kind == "title"
    assert plan.scenes[-1].kind == "closing"
    assert len(set(said)) == len(said)
    assert not re.match(r"(?:of|for|to|that|which|and|de|du|von|di)\s", plan.title, re.I)
    for text in [*said, *shown]:
        assert not re.search(
            r"[{}]|\s[,.]|[?!.:,][.,:]|\b(the|a|an) (the|a|an|of|for)\b|\b(of|for) (of|for)\b", text
        ), text
    first = {stem(word) for word in content_words(plan.scenes[0].narration, lang)}
    assert first & subject_of(prompt, lang).stems(lang)


@pytest.mark.parametrize("prompt", [row[0] for row in ENGLISH if row[1] not in VERSES])
def test_the_subject_is_never_left_for_long(prompt: str) -> None:
    own = subject_of(prompt, "en").stems("en")
    speaks = [
        bool(own & {stem(word) for word in content_words(sentence, "en")})
        for scene in plan_of(prompt).scenes[:-1]  # the closing may say its thanks
        for sentence in re.split(r"(?<=[.!?])\s", scene.narration)
    ]
    assert not [pair for pair in pairwise(speaks) if pair == (False, False)]


def test_a_launch_reads_like_one() -> None:
    plan = plan_of("Launch of Lumo, a solar backpack that charges your phone while you walk")
    assert plan.scenes[0].headline == "Meet Lumo"
    assert "a solar backpack that charges your phone while you walk" in plan.scenes[0].narration.lower()
    assert "A solar backpack that charges your phone" in [scene.headline for scene in plan.scenes]


def test_a_label_tells_the_intent_and_leaves_the_screen() -> None:
    plan = plan_of("History lesson: how the printing press changed Europe")
    assert plan.title == "How the printing press changed Europe"
    texts = " ".join(text for scene in plan.scenes for text in (scene.narration, scene.headline, *scene.lines))
    assert "lesson" not in texts.lower()
    assert subject_of("Topic: the water cycle", "en").topic == "the water cycle"


def test_a_second_sentence_is_said_as_it_is() -> None:
    plan = plan_of("Our bakery opens on Monday. Come and taste fresh bread!")
    assert plan.title == "Our bakery opens on Monday"
    assert "Come and taste fresh bread!" in [scene.narration for scene in plan.scenes]


def test_tips_asked_for_by_number_are_numbered() -> None:
    shown = [scene.headline[:2] for scene in plan_of("Top 5 tips for better sleep").scenes]
    assert [mark for mark in shown if mark[0].isdigit()] == ["1.", "2.", "3.", "4.", "5."]


def test_questions_become_parts_of_sentences() -> None:
    assert subject_of("Why is the sky blue?", "en").clause == "why the sky is blue"
    assert subject_of("How does compound interest work?", "en").clause == "how compound interest works"
    assert subject_of("Why did Rome fall?", "en").clause == ""
    assert subject_of("Can dogs eat chocolate?", "en").clause == "whether dogs can eat chocolate"
    assert subject_of("Is climate change real?", "en").topic == "climate change"
    assert subject_of("Who invented the telephone?", "en").topic == "the telephone"


def test_every_fact_of_the_prompt_is_said() -> None:
    facts = (
        "8 million tonnes enter the sea each year",
        "9% of plastic is recycled",
        "1 in 3 fish contain microplastics",
        "450 years for a bottle to break down",
    )
    request = PipelineRequest(content=f"Ocean plastics in numbers: {', '.join(facts)}", duration_sec=28)
    plan = LocalPlanner().direct(Brief.of(request))
    said = " ".join(scene.narration for scene in plan.scenes)
    assert all(fact in said for fact in facts)
    assert max(scene.frames for scene in plan.scenes) <= 10 * 30

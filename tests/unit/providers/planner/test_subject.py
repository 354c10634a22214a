"""Prompts are understood: intent, topic and constraints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.providers.planner.subject import subject_of


@pytest.mark.parametrize(
    ("prompt", "intent", "topic"),
    [
        ("How lighthouses guided ships for two thousand years", "history", "lighthouses"),
        ("Make a 30 second video about the history of coffee", "history", "coffee"),
        ("Why is the sky blue?", "explain", "the sky"),
        ("Explain how bees dance to tell each other where flowers are", "explain", "bees"),
        ("A recipe for lemon cake", "recipe", "lemon cake"),
        ("How to make sourdough bread in 5 steps", "recipe", "sourdough bread"),
        ("Introducing our new running app", "launch", "our new running app"),
        ("Write a poem about autumn rain", "poem", "autumn rain"),
        ("Five tips for better sleep", "tips", "better sleep"),
        ("Create a short video explaining photosynthesis for kids", "lesson", "photosynthesis"),
        ("Tell the story of a fox who wanted to fly", "story", "a fox who wanted to fly"),
        ("Lighthouse", "topic", "the lighthouse"),
        ("🎉🎂🥳🎈🎁", "wordless", "🎉🎂🥳🎈🎁"),
    ],
)
def test_english(prompt: str, intent: str, topic: str) -> None:
    subject = subject_of(prompt, "en")
    assert (subject.intent, subject.topic) == (intent, topic)


@pytest.mark.parametrize(
    ("prompt", "lang", "intent", "topic"),
    [
        ("L'histoire du café", "fr", "history", "le café"),
        ("Fais une vidéo sur les abeilles", "fr", "topic", "les abeilles"),
        ("La historia de los faros", "es", "history", "los faros"),
        ("Die Geschichte der Leuchttürme", "de", "history", "die Leuchttürme"),
        ("La storia del caffè", "it", "history", "il caffè"),
        ("灯台の歴史についての動画を作ってください", "ja", "history", "灯台"),
        ("커피의 역사에 대한 영상을 만들어 주세요", "ko", "history", "커피"),
    ],
)
def test_other_languages(prompt: str, lang: str, intent: str, topic: str) -> None:
    subject = subject_of(prompt, lang)  # type: ignore[arg-type]
    assert (subject.intent, subject.topic) == (intent, topic)


def test_constraints_are_kept() -> None:
    lighthouses = subject_of("How lighthouses guided ships for two thousand years", "en")
    assert lighthouses.claim == "Lighthouses guided ships for two thousand years"
    assert lighthouses.span == "two thousand years"
    assert lighthouses.words == ("lighthouses", "ships", "years")
    assert subject_of("Say happy birthday to Anna", "en").who == "Anna"
    assert subject_of("Consignes de sécurité en cas d'incendie", "fr").case == "en cas d'incendie"
    mug = subject_of("Product launch: Nimbus, a coffee mug that keeps drinks warm", "en")
    assert (mug.name, mug.what) == ("Nimbus", "a coffee mug that keeps drinks warm")
    tea = subject_of("The difference between tea and coffee", "en")
    assert (tea.side, tea.other) == ("tea", "coffee")


def test_lists_are_facts() -> None:
    stats = subject_of("Stats: 73% of people sleep badly, 1 in 4 skip breakfast, 2.5 million walk", "en")
    assert stats.items == ("73% of people sleep badly", "1 in 4 skip breakfast", "2.5 million walk")
    cakes = subject_of("Recipe: pancakes: 200 g flour, 300 ml milk, 2 eggs. Steps: whisk, rest, fry", "en")
    assert (cakes.topic, cakes.items) == ("pancakes", ("200 g flour", "300 ml milk", "2 eggs"))
    assert cakes.steps == ("whisk", "rest", "fry")


@given(st.text(min_size=1, max_size=200), st.sampled_from(["en", "fr", "es", "de", "it", "pt", "ja", "zh", "ko"]))
def test_any_text_has_a_subject(text: str, lang: str) -> None:
    subject = subject_of(text, lang)  # type: ignore[arg-type]
    assert len(subject.title) <= 60

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.domain.pacing import LEAD_IN, scene_seconds, speech_seconds
from common.providers.visuals.reveal import AHEAD, ENTRANCE, REST, reveals, spoken_at

STEPS = ("Heat the oven to 200 degrees", "Rub the chicken with lemon", "Roast for 40 minutes", "Rest, then serve")


def test_items_come_in_just_before_they_are_said():
    said = "Heat the oven to 200 degrees. Rub the chicken with lemon. Roast for 40 minutes. Rest, then serve."
    seconds = scene_seconds(said, "en")
    times = spoken_at(said, STEPS, "en", seconds)
    assert times[0] == LEAD_IN
    whole = speech_seconds(said, "en") * 0.8
    for at, words in zip(times[1:], ("Rub", "Roast", "Rest"), strict=True):
        assert at == pytest.approx(LEAD_IN + whole * said.index(words) / len(said), abs=1.0)
    shown = reveals(said, STEPS, "en", seconds)
    assert [round(spoken - at, 2) for spoken, at in zip(times[1:3], shown[1:3], strict=True)] == [AHEAD, AHEAD]


def test_what_is_said_late_comes_late_and_what_is_said_at_once_comes_at_once():
    said = "A long and winding introduction that speaks of something else altogether for a while. Red, green, blue."
    times = reveals(said, ("The first", "Green", "Blue"), "en", 14)
    assert times[0] <= 0.2
    assert times[1] > 4


def test_small_words_before_a_part_do_not_bring_it_in_early():
    said = "Method. Heat the oven to 200 degrees. Rub the chicken with lemon. Roast for 40 minutes. Rest, then serve."
    times = spoken_at(said, STEPS, "en", scene_seconds(said, "en"))
    assert 3.0 < times[1] < 4.0
    questions = "Three questions: what can we see, how does it happen, and why does it matter?"
    asked = spoken_at(questions, ("What can we see?", "How does it happen?", "Why does it matter?"), "en", 9)
    assert [round(two - one, 1) > 0.8 for one, two in pairwise(asked)] == [True, True]


@pytest.mark.parametrize(
    ("said", "parts", "lang"),
    [
        ("Donnez l'alerte. Appelez le 18. Fermez les portes.", ("Donnez l’alerte", "Appeler le 18", "Fermer"), "fr"),
        ("芯を切る。レンズを磨く。船を記録する。", ("芯を切る", "レンズを磨く", "船を記録"), "ja"),
    ],
)
def test_every_script_and_other_endings_are_found(said, parts, lang):
    times = spoken_at(said, parts, lang, 12)
    assert all(at is not None for at in times)
    assert all(one < two for one, two in pairwise(times))


def test_what_is_not_said_comes_between_its_neighbours_or_evenly():
    assert spoken_at("Quite different words.", ("One", "Two"), "en", 8) == (None, None)
    one, two, three = reveals("Quite different words.", ("Yes", "No", "Perhaps"), "en", 10)
    assert two - one == pytest.approx(three - two)
    said = "Apples grow here. Something is said about it. Something else is said. Cherries grow there."
    times = reveals(said, ("Apples", "Unsaid", "Cherries"), "en", scene_seconds(said, "en"))
    assert times[0] < times[1] < times[2]


@pytest.mark.parametrize(
    ("said", "lang", "heard"),
    [
        ("Method. Heat the oven to 200 degrees. Rub the chicken with lemon, thyme and garlic. "
         "Roast for 40 minutes until golden. Rest for five minutes, then serve.", "en",
         {"Heat the oven": 1.3, "Rub the chicken": 3.52, "Roast for 40": 6.24, "Rest for five": 8.52}),
        ("Donnez l'alerte. Appelez le 18 ou le 112. Fermez les portes derrière vous. Évacuez par l'escalier.", "fr",
         {"Appelez le 18": 1.43, "Fermez les portes": 3.44, "Évacuez par": 5.27}),
        ("Öffnen Sie die Tür. Rufen Sie den Arzt. Warten Sie ruhig, und bewegen Sie sich nicht.", "de",
         {"Rufen Sie den Arzt": 1.73, "Warten Sie ruhig": 3.24}),
    ],
)  # fmt: skip
def test_parts_come_in_within_a_second_before_the_voices_say_them(said, lang, heard):
    """The times at which the voices say them were measured; a sixth of a second late is not seen."""
    seconds = scene_seconds(said, lang)
    shown = reveals(said, ("", *heard), lang, seconds)[1:]
    for at, real in zip(shown, heard.values(), strict=True):
        assert -1.5 <= at - real <= 0.17


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=7), st.floats(0.1, 60))
def test_all_parts_come_in_in_order_and_in_time(said, parts, seconds):
    times = reveals(said, parts, "en", seconds)
    assert len(times) == len(parts)
    assert list(times) == sorted(times)
    assert all(0 <= at <= max(0.0, seconds - REST - ENTRANCE) for at in times)
    assert not times or times[0] <= 0.2

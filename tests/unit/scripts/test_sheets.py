"""What a viewer sees of thirty prompts: nothing is cut, overlaps, is hard to read or is shown twice."""

import re
from itertools import pairwise

import pytest

from common.domain.plan import Plan
from common.media.composition import Sprite
from common.media.layout import caption_box, clear_box
from common.providers.visuals.local import laid_out
from common.providers.visuals.port import brief_of
from common.providers.visuals.sheet import Sheet
from common.providers.visuals.subjects import subjects
from scripts.contact.prompts import prompts
from scripts.contact.sheet import plan_of, sheet
from tests.unit.media.test_palette import assert_readable

PROMPTS = prompts()


def laid(plan: Plan) -> list[tuple[str, Sheet]]:
    return [laid_out(brief_of(plan, index)) for index in range(len(plan.scenes))]


def test_the_prompts_are_of_many_kinds_languages_and_shapes() -> None:
    plans = [plan_of(request) for request in PROMPTS.values()]
    assert len(plans) >= 30
    assert {plan.lang for plan in plans} >= {"en", "fr", "de", "es", "pt", "it", "zh", "ja", "ko"}
    assert {plan.aspect for plan in plans} == {"16:9", "9:16", "1:1", "4:5"}
    kinds = {scene.kind for plan in plans for scene in plan.scenes}
    assert {"title", "statement", "list", "statistic", "comparison", "timeline", "quote", "steps", "split"} <= kinds
    assert {"picture", "code", "recipe", "closing"} <= kinds
    assert {scene.transition for plan in plans for scene in plan.scenes} >= {"fade", "slide", "wipe"}


@pytest.mark.parametrize("name", PROMPTS)
def test_words_stand_apart_inside_what_their_platform_leaves_clear(name: str) -> None:
    plan = plan_of(PROMPTS[name])
    for index, (template, shown) in enumerate(laid(plan)):
        for place, box in enumerate(shown.texts):
            assert shown.box.holds(box, slack=shown.unit), (template, index, box)
            assert clear_box(plan.size, plan.platform).holds(box, slack=shown.unit), (template, index, box)
            assert not box.meets(caption_box(plan.size, plan.platform)), (template, index)
            for other in shown.texts[place + 1 :]:
                assert not box.inset(1, shown.unit * 0.6).meets(other.inset(1, shown.unit * 0.6)), (template, index)


@pytest.mark.parametrize("name", PROMPTS)
def test_nothing_is_shortened_left_out_or_too_faint(name: str) -> None:
    for template, shown in laid(plan_of(PROMPTS[name])):
        assert not [note for note in shown.notes if not note.startswith("There is no room for the line")], template
        assert_readable(shown.look)


@pytest.mark.parametrize("name", PROMPTS)
def test_nothing_is_shown_twice(name: str) -> None:
    """Neither a text in one scene, nor a template in neighbours, nor a drawing that its words do not name."""
    before: tuple[str, set[str]] = ("", set())
    for template, shown in laid(plan_of(PROMPTS[name])):
        told = [re.sub(r"\W", "", text).casefold() for text in (shown.headline, *shown.scene.lines)]
        if shown.scene.kind in ("list", "steps", "statement", "split", "recipe"):
            assert len(set(told)) == len(told), (template, told)
        drawn = {layer.name for layer in shown.layers if isinstance(layer, Sprite) and layer.name.startswith("motif:")}
        written = shown.scene.model_copy(update={"narration": "", "idea": ""})
        drawn -= {f"motif:{name}" for name in subjects(written)}
        assert template != before[0]
        assert not drawn & before[1], (template, drawn)
        before = template, drawn


def test_looks_of_six_scenes_in_a_row_differ() -> None:
    plan = plan_of(PROMPTS["history-en"])
    shown = [sheet_.tone.grounds for _, sheet_ in laid(plan)]
    assert all(one != other for one, other in pairwise(shown))


def test_a_sheet_shows_four_moments_of_every_scene() -> None:
    plan = plan_of(PROMPTS["quote-it"]).model_copy(update={"resolution": "480p"})
    picture = sheet(plan, {})
    height, width, _ = picture.shape
    assert height > 4 * 400
    assert width > 4 * 700
    assert float(picture.std()) > 20

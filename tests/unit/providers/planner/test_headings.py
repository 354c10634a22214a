import pytest

from common.providers.planner.draft import Draft
from common.providers.planner.headings import distinct
from scripts.contact.prompts import prompts
from scripts.contact.sheet import plan_of

TITLE = Draft("title", "Tea.", "Tea")


def headlines(*drafts, lang="en"):
    return [draft.headline for draft in distinct([TITLE, *drafts], lang)][1:]


@pytest.mark.parametrize(
    ("kind", "headline"),
    [
        ("list", "At a glance"),
        ("steps", "Step by step"),
        ("recipe", "Ingredients"),
        ("comparison", "Side by side"),
        ("closing", "Keep in mind"),
        ("statement", "Tea"),
        ("statistic", "Tea"),
    ],
)
def test_a_scene_that_would_bear_the_title_again_is_called_what_it_is(kind, headline):
    assert headlines(Draft(kind, "Words.", "Tea")) == [headline]
    assert headlines(Draft(kind, "Words.", "Coffee")) == ["Coffee"]


def test_the_parts_of_a_list_are_numbered():
    part = Draft("list", "Words.", "Five habits")
    assert headlines(part, part, part) == ["Five habits", "Five habits (2)", "Five habits (3)"]
    titled = Draft("list", "Words.", "TEA")
    assert headlines(titled, titled) == ["At a glance", "At a glance (2)"]


def test_a_closing_shows_the_title_below_its_own_words():
    [_, bare] = distinct([TITLE, Draft("closing", "Words.", "Tea")], "fr")
    assert (bare.headline, bare.lines) == ("À retenir", ("Tea",))
    [_, told] = distinct([TITLE, Draft("closing", "Words.", "Tea", ("Start today", "or tomorrow"))], "fr")
    assert (told.headline, told.lines) == ("Start today", ("Tea", "or tomorrow"))


def test_words_in_a_script_without_a_name_for_it_stay():
    title, part = Draft("title", "…", "منارات"), Draft("list", "…", "منارات")
    assert [draft.headline for draft in distinct([title, part], "en")] == ["منارات", "منارات"]


@pytest.mark.parametrize("name", list(prompts()))
def test_no_film_ends_under_its_title(name):
    first, *_, last = plan_of(prompts()[name]).scenes
    assert first.headline.casefold() != last.headline.casefold()

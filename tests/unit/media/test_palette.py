import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.domain.brand import Brand
from common.media.colour import contrast, lch_of, mix
from common.media.palette import GLOW_STRENGTH, LOOKS, MARK_STRENGTH, choose_look


def assert_readable(look):
    """Every colour of text on everything that it may come to stand on."""
    for tone in look.tones:
        seen = [*tone.grounds, *(mix(ground, glow, GLOW_STRENGTH) for ground in tone.grounds for glow in tone.glows)]
        seen += [mix(ground, tone.mark, MARK_STRENGTH) for ground in seen]
        for ink in (tone.ink, tone.muted, tone.accent):
            assert min(contrast(ink, ground) for ground in seen) >= 4.5
        for ink in (tone.on_card, tone.muted_on_card, tone.accent_on_card):
            assert contrast(ink, tone.card) >= 4.5
        inks = (tone.on_screen, tone.muted_on_screen, tone.accent_on_screen, tone.second_on_screen)
        assert min(contrast(ink, tone.screen) for ink in inks) >= 4.5
        assert contrast(tone.on_fill, tone.fill) >= 4.5


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("seed", [0, 7, 91])
def test_every_text_colour_can_be_read_wherever_it_stands(name, seed):
    look = choose_look("calm", seed, name)
    assert_readable(look)
    for tone in look.tones:
        assert len({tone.on_screen, tone.muted_on_screen, tone.accent_on_screen, tone.second_on_screen}) == 4


COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@settings(max_examples=80, deadline=None)
@given(st.lists(COLOURS, min_size=1, max_size=3), st.sampled_from(LOOKS))
def test_any_colours_of_a_brand_can_be_read_too(colours, name):
    assert_readable(choose_look("calm", 3, name, Brand(colours=tuple(colours))))


@pytest.mark.parametrize("colour", ["#0b5fff", "#e4002b", "#00a651", "#ffcc00", "#6b2fb3", "#111111", "#ffffff"])
def test_a_brands_own_colour_is_seen_as_it_is_or_nearly(colour):
    for name in ("midnight", "paper"):
        fill = choose_look("calm", 3, name, Brand(colours=(colour,))).tones[0].fill
        wanted, shown = lch_of(colour), lch_of(fill)
        assert abs(wanted.light - shown.light) < 0.12
        if wanted.chroma > 0.05:
            assert abs((wanted.hue - shown.hue + 180) % 360 - 180) < 12


def test_a_brands_typeface_is_that_of_headlines():
    look = choose_look("calm", 3, "paper", Brand(font="Barlow Condensed"))
    assert look.display.face.family == "Barlow Condensed"
    assert look.tones == choose_look("calm", 3, "paper").tones


def test_there_are_many_looks_and_each_pairs_two_typefaces_at_most():
    assert len(LOOKS) >= 10
    for name in LOOKS:
        look = choose_look("calm", 1, name)
        assert len({look.display.face.family, look.text.face.family, look.label.face.family}) <= 2
        assert len({tone.grounds for tone in look.tones}) == 3


def test_the_mood_chooses_the_name_decides_and_the_seed_varies():
    found = {choose_look("playful", seed).name for seed in range(40)}
    assert len(found) >= 3
    assert choose_look("playful", 3) == choose_look("playful", 3)
    assert choose_look("tense", 5, "paper").name == "paper"
    assert choose_look("tense", 5, "no such look").name in LOOKS


def test_black_beside_a_colour_makes_neutral_grounds_and_no_new_hue():
    for tone in choose_look("calm", 3, "midnight", Brand(colours=("#ffe600", "#111111"))).tones[:2]:
        assert all(lch_of(ground).chroma < 0.03 for ground in tone.grounds)
        assert abs(lch_of(tone.second).hue - lch_of("#ffe600").hue) < 8

import pytest

from common.media.colour import contrast, mix
from common.media.palette import GLOW_STRENGTH, LOOKS, MARK_STRENGTH, choose_look


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("seed", [0, 7, 91])
def test_every_text_colour_can_be_read_wherever_it_stands(name, seed):
    for tone in choose_look("calm", seed, name).tones:
        seen = [*tone.grounds, *(mix(ground, glow, GLOW_STRENGTH) for ground in tone.grounds for glow in tone.glows)]
        seen += [mix(ground, tone.mark, MARK_STRENGTH) for ground in seen]
        for ink in (tone.ink, tone.muted, tone.accent):
            assert min(contrast(ink, ground) for ground in seen) >= 4.5
        for ink in (tone.on_card, tone.muted_on_card, tone.accent_on_card):
            assert contrast(ink, tone.card) >= 4.5
        assert contrast(tone.on_fill, tone.fill) >= 4.5


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

import pytest

from common.providers.music.character import CHARACTERS, character
from common.providers.music.local import LocalMusic
from common.providers.music.score import write_score


@pytest.mark.parametrize("mood", CHARACTERS)
@pytest.mark.parametrize("seconds", [5.0, 30.0, 180.0])
def test_the_beat_grid_fills_the_video_with_whole_bars(mood, seconds):
    beats = LocalMusic().beats(mood, "", seconds, 1)
    assert len(beats) % 4 == 0
    assert beats[0] == 0
    step = seconds / len(beats)
    assert all(b == pytest.approx(i * step) for i, b in enumerate(beats))
    if seconds >= 30:
        slow, fast = CHARACTERS[mood].tempo
        assert slow * 0.93 < 60 / step < fast * 1.07


@pytest.mark.parametrize("mood", CHARACTERS)
def test_notes_stay_in_the_scale_and_in_the_piece(mood):
    score = write_score(CHARACTERS[mood], 64, 5)
    allowed = {(score.tonic + step) % 12 for step in score.character.scale}
    for note in score.notes():
        assert 0 <= note.at < 64
        assert 0 < note.strength <= 1
        assert -1 <= note.pan <= 1
        if note.part in ("pad", "pluck", "melody"):
            assert note.pitch % 12 in allowed
            assert 45 < note.pitch < 100


def test_the_piece_develops():
    score = write_score(CHARACTERS["warm"], 120, 5)
    assert len({bar.section for bar in score.bars}) == 3
    assert score.bars[0].energy < 0.4 < max(bar.energy for bar in score.bars)
    assert score.bars[-1].last
    assert score.bars[-1].degree == 0
    fours = [
        tuple((n.part, round(n.at % score.beat, 1), n.pitch) for n in score.notes() if start <= n.at < start + 16)
        for start in (20, 36, 52, 68)
    ]
    assert len(set(fours)) == 4


def test_style_words_bend_the_mood():
    assert character("bright", "solo piano, no drums").pluck == "felt"
    assert character("bright", "solo piano, no drums").drums == "none"
    assert character("calm", "electronic").drums == "soft"
    assert character("warm", "") is CHARACTERS["warm"]

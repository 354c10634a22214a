import json

from common.media.captions import cues_of
from common.media.subtitles import srt, vtt, words
from tests.unit.media.films import plan, scene, spoken

PLAN = plan(scene("a", 60), scene("b", 200))
SPOKEN = {"b": spoken("Fish & <chips> cost little. Wait.", each=0.5, pause=0.0)}
CUES = cues_of(PLAN, SPOKEN, 40)


def test_srt_numbers_its_cues() -> None:
    assert srt(CUES, 30) == (
        "1\n00:00:02,333 --> 00:00:04,867\nFish & <chips> cost little.\n\n2\n00:00:04,867 --> 00:00:05,333\nWait.\n"
    )


def test_vtt_holds_no_markup() -> None:
    assert vtt(CUES, 30).startswith(
        "WEBVTT\n\n00:00:02.333 --> 00:00:04.867\nFish &amp; &lt;chips&gt; cost little.\n\n"
    )


def test_a_film_without_words_has_valid_empty_files() -> None:
    assert srt((), 30) == ""
    assert vtt((), 30) == "WEBVTT\n"


def test_every_word_has_its_exact_time() -> None:
    listed = json.loads(words(PLAN, SPOKEN))
    assert listed["lang"] == "en"
    assert listed["words"][1] == {"scene": "b", "text": "&", "start": 2.85, "end": 3.35}
    assert len(listed["words"]) == 6

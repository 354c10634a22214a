"""Captions that stand in the picture at another time than planned."""

from collections.abc import Iterator
from itertools import pairwise

import cv2
import numpy as np
import pytest

from common.domain.findings import Finding
from common.domain.frame import Size
from common.media.caption_look import caption_look
from common.media.captioner import Captioner
from common.media.captions import Cue, CueWord, cues_of
from common.media.checks.lettering import Lettering
from common.media.checks.watch import Plane
from common.media.events import events_within
from common.media.layout import caption_box
from common.media.source import frame_bytes
from common.media.timeline import Recipe, Timeline, lay_out
from tests.unit.media.films import plan, scene, spoken

SIZE = Size(width=854, height=480)
PLAN = plan(scene("a", 120), scene("b", 120))
WORDS = {"a": spoken("one two three. four five six seven."), "b": spoken("eight nine ten. eleven twelve thirteen.")}
CUES = cues_of(PLAN, WORDS, caption_look(SIZE, "en").columns)


def line(cues: tuple[Cue, ...] = CUES) -> Timeline:
    return lay_out(PLAN, {"a": "a", "b": "b"}, cues, Recipe(encoder="e", painter="1"), lambda _: "letters")


def frames(late: dict[str, int], ground: int, held: Cue | None = None) -> Iterator[Plane]:
    """A caption on a dark plate at the time of its cue and so many frames later, over a ground that moves."""
    zone = caption_box(SIZE)
    for n in range(240):
        frame = np.full((SIZE.height, SIZE.width), ground, np.uint8)
        cv2.circle(frame, (200 + n, 430), 30, 255 - ground, -1)
        for cue in CUES:
            over = 8 if cue is held else 0  # frames that it stays beyond its end
            if cue.first + late.get(cue.scene, 0) <= n < cue.end + late.get(cue.scene, 0) + over:
                cv2.rectangle(frame, (200, int(zone.y)), (650, int(zone.bottom)), 30, -1)
                cv2.putText(frame, cue.text(" "), (210, int(zone.bottom) - 12), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 235, 3)
                break
        yield frame


def found(
    late: dict[str, int], ground: int = 60, timeline: Timeline | None = None, held: Cue | None = None
) -> list[Finding]:
    seen = Lettering(timeline or line())
    for number, frame in enumerate(frames(late, ground, held)):
        seen.see(number, frame)
    return list(seen.findings())


@pytest.mark.parametrize("ground", [30, 60, 230])
def test_captions_in_time_are_no_finding(ground: int) -> None:
    assert found({}, ground) == []
    assert found({"a": 2, "b": -2}, ground) == []


@pytest.mark.parametrize("ground", [30, 60, 230])
@pytest.mark.parametrize("late", [15, -8])
def test_captions_out_of_time_are_measured(late: int, ground: int) -> None:
    [finding] = found({"b": late}, ground)
    assert (finding.code, finding.scene) == ("captions", "b")
    assert f"{abs(late) / 30:.2f} s {'late' if late > 0 else 'early'}" in finding.detail
    first = next(cue for cue in CUES if cue.scene == "b")
    assert finding.at == pytest.approx(first.first / 30, abs=0.05)


def test_captions_that_nobody_wanted_are_not_missed() -> None:
    assert found({"b": 15}, timeline=line().model_copy(update={"captioned": False})) == []


def test_one_caption_that_stays_too_long_is_found_alone() -> None:
    held, after = next((one, other) for one, other in pairwise(CUES) if one.scene == "b" == other.scene)
    [finding] = found({}, held=held)
    assert (finding.scene, "does not change at" in finding.detail) == ("b", True)
    assert finding.at == pytest.approx(held.end / 30, abs=0.05)
    assert after.first - held.end < 8


def written(cues: tuple[Cue, ...], size: Size, ground: int) -> Iterator[Plane]:
    """Captions as films have them, over a ground that does not move."""
    captions = Captioner(caption_look(size, "zh")).over(events_within(cues, 0, 90), size)
    for n in range(90):
        frame = np.full(frame_bytes(size), 128, np.uint8)
        luma = frame[: size.width * size.height].reshape(size.height, size.width)
        luma[:] = ground
        captions.put(frame, n)
        yield luma


@pytest.mark.parametrize("size", [SIZE, Size(width=1920, height=1080)])
@pytest.mark.parametrize("text", ["一。", "I.", "I", "…"])
def test_a_caption_of_too_little_to_be_seen_is_not_missed(text: str, size: Size) -> None:
    said = ((text, 10, 30), ("one two three", 40, 60), (text, 60, 80))
    cues = tuple(
        Cue(scene="a", first=first, end=end, lines=((CueWord(text=words, first=first, end=end),),))
        for words, first, end in said
    )
    seen = Lettering(line(cues).model_copy(update={"size": size}))
    for number, frame in enumerate(written(cues, size, 30)):
        seen.see(number, frame)
    assert list(seen.findings()) == []


@pytest.mark.parametrize("text", ["Oui.", "111", "二二。", "はい。"])
def test_a_caption_of_a_few_letters_is_missed_where_it_does_not_show(text: str) -> None:
    cue = Cue(scene="a", first=10, end=30, lines=((CueWord(text=text, first=10, end=30),),))
    for shown in ((cue,), ()):
        seen = Lettering(line((cue,)))
        for number, frame in enumerate(written(shown, SIZE, 30)):
            seen.see(number, frame)
        assert [one.code for one in seen.findings()] == ([] if shown else ["captions"])

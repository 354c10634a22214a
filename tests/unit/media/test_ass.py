from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from common.domain.frame import Size
from common.media import ffmpeg
from common.media.ass import Captioner, caption_look, escaped, script
from common.media.captions import Cue, CueWord
from common.media.encoder import raw_input
from common.media.events import Event, events_of, events_within
from common.media.layout import caption_box
from common.media.source import frame_bytes

SIZE = Size(width=640, height=360)
LOOK = caption_look(SIZE, "en")


def cue(*words: str, first: int = 0, each: int = 10) -> Cue:
    made = tuple(CueWord(text=word, first=first + each * i, end=first + each * (i + 1)) for i, word in enumerate(words))
    return Cue(scene="a", first=first, end=first + each * len(words), lines=(made,))


def drawn(shown: Cue, tmp_path: Path) -> npt.NDArray[np.uint8]:
    """The luma of the first captioned frame over mid-grey."""
    captioner, target = Captioner(LOOK, [shown]), tmp_path / "frame.raw"
    events = tuple(events_of(shown))
    graph = captioner.burn(raw_input(SIZE, 30), events, SIZE, 30, tmp_path / "captions")
    with ffmpeg.pipe_in(graph.output(str(target), f="rawvideo"), "draw a caption") as write:
        write(np.full(frame_bytes(SIZE), 128, np.uint8))
    return np.frombuffer(target.read_bytes(), np.uint8)[: SIZE.width * SIZE.height].reshape(SIZE.height, SIZE.width)


def test_each_word_lights_up_while_it_is_spoken() -> None:
    events = list(events_of(cue("one", " two", " three")))
    assert [(event.first, event.end, event.lit) for event in events] == [(0, 10, 0), (10, 20, 1), (20, 30, 2)]


def test_arabic_is_shown_whole() -> None:
    assert [event.lit for event in events_of(cue("مرحبا", " بالعالم"))] == [-1]


def test_a_segment_sees_its_part_of_a_cue_from_its_own_start() -> None:
    events = events_within([cue("one", " two", " three", first=100)], 105, 125)
    assert [(event.first, event.end, event.lit) for event in events] == [(0, 5, 0), (5, 15, 1), (15, 20, 2)]


@pytest.mark.parametrize("frame", [0, 1, 2, 7, 29, 30, 31, 3599])
def test_an_event_begins_and_ends_on_its_frames(frame: int) -> None:
    line = script(LOOK, [Event(first=frame, end=frame + 1, lines=(("x",),))], SIZE, 30).splitlines()[-1]
    start, end = (
        sum(float(part) * 60**power for power, part in enumerate(reversed(stamp.split(":"))))
        for stamp in line.removeprefix("Dialogue: ").split(",")[:2]
    )
    assert (frame - 1) / 30 < start <= frame / 30 + 1e-9
    assert frame / 30 < end <= (frame + 1) / 30 + 1e-9


def test_text_cannot_command() -> None:
    assert escaped(" {\\b1}\nC:\\New") == " \\{\\\u2060b1\\} C:\\\u2060New"


@pytest.mark.parametrize("word", ["Harbour", "日本語", "مرحبا", "🎉", "Ελλάδα", "{x}"])
def test_every_script_is_drawn_inside_the_caption_box(word: str, tmp_path: Path) -> None:
    rows, columns = np.nonzero(np.abs(drawn(cue(word), tmp_path).astype(int) - 128) > 40)
    box = caption_box(SIZE)
    assert len(rows) > 60, "the caption is missing"
    assert rows.min() >= box.y - 2
    assert rows.max() <= box.bottom + 2
    assert columns.min() >= box.x - 2
    assert columns.max() <= box.right + 2


def test_letters_depend_on_their_own_fonts_only() -> None:
    latin, mixed = cue("one"), cue("日本語")
    both = Captioner(LOOK, [latin, mixed])
    events = tuple(events_of(latin))
    assert both.key(events) == Captioner(LOOK, [latin]).key(events)
    assert both.key(events) != both.key(tuple(events_of(mixed)))

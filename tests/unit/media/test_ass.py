from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from common.domain.frame import Size
from common.domain.plan import CaptionStyle
from common.media import ffmpeg
from common.media.ass import Captioner, caption_look, escaped, script
from common.media.captions import Cue, CueWord
from common.media.colour import luminance
from common.media.encoder import raw_input
from common.media.events import Event, events_of, events_within
from common.media.layout import caption_box
from common.media.source import frame_bytes

SIZE = Size(width=640, height=360)
LOOK = caption_look(SIZE, "en")


def cue(*words: str, first: int = 0, each: int = 10) -> Cue:
    made = tuple(CueWord(text=word, first=first + each * i, end=first + each * (i + 1)) for i, word in enumerate(words))
    return Cue(scene="a", first=first, end=first + each * len(words), lines=(made,))


def drawn(
    shown: Cue, tmp_path: Path, grey: int = 128, frames: int = 1, style: CaptionStyle = "words"
) -> npt.NDArray[np.uint8]:
    """The luma of the last of the first captioned frames over a grey."""
    tmp_path.mkdir(exist_ok=True)
    captioner, target = Captioner(caption_look(SIZE, "en", style), [shown]), tmp_path / "frame.raw"
    events = tuple(events_of(shown, style))
    graph = captioner.burn(raw_input(SIZE, 30), events, SIZE, 30, tmp_path / "captions")
    with ffmpeg.pipe_in(graph.output(str(target), f="rawvideo"), "draw a caption") as write:
        picture = np.full(frame_bytes(SIZE), 128, np.uint8)
        picture[: SIZE.width * SIZE.height] = grey
        for _ in range(frames):
            write(picture)
    last = np.frombuffer(target.read_bytes(), np.uint8)[-frame_bytes(SIZE) :]
    return last[: SIZE.width * SIZE.height].reshape(SIZE.height, SIZE.width)


def test_each_word_lights_up_while_it_is_spoken() -> None:
    events = list(events_of(cue("one", " two", " three")))
    assert [(event.first, event.end, event.lit) for event in events] == [(0, 10, 0), (10, 20, 1), (20, 30, 2)]


@pytest.mark.parametrize(("style", "lit"), [("words", [0, 1]), ("phrase", [-1]), ("plain", [-1]), ("off", [])])
def test_a_style_says_what_lights_up(style: CaptionStyle, lit: list[int]) -> None:
    events = list(events_of(cue("one", " two"), style))
    assert [event.lit for event in events] == lit
    assert not events or (events[0].first, events[-1].end) == (0, 20)


@pytest.mark.parametrize("grey", [40, 230])
def test_plain_captions_stand_without_a_plate_and_keep_their_contrast(tmp_path: Path, grey: int) -> None:
    shown = drawn(cue("Minimum"), tmp_path, grey, style="plain")
    box = caption_box(SIZE)
    row = shown[int(box.y) : int(box.bottom)].astype(int)
    assert row[0, SIZE.width // 2] == grey, "no plate"
    assert row.max() >= 230, "white letters"
    assert row.min() <= 30, "with a dark rim"


def test_arabic_is_shown_whole() -> None:
    assert [event.lit for event in events_of(cue("مرحبا", " بالعالم"))] == [-1]


def test_a_segment_sees_its_part_of_a_cue_from_its_own_start() -> None:
    events = events_within([cue("one", " two", " three", first=100)], 105, 125)
    assert [(event.first, event.end, event.lit) for event in events] == [(0, 5, 0), (5, 15, 1), (15, 20, 2)]


@pytest.mark.parametrize("frame", [0, 1, 2, 7, 29, 30, 31, 3599])
def test_an_event_begins_and_ends_on_its_frames(frame: int) -> None:
    line = script(LOOK, [Event(first=frame, end=frame + 1, lines=(("x",),))], SIZE, 30).splitlines()[-1]
    assert line.startswith("Dialogue: 1,")
    start, end = (
        sum(float(part) * 60**power for power, part in enumerate(reversed(stamp.split(":"))))
        for stamp in line.split(",")[1:3]
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


@pytest.mark.parametrize("grey", [16, 128, 235])
def test_words_stand_out_on_any_picture(grey: int, tmp_path: Path) -> None:
    """White and the colour of the spoken word both keep a contrast of 4.5:1 with the plate under them."""
    luma = drawn(cue("Harbour", " light"), tmp_path, grey)
    box = caption_box(SIZE)
    plate = luma[round(box.bottom) - 4, round(box.centre[0])]
    under = luminance("#" + f"{round((float(plate) - 16) / 219 * 255):02x}" * 3)
    assert luma.max() > 225
    for letters in (LOOK.colour, LOOK.lit_colour):
        assert (luminance(f"#{letters}") + 0.05) / (under + 0.05) >= 4.5


def test_nothing_moves_while_words_light_up(tmp_path: Path) -> None:
    shown = cue("Harbour", " lights", " AVAVA", " guide")
    bright = [drawn(shown, tmp_path / str(frames), 235, frames) < 100 for frames in (1, 12, 22, 32)]
    assert all((one == bright[0]).mean() > 0.998 for one in bright)
    places = [script(LOOK, [event], SIZE, 30).splitlines()[-2].partition("{")[2] for event in events_of(shown)]
    assert len(places) == 4
    assert len(set(places)) == 1, "the plate stays as it is"


def test_words_wider_than_the_picture_are_set_smaller(tmp_path: Path) -> None:
    columns = np.nonzero(np.abs(drawn(cue(*["WWWWWWWW"] * 6), tmp_path).astype(int) - 128) > 40)[1]
    box = caption_box(SIZE)
    assert columns.min() >= box.x - 2
    assert columns.max() <= box.right + 2


def test_letters_depend_on_their_own_fonts_only() -> None:
    latin, mixed = cue("one"), cue("日本語")
    both = Captioner(LOOK, [latin, mixed])
    events = tuple(events_of(latin))
    assert both.key(events) == Captioner(LOOK, [latin]).key(events)
    assert both.key(events) != both.key(tuple(events_of(mixed)))

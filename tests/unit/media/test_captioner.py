import numpy as np
import numpy.typing as npt
import pytest

from common.domain.frame import Size
from common.domain.plan import CaptionStyle
from common.media.caption_look import caption_look, laid
from common.media.captioner import Captioner
from common.media.captions import Cue, CueWord
from common.media.colour import luminance
from common.media.events import events_of, events_within
from common.media.layout import caption_box
from common.media.source import frame_bytes

SIZE = Size(width=640, height=360)
LOOK = caption_look(SIZE, "en")


def cue(*words: str, first: int = 0, each: int = 10) -> Cue:
    made = tuple(CueWord(text=word, first=first + each * i, end=first + each * (i + 1)) for i, word in enumerate(words))
    return Cue(scene="a", first=first, end=first + each * len(words), lines=(made,))


def frame_with(shown: Cue, grey: int = 128, number: int = 0, style: CaptionStyle = "words") -> npt.NDArray[np.uint8]:
    """A grey frame with what is said in it."""
    picture = np.full(frame_bytes(SIZE), 128, np.uint8)
    picture[: SIZE.width * SIZE.height] = grey
    captions = Captioner(caption_look(SIZE, "en", style)).over(tuple(events_of(shown, style)), SIZE)
    captions.put(picture, number)
    return picture


def drawn(shown: Cue, grey: int = 128, number: int = 0, style: CaptionStyle = "words") -> npt.NDArray[np.uint8]:
    """Its luma."""
    picture = frame_with(shown, grey, number, style)
    return picture[: SIZE.width * SIZE.height].reshape(SIZE.height, SIZE.width)


def yellow(shown: Cue, number: int) -> npt.NDArray[np.intp]:
    """The columns, in pairs of pixels, where the colour of a spoken word shows."""
    blue = frame_with(shown, 128, number)[SIZE.width * SIZE.height :][: SIZE.width * SIZE.height // 4]
    return np.nonzero((blue < 100).reshape(SIZE.height // 2, SIZE.width // 2).any(axis=0))[0]


def test_each_word_lights_up_while_it_is_spoken() -> None:
    events = list(events_of(cue("one", " two", " three")))
    assert [(event.first, event.end, event.lit) for event in events] == [(0, 10, 0), (10, 20, 1), (20, 30, 2)]


@pytest.mark.parametrize(("style", "lit"), [("words", [0, 1]), ("phrase", [-1]), ("plain", [-1]), ("off", [])])
def test_a_style_says_what_lights_up(style: CaptionStyle, lit: list[int]) -> None:
    events = list(events_of(cue("one", " two"), style))
    assert [event.lit for event in events] == lit
    assert not events or (events[0].first, events[-1].end) == (0, 20)


@pytest.mark.parametrize("grey", [40, 230])
def test_plain_captions_stand_without_a_plate_and_keep_their_contrast(grey: int) -> None:
    shown = drawn(cue("Minimum"), grey, style="plain")
    box = caption_box(SIZE)
    row = shown[int(box.y) : int(box.bottom)].astype(int)
    assert row[0, SIZE.width // 2] == grey, "no plate"
    assert row.max() >= 230, "white letters"
    assert row.min() <= 30, "with a dark rim"


@pytest.mark.parametrize(
    ("words", "turned"),
    [(("one", " two", " three"), False), (("مرحبا", " بالعالم", " الجميل"), True), (("灯台", "は", "船を"), False)],
)
def test_the_light_wanders_the_way_the_script_is_read(words: tuple[str, ...], turned: bool) -> None:
    places = [yellow(cue(*words), number).mean() for number in (0, 10, 20)]
    assert places == sorted(places, reverse=turned)
    assert len(set(places)) == 3


def test_foreign_words_keep_their_own_order_within_a_line_from_right_to_left() -> None:
    words = laid(LOOK, [("שלום", " Big", " Ben", " עולם")]).words
    hello, big, ben, world = (word.x for word in words)
    assert world < big < ben < hello


def test_words_of_a_line_do_not_touch_and_pieces_of_a_word_do() -> None:
    one, two = laid(LOOK, [("one", " two")]).words
    assert two.x - one.x > 0.2 * LOOK.em + laid(LOOK, [("one",)]).em
    apart = laid(LOOK, [("灯台", " 船")]).words
    joined = laid(LOOK, [("灯台", "船")]).words
    assert joined[1].x - joined[0].x == pytest.approx(2 * LOOK.em, rel=0.02)
    assert apart[1].x - apart[0].x > joined[1].x - joined[0].x


def test_a_segment_sees_its_part_of_a_cue_from_its_own_start() -> None:
    events = events_within([cue("one", " two", " three", first=100)], 105, 125)
    assert [(event.first, event.end, event.lit) for event in events] == [(0, 5, 0), (5, 15, 1), (15, 20, 2)]


def test_an_event_begins_and_ends_on_its_frames() -> None:
    shown = cue("one", first=5)
    empty = np.full(frame_bytes(SIZE), 128, np.uint8)
    there = [not np.array_equal(frame_with(shown, number=number), empty) for number in range(18)]
    assert there == [5 <= number < 15 for number in range(18)]


@pytest.mark.parametrize("word", ["Harbour", "日本語", "مرحبا", "🎉", "Ελλάδα", "{x}", "<b>&amp;"])
def test_every_script_is_drawn_inside_the_caption_box(word: str) -> None:
    rows, columns = np.nonzero(np.abs(drawn(cue(word)).astype(int) - 128) > 40)
    box = caption_box(SIZE)
    assert len(rows) > 60, "the caption is missing"
    assert rows.min() >= box.y - 2
    assert rows.max() <= box.bottom + 2
    assert columns.min() >= box.x - 2
    assert columns.max() <= box.right + 2
    assert drawn(cue(word)).max() > 190, "its letters"


@pytest.mark.parametrize("grey", [16, 128, 235])
def test_words_stand_out_on_any_picture(grey: int) -> None:
    """White and the colour of the spoken word both keep a contrast of 4.5:1 with the plate under them."""
    luma = drawn(cue("Harbour", " light"), grey)
    box = caption_box(SIZE)
    plate = luma[round(box.bottom) - 4, round(box.centre[0])]
    under = luminance("#" + f"{round((float(plate) - 16) / 219 * 255):02x}" * 3)
    assert luma.max() > 225
    for letters in (LOOK.colour, LOOK.lit_colour):
        assert (luminance(letters) + 0.05) / (under + 0.05) >= 4.5


def test_nothing_moves_while_words_light_up() -> None:
    shown = cue("Harbour", " lights", " AVAVA", " guide")
    bright = [drawn(shown, 235, number) < 100 for number in (0, 11, 21, 31)]
    assert all((one == bright[0]).mean() > 0.998 for one in bright)


def test_words_wider_than_the_picture_are_set_smaller() -> None:
    columns = np.nonzero(np.abs(drawn(cue(*["WWWWWWWW"] * 6)).astype(int) - 128) > 40)[1]
    box = caption_box(SIZE)
    assert columns.min() >= box.x - 2
    assert columns.max() <= box.right + 2


def test_letters_depend_on_their_own_fonts_only() -> None:
    latin, mixed = (tuple(events_of(cue(word))) for word in ("one", "日本語"))
    assert Captioner(LOOK).key(latin) == Captioner(LOOK).key(tuple(events_of(cue("two"))))
    assert Captioner(LOOK).key(latin) != Captioner(LOOK).key(mixed)

import cv2
import numpy as np
import pytest

from common.domain.frame import Size
from common.media.composition import Area, Backdrop, Camera, Composition, Glow, Photo, Sprite
from common.media.footage import UnreadableMedia
from common.media.motion import Motion, Sway, ramp
from common.media.painter import Painter

SIZE = Size(width=160, height=90)
SQUARE = '<rect width="40" height="40" fill="#ffffff"/>'


def scene(*layers, glows=(), **camera):
    backdrop = Backdrop(
        kind="mesh", colours=("#000000", "#000000"), mark="#ffffff", glows=glows, camera=Camera(**camera)
    )
    return Composition(width=160, height=90, fps=30, frames=60, backdrop=backdrop, layers=layers)


def box(**motion):
    return Sprite(svg=SQUARE, x=20, y=20, width=40, height=40, motion=Motion(**motion))


def luma(painter, frame):
    return painter.frame(frame)[: SIZE.width * SIZE.height].reshape(SIZE.height, SIZE.width).astype(int)


BUSY = scene(
    box(x=ramp(0, 30, -50, 0), sway=Sway(x=3, y=2, turn=4)),
    box(left=ramp(10, 20, 0, 1), scale=ramp(5, 9, 0.5, 1, "back")),
    box(up=ramp(12, 20, 0, 1), opacity=ramp(3, 20, 0, 1)),
    box(sweep=ramp(3, 30, 0, 0.8)),
    glows=(Glow(colour="#4060ff", strength=0.3, radius=0.3, x=0.5, y=0.5, reach=0.2, period=200, phase=0.1),),
    zoom=(1.0, 1.1),
)


def test_a_frame_is_one_yuv420p_buffer():
    frame = Painter(BUSY, {}, SIZE, 30).frame(0)
    assert (frame.dtype, frame.shape, frame.flags["C_CONTIGUOUS"]) == (np.uint8, (160 * 90 * 3 // 2,), True)


def test_frames_are_the_same_in_whatever_order_they_are_painted():
    forward, backward = Painter(BUSY, {}, SIZE, 30), Painter(BUSY, {}, SIZE, 30)
    numbers = range(-8, 68, 3)
    first = {number: forward.frame(number).copy() for number in numbers}
    for number in reversed(numbers):
        assert (backward.frame(number) == first[number]).all(), number


def test_frames_before_and_after_the_scene_hold_or_drift_on():
    painter = Painter(scene(box(opacity=ramp(0, 10, 0, 1))), {}, SIZE, 30)
    assert luma(painter, -8)[40, 40] < 20
    assert luma(painter, 68)[40, 40] == 235


def test_a_sprite_stands_where_it_rests_with_exact_colours():
    picture = luma(Painter(scene(box()), {}, SIZE, 30), 0)
    assert picture[20:60, 20:60].min() == 235
    assert picture[:19].max() < 20


def test_movement_is_sub_pixel():
    painter = Painter(scene(box(x=ramp(0, 40, 0, 10, "drift"))), {}, SIZE, 30)
    rows = [luma(painter, frame)[40] - 16 for frame in range(0, 40, 2)]
    centres = [float((row * np.arange(160)).sum() / row.sum()) for row in rows]
    steps = np.diff(centres)
    assert steps == pytest.approx(np.full(len(steps), 0.5), abs=0.06)


def test_reveals_show_a_part():
    painter = Painter(scene(box(left=ramp(0, 40, 0, 1, "drift"))), {}, SIZE, 30)
    row = luma(painter, 20)[40]
    assert row[38] == 235
    assert row[44] < 20
    rising = Painter(scene(box(up=ramp(0, 40, 0, 1, "drift"))), {}, SIZE, 30)
    column = luma(rising, 20)[:, 40]
    assert column[58] == 235
    assert column[36] < 20
    assert column[61] < 20


def test_a_sweep_goes_clockwise_from_the_top():
    painter = Painter(scene(box(sweep=ramp(0, 40, 0, 1, "drift"))), {}, SIZE, 30)
    picture = luma(painter, 20)
    assert picture[30, 50] == picture[50, 50] == 235
    assert picture[30, 30] < 20


def test_a_layer_shows_only_in_its_time():
    late = Sprite(svg=SQUARE, x=20, y=20, width=40, height=40, first=10, last=20)
    painter = Painter(scene(late), {}, SIZE, 30)
    assert [luma(painter, frame)[40, 40] > 100 for frame in (9, 10, 19, 20)] == [False, True, True, False]


def test_a_composition_can_be_painted_smaller_and_at_another_rate():
    half = Painter(scene(box(x=ramp(0, 30, 60, 0))), {}, Size(width=80, height=46), 15)
    picture = half.frame(20)[: 80 * 46].reshape(46, 80)
    assert picture[12:28, 12:28].min() > 225


@pytest.mark.parametrize("scale", [1, 2])
def test_a_picture_may_stand_in_a_part_of_the_frame(tmp_path, scale):
    cv2.imwrite(str(tmp_path / "white.png"), np.full((90, 80, 3), 255, dtype=np.uint8))
    half = Photo(object="key", area=Area(x=80, y=0, width=80, height=90))
    size = Size(width=160 * scale, height=90 * scale)
    frame = Painter(scene(half), {"key": tmp_path / "white.png"}, size, 30).frame(20)
    picture = frame[: size.width * size.height].reshape(size.height, size.width)
    assert picture[:, 80 * scale :].min() >= 233
    assert picture[:, : 80 * scale].max() <= 20, "the backdrop beside it"


def test_a_missing_file_is_said():
    with pytest.raises(UnreadableMedia, match="photo-key"):
        Painter(scene(Photo(object="photo-key")), {}, SIZE, 30)


def test_sprites_that_rest_upon_each_other_are_put_down_as_one_and_look_the_same():
    glass = '<rect width="60" height="30" fill="#ff8020" fill-opacity="0.5"/>'
    layers = (
        box(x=ramp(0, 10, -15, 0)),
        Sprite(svg=glass, x=30, y=30, width=60, height=30),
        Sprite(
            svg='<circle cx="20" cy="20" r="18" fill="#2040c0" fill-opacity="0.7"/>', x=70, y=10, width=40, height=40
        ),
    )
    together = Painter(scene(*layers), {}, SIZE, 30)
    for at in (0, 20):
        apart = Painter(scene(*layers), {}, SIZE, 30)
        apart._resting = lambda number: {}
        assert np.abs(together.frame(at).astype(int) - apart.frame(at).astype(int)).max() <= 2
    assert together._resting(20) == {0: (0, 1, 2), 1: (), 2: ()}
    assert together._resting(10) == {1: (1, 2), 2: ()}  # the first came to rest in this very frame

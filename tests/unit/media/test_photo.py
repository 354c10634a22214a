import struct
from itertools import pairwise

import cv2
import numpy as np
import pytest

from common.domain.frame import Size
from common.media.composition import Backdrop, Composition, Photo
from common.media.footage import UnreadableMedia
from common.media.painter import Painter
from common.media.photo import photo_planes


def write(path, picture):
    assert cv2.imwrite(str(path), picture)
    return path


def halves(height, width, left, right):
    picture = np.full((height, width, 3), left, dtype=np.uint8)
    picture[:, width // 2 :] = right
    return picture


def test_a_large_picture_fills_the_frame_and_is_kept_finer_than_shown(tmp_path):
    planes = photo_planes(write(tmp_path / "a.png", halves(900, 1600, 0, 255)), 320, 180, "#000000")
    assert planes.width > 320
    assert planes.width / planes.height == pytest.approx(16 / 9, rel=0.01)
    assert (planes.y[50, 10], planes.y[50, -10]) == (16, 235)


@pytest.mark.parametrize("size", [(1600, 400), (60, 100)])
def test_an_odd_or_small_picture_is_shown_whole(tmp_path, size):
    picture = np.zeros((*size, 3), dtype=np.uint8)
    picture[:12] = picture[-12:] = 255  # its own top and bottom edge
    planes = photo_planes(write(tmp_path / "a.png", picture), 320, 180, "#000000")
    column = planes.y[:, 160]
    assert (planes.width, planes.height) == (320, 180)
    assert (column > 120).sum() >= 2


def test_the_camera_of_a_phone_held_upright_is_believed(tmp_path):
    data = cv2.imencode(".jpg", halves(200, 300, 0, 255))[1].tobytes()
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    exif = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01" + entry + b"\x00\x00\x00\x00"
    path = tmp_path / "phone.jpg"
    path.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:])
    planes = photo_planes(path, 200, 300, "#000000")
    assert planes.y[20, 100] < 40
    assert planes.y[-20, 100] > 200


def test_transparent_parts_show_the_ground(tmp_path):
    picture = np.zeros((180, 320, 4), dtype=np.uint8)
    planes = photo_planes(write(tmp_path / "a.png", picture), 160, 90, "#ffffff")
    assert planes.y.min() == 235


@pytest.mark.parametrize("data", [b"", b"this is no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_picture_is_said_in_a_sentence(tmp_path, data):
    path = tmp_path / "broken.png"
    path.write_bytes(data)
    with pytest.raises(UnreadableMedia, match=r"broken\.png .*send a JPEG"):
        photo_planes(path, 160, 90, "#000000")


def test_a_picture_moves_without_rest(tmp_path):
    rng = np.random.default_rng(3)
    picture = cv2.resize(rng.integers(0, 255, (18, 32, 3), dtype=np.uint8), (640, 360))
    layer = Photo(object="a", zoom=(1.02, 1.14))
    backdrop = Backdrop(kind="mesh", colours=("#000000", "#101010"), mark="#ffffff")
    scene = Composition(width=160, height=90, fps=30, frames=150, backdrop=backdrop, layers=(layer,))
    painter = Painter(scene, {"a": write(tmp_path / "a.png", picture)}, Size(width=160, height=90), 30)
    frames = [painter.frame(number).astype(int) for number in (0, 60, 120)]
    assert all(np.abs(one - two).mean() / 255 > 0.003 for one, two in pairwise(frames))

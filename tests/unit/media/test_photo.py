import struct
import subprocess
import sys
import zlib
from itertools import pairwise

import cv2
import numpy as np
import pytest

from common.domain.frame import Size
from common.media import photo
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


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(path, side, *, colour, depth):
    """A PNG of one colour: some kilobytes, whatever its size; `colour` is PNG's own number."""
    row = bytes(1 + (side * {3: 1, 6: 4}[colour] * depth + 7) // 8)
    head = struct.pack(">IIBBBBB", side, side, depth, colour, 0, 0, 0)
    palette = chunk(b"PLTE", bytes(3)) + chunk(b"tRNS", bytes(1)) if colour == 3 else b""
    packed = zlib.compressobj(1)
    pixels = b"".join(packed.compress(row) for _ in range(side)) + packed.flush()
    body = chunk(b"IHDR", head) + palette + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def peak(*paths):
    """Megabytes by which trying these pictures made a fresh process grow at its worst, and what each try said."""
    program = """
import sys
from pathlib import Path
from common.media.media_file import UnreadableMedia, check_picture

def most():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) // 1000

before = most()
for path in sys.argv[1:]:
    try:
        check_picture(Path(path))
        print("taken")
    except UnreadableMedia as refused:
        print(refused)
print(most() - before)
"""
    done = subprocess.run([sys.executable, "-c", program, *map(str, paths)], capture_output=True, text=True, check=True)
    *said, grown = done.stdout.splitlines()
    return int(grown), said


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


def test_the_largest_picture_with_transparent_parts_takes_a_bounded_memory(tmp_path):
    largest = bomb(tmp_path / "largest.png", 7070, colour=3, depth=1)
    assert largest.stat().st_size < 100_000
    grown, said = peak(largest)
    assert said == ["taken"]
    assert grown < 400


def test_a_picture_that_is_too_large_is_refused_before_it_takes_much_memory(tmp_path):
    grown, said = peak(
        bomb(tmp_path / "giant.png", 7100, colour=6, depth=8), bomb(tmp_path / "deep.png", 5100, colour=6, depth=16)
    )
    assert "giant.png is damaged, is animated, or has more than the 50 megapixels" in said[0]
    assert "deep.png has 26 megapixels, and a GIF or one with 16 bits a channel may have 25" in said[1]
    assert grown < 250


def test_a_giant_jpeg_is_decoded_at_half_its_size(tmp_path, monkeypatch):
    monkeypatch.setattr(photo, "_FULL", 90 * 160 - 1)
    path = write(tmp_path / "a.jpg", halves(90, 160, 0, 255))
    assert photo.read_picture(path).shape == (45, 80, 3)
    monkeypatch.setattr(photo, "_FULL", 90 * 160)
    assert photo.read_picture(path).shape == (90, 160, 3)


def test_what_no_picture_format_holds_is_refused_whatever_its_name(tmp_path):
    path = tmp_path / "clip.png"
    writer = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 30, (64, 64))
    writer.write(np.zeros((64, 64, 3), np.uint8))
    writer.release()
    (tmp_path / "clip.avi").rename(path)
    with pytest.raises(UnreadableMedia, match=r"clip\.png cannot be read"):
        photo_planes(path, 160, 90, "#000000")


def test_half_transparent_parts_are_blended_in_every_strip(tmp_path, monkeypatch):
    monkeypatch.setattr(photo, "_STRIP", 320 * 7)
    picture = np.full((180, 320, 4), (255, 255, 255, 128), dtype=np.uint8)
    planes = photo_planes(write(tmp_path / "a.png", picture), 320, 180, "#000000")
    assert planes.y.min() == planes.y.max() == 126  # 16 and half of 219


def test_a_picture_moves_without_rest(tmp_path):
    rng = np.random.default_rng(3)
    picture = cv2.resize(rng.integers(0, 255, (18, 32, 3), dtype=np.uint8), (640, 360))
    layer = Photo(object="a", zoom=(1.02, 1.14))
    backdrop = Backdrop(kind="mesh", colours=("#000000", "#101010"), mark="#ffffff")
    scene = Composition(width=160, height=90, fps=30, frames=150, backdrop=backdrop, layers=(layer,))
    painter = Painter(scene, {"a": write(tmp_path / "a.png", picture)}, Size(width=160, height=90), 30)
    frames = [painter.frame(number).astype(int) for number in (0, 60, 120)]
    assert all(np.abs(one - two).mean() / 255 > 0.003 for one, two in pairwise(frames))

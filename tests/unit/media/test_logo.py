import cv2
import numpy as np
import pytest

from common.domain.frame import Size
from common.media import logo
from common.media.composition import Backdrop, Composition, Photo
from common.media.footage import UnreadableMedia
from common.media.layout import Box, logo_box
from common.media.painter import Painter

EMPTY = Composition(
    width=320,
    height=180,
    fps=30,
    frames=30,
    backdrop=Backdrop(kind="mesh", colours=("#000000", "#000000"), mark="#000000"),
)


def write(path, picture):
    assert cv2.imwrite(str(path), picture)
    return path


def white(height, width, alpha=255):
    return np.full((height, width, 4), (255, 255, 255, alpha), np.uint8)


def marked(composition, picture):
    return logo.marked(composition, picture, logo_box(Size(width=320, height=180)))


def luma(composition):
    painter = Painter(composition, {}, Size(width=320, height=180), 30)
    try:
        return painter.frame(0)[: 320 * 180].reshape(180, 320).copy()
    finally:
        painter.close()


def test_a_logo_stands_in_the_upper_right_corner_in_its_own_proportions(tmp_path):
    composition = marked(EMPTY, write(tmp_path / "logo.png", white(100, 200)))
    rows, columns = np.nonzero(luma(composition) > 200)
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert (width / height) == pytest.approx(2.0, rel=0.15)
    assert height <= 180 * 0.08 + 2  # it lies between pixels
    assert rows.min() >= 6
    place = logo_box(Size(width=320, height=180))
    assert 0 <= place.right - columns.max() <= 0.4 * place.height


def test_what_a_logo_leaves_clear_stays_as_it_was(tmp_path):
    picture = white(100, 100)
    picture[:, :50, 3] = 0
    seen = luma(marked(EMPTY, write(tmp_path / "logo.png", picture)))
    columns = np.nonzero(seen.max(axis=0) > 200)[0]
    whole = np.nonzero(luma(marked(EMPTY, write(tmp_path / "whole.png", white(100, 100)))).max(axis=0) > 200)[0]
    assert columns.max() == whole.max()
    assert len(columns) == pytest.approx(len(whole) / 2, abs=2)


def test_a_huge_logo_is_kept_small(tmp_path):
    composition = marked(EMPTY, write(tmp_path / "logo.png", white(3000, 3000)))
    assert len(composition.model_dump_json()) < 20_000


def test_a_logo_that_is_hard_to_see_stands_on_a_plate(tmp_path):
    dark = white(50, 100)
    dark[..., :3] = 20
    for ground, hard, plate in (("#0a0a0a", dark, "#ffffff"), ("#f5f5f5", white(50, 100), "#101418")):
        backdrop = Backdrop(kind="mesh", colours=(ground, ground), mark=ground)
        composition = EMPTY.model_copy(update={"backdrop": backdrop})
        layer = marked(composition, write(tmp_path / "logo.png", hard)).layers[-1]
        assert f'fill="{plate}"' in layer.svg
        assert logo_box(Size(width=320, height=180)).holds(Box(layer.x, layer.y, layer.width, layer.height), slack=3)
        easy = marked(composition, write(tmp_path / "easy.png", 255 - hard[..., :3])).layers[-1]
        assert "<rect" not in easy.svg
        assert (easy.x, easy.y, easy.width, easy.height) == (layer.x, layer.y, layer.width, layer.height)


def test_a_logo_on_a_picture_always_has_a_plate(tmp_path):
    photo = EMPTY.model_copy(update={"layers": (Photo(object="a"),)})
    path = write(tmp_path / "logo.png", white(50, 100))
    assert "<rect" in marked(photo, path).layers[-1].svg
    assert "<rect" not in marked(EMPTY, path).layers[-1].svg


def test_a_damaged_logo_is_refused(tmp_path):
    path = tmp_path / "logo.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 50)
    with pytest.raises(UnreadableMedia, match="logo"):
        marked(EMPTY, path)

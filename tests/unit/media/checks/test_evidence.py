"""Frames of faults: the right ones, not too many, and none where there is none."""

from pathlib import Path

import cv2
import ffmpeg
import pytest

from common.domain.findings import Finding
from common.media.checks.evidence import MOST, with_evidence
from common.media.ffmpeg import run


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dark seconds, then two light ones."""
    target = tmp_path_factory.mktemp("film") / "film.mp4"
    dark, light = (ffmpeg.input(f"color=c={name}:s=320x180:r=30:d=2", f="lavfi") for name in ("black", "white"))
    run(ffmpeg.concat(dark, light).output(str(target), pix_fmt="yuv420p"), "make a film")
    return target


def fault(at: float, scene: str = "a", code: str = "black") -> Finding:
    return Finding(code=code, detail="", scene=scene, at=at)


def test_the_frame_is_that_of_the_moment(film: Path, tmp_path: Path) -> None:
    found = with_evidence(film, [fault(59 / 30), fault(2.0, "b")], tmp_path)
    dark, light = (cv2.imread(str(tmp_path / one.evidence)) for one in found)
    assert dark is not None
    assert light is not None
    assert (dark.shape, dark.max() < 30, light.min() > 220) == ((180, 320, 3), True, True)


def test_a_fault_of_the_whole_file_has_no_frame(film: Path, tmp_path: Path) -> None:
    [told] = with_evidence(film, [fault(0.0, "", "loudness")], tmp_path)
    assert (told.evidence, list(tmp_path.iterdir())) == ("", [])


def test_equal_faults_share_a_frame_and_there_is_a_bound(film: Path, tmp_path: Path) -> None:
    faults = [fault(0.1 * n, f"s{n // 2}") for n in range(4 * MOST)]
    told = with_evidence(film, faults, tmp_path)
    assert told[0].evidence == told[1].evidence == "evidence-1.jpg"
    assert len(list(tmp_path.iterdir())) == MOST
    assert told[-1].evidence == ""


def test_what_cannot_be_decoded_has_no_frame(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"nothing")
    assert with_evidence(tmp_path / "film.mp4", [fault(1.0)], tmp_path)[0].evidence == ""

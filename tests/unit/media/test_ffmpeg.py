from pathlib import Path

import ffmpeg
import pytest

from common.media import ffmpeg as program


def test_a_graph_runs_and_leaves_its_file(tmp_path: Path) -> None:
    source = ffmpeg.input("color=c=red:s=16x16:d=0.1", f="lavfi")
    program.run(source.output(str(tmp_path / "a.mkv"), vcodec="rawvideo"), "make a red square")
    assert (tmp_path / "a.mkv").stat().st_size > 0


def test_a_failure_says_what_was_being_made(tmp_path: Path) -> None:
    graph = ffmpeg.input(str(tmp_path / "missing.mp4")).output(str(tmp_path / "b.mp4"))
    with pytest.raises(program.FFmpegFailed, match=r"could not copy the film \(exit code \d+\).*No such file"):
        program.run(graph, "copy the film")


def test_a_full_disk_has_its_own_error(tmp_path: Path) -> None:
    graph = ffmpeg.input("color=c=red:s=640x640:d=1", f="lavfi").output("/dev/full", vcodec="rawvideo", f="rawvideo")
    with pytest.raises(program.DiskFull, match="The disk is full"):
        program.run(graph, "make a red square")


def test_a_cancel_stops_the_child(tmp_path: Path) -> None:
    asked = iter([False, False, True])
    graph = ffmpeg.input("color=c=red:s=16x16", f="lavfi", re=None).output(str(tmp_path / "endless.mkv"))
    with pytest.raises(program.RenderCancelled, match="make an endless film"):
        program.run(graph, "make an endless film", cancelled=lambda: next(asked))


def test_the_version_is_one_word() -> None:
    assert " " not in program.version()
    assert program.version() != "unknown"

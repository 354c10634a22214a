import io
import os
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

import pytest

from common.http import archive
from common.http.archive import File, stream

AT = datetime(2026, 3, 1, 9, 30, 4, tzinfo=UTC)


class Opened(io.BytesIO):
    """Bytes that remember how they were read, and whether they were closed."""

    reads = 0

    def read(self, size: int | None = -1) -> bytes:
        self.reads += 1
        return super().read(size)


class Zeros(io.RawIOBase):
    """As many zeros as wanted, without keeping them."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._block = bytes(archive.BLOCK)

    def read(self, size: int = -1) -> bytes:
        taken = self._block[: min(size, self._left)]
        self._left -= len(taken)
        return taken


def packed(blocks: Iterator[bytes]) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(blocks)))


def of(data: bytes, name: str = "a.bin", *, compress: bool = False) -> File:
    return File(name, len(data), lambda: io.BytesIO(data), compress)


def test_what_is_packed_comes_out_again_with_its_date() -> None:
    files = {"video.mp4": os.urandom(300_000), "logs/events.jsonl": b'{"seq": 1}\n' * 500, "empty": b""}
    made = packed(stream((of(data, name, compress=name[-1] == "l") for name, data in files.items()), AT))
    assert made.testzip() is None
    assert {info.filename: made.read(info) for info in made.infolist()} == files
    assert {info.date_time for info in made.infolist()} == {(2026, 3, 1, 9, 30, 4)}
    kinds = {info.filename: info.compress_type for info in made.infolist()}
    assert kinds["video.mp4"] == zipfile.ZIP_STORED
    assert kinds["logs/events.jsonl"] == zipfile.ZIP_DEFLATED


@pytest.mark.parametrize("year", [1969, 1980, 2107, 2300])
def test_any_date_is_packed(year: int) -> None:
    made = packed(stream([of(b"x")], AT.replace(year=year)))
    assert 1980 <= made.infolist()[0].date_time[0] <= 2107


def test_a_file_is_opened_when_its_turn_comes_and_closed_also_where_nobody_reads_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archive, "BLOCK", 1000)
    opened: list[Opened] = []

    def open_one() -> BinaryIO:
        opened.append(Opened(bytes(10_000)))
        return opened[-1]

    blocks = stream([File("a", 10_000, open_one), File("b", 10_000, open_one)], AT)
    assert opened == []
    next(blocks)
    next(blocks)
    assert len(opened) == 1
    assert opened[0].reads <= 2
    blocks.close()  # type: ignore[attr-defined]
    assert opened[0].closed
    assert len(opened) == 1


def test_a_file_that_cannot_be_read_on_ends_the_stream_instead_of_looking_whole() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the storage is away")

    blocks = stream([of(b"whole", "a"), File("b", 5, lambda: Broken(b"never"))], AT)
    read = []
    with pytest.raises(OSError, match="away"):
        read += list(iter(lambda: next(blocks), None))
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(read)))


def test_a_file_that_grew_or_shrank_since_it_was_measured_is_packed_as_it_is() -> None:
    made = packed(stream([File("a", 3, lambda: io.BytesIO(b"longer than it was"))], AT))
    assert made.read("a") == b"longer than it was"


@pytest.mark.slow
def test_more_than_four_gigabytes_are_packed_and_tested_by_another_program(tmp_path) -> None:
    size = (4 << 30) + 12345
    target = tmp_path / "large.zip"
    with target.open("wb") as sink:
        for block in stream([File("video.mp4", size, lambda: Zeros(size)), of(b"after it", "b")], AT):  # type: ignore[arg-type,return-value]
            if block.count(0) == len(block):
                sink.seek(len(block), os.SEEK_CUR)  # a hole, so that the disk keeps its space
            else:
                sink.write(block)
    with zipfile.ZipFile(target) as made:
        assert made.getinfo("video.mp4").file_size == size
        assert made.read("b") == b"after it"
    listed = subprocess.run(["python3", "-m", "zipfile", "-t", str(target)], capture_output=True, text=True, check=True)
    assert "Done testing" in listed.stdout

"""What every Objects adapter promises."""

import hashlib
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from common.platform.objects import ObjectMissing, Objects, StorageUnavailable

BAD_KEYS = [
    "",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "a/../b",
    "a/./b",
    "a\n",
    "a\0b",
    "a\\b",
    "\ud800",
    "x" * 300,
    "ab/" * 400 + "c",
]


def test_bytes_a_file_and_a_stream_come_back(objects: Objects, tmp_path: Path) -> None:
    file = tmp_path / "source"
    file.write_bytes(b"from a file")
    objects.put("a/bytes", b"as bytes")
    objects.put("a/file", file)
    objects.put("a/stream", io.BytesIO(b"s" * 3_000_000))
    assert objects.read("a/bytes") == b"as bytes"
    assert objects.read("a/file") == b"from a file"
    assert objects.read("a/stream") == b"s" * 3_000_000
    assert file.read_bytes() == b"from a file"


def test_stat_tells_size_hash_and_type(objects: Objects) -> None:
    written = objects.put("a/b.mp4", b"film", content_type="video/mp4")
    assert written == objects.stat("a/b.mp4")
    assert written.key == "a/b.mp4"
    assert written.size == 4
    assert written.sha256 == hashlib.sha256(b"film").hexdigest()
    assert written.content_type == "video/mp4"


def test_put_replaces(objects: Objects) -> None:
    objects.put("a", b"old")
    objects.put("a", b"newer")
    found = objects.stat("a")
    assert found is not None
    assert (objects.read("a"), found.size) == (b"newer", 5)


def test_an_empty_object_is_an_object(objects: Objects) -> None:
    assert objects.put("empty", b"").size == 0
    assert objects.read("empty") == b""


def test_create_leaves_a_taken_key_alone(objects: Objects) -> None:
    assert objects.create("a/b", b"first")
    assert not objects.create("a/b", b"second")
    assert objects.read("a/b") == b"first"


def test_of_rivals_creating_one_key_one_wins(objects: Objects) -> None:
    start = threading.Barrier(20)

    def create(rival: int) -> bool:
        start.wait()
        return objects.create("deep/er/key", str(rival).encode())

    with ThreadPoolExecutor(20) as pool:
        won = list(pool.map(create, range(20)))
    assert won.count(True) == 1
    assert objects.read("deep/er/key") == str(won.index(True)).encode()
    found = objects.stat("deep/er/key")
    assert found is not None
    assert found.sha256 == hashlib.sha256(objects.read("deep/er/key")).hexdigest()


def test_a_missing_object_is_told(objects: Objects, tmp_path: Path) -> None:
    assert objects.stat("nothing/here") is None
    for use in (
        objects.read,
        objects.open,
        lambda key: objects.read_range(key, at=0, size=1),
        lambda key: objects.fetch(key, tmp_path / "x"),
    ):
        with pytest.raises(ObjectMissing, match="nothing/here"):
            use("nothing/here")
    with pytest.raises(ObjectMissing, match="nothing/here"):
        objects.compose("whole", ["nothing/here"])
    objects.delete("nothing/here")
    assert objects.stat("whole") is None


def test_a_folder_is_no_object(objects: Objects) -> None:
    objects.put("a/b", b"x")
    assert objects.stat("a") is None
    with pytest.raises(ObjectMissing):
        objects.read("a")
    objects.delete("a")
    assert objects.read("a/b") == b"x"


def test_open_streams_and_seeks(objects: Objects) -> None:
    objects.put("a", b"0123456789")
    with objects.open("a") as stream:
        stream.seek(4)
        assert stream.read(3) == b"456"


def test_a_range_is_read_alone_and_only_where_it_lies_within_the_object(objects: Objects) -> None:
    objects.put("a", b"0123456789")
    assert objects.read_range("a", at=4, size=3) == b"456"
    assert objects.read_range("a", at=0, size=10) == b"0123456789"
    for at, size in ((8, 3), (10, 1)):
        with pytest.raises(StorageUnavailable, match=r"\ba\b"):
            objects.read_range("a", at=at, size=size)


def test_a_reader_keeps_what_it_opened(objects: Objects) -> None:
    objects.put("a", b"old")
    with objects.open("a") as stream:
        objects.put("a", b"new")
        objects.delete("a")
        assert stream.read() == b"old"


def test_fetch_places_the_object_and_replaces_what_was_there(objects: Objects, tmp_path: Path) -> None:
    objects.put("a.bin", b"old")
    target = tmp_path / "work" / "a.bin"
    assert objects.fetch("a.bin", target) == target
    objects.put("a.bin", b"new")
    assert target.read_bytes() == b"old"
    assert objects.fetch("a.bin", target).read_bytes() == b"new"
    assert objects.fetch("a.bin", target).read_bytes() == b"new"
    assert [one.name for one in target.parent.iterdir()] == ["a.bin"]


def test_list_is_by_prefix_in_key_order(objects: Objects) -> None:
    for key in ["a/b", "a-b", "a0", "a/c/d", "a/c-d", "b", "a/é"]:
        objects.put(key, key.encode())
    assert [one.key for one in objects.list("")] == ["a-b", "a/b", "a/c-d", "a/c/d", "a/é", "a0", "b"]
    assert [one.key for one in objects.list("a/")] == ["a/b", "a/c-d", "a/c/d", "a/é"]
    assert [one.key for one in objects.list("a/c")] == ["a/c-d", "a/c/d"]
    assert [one.key for one in objects.list("a/c/d")] == ["a/c/d"]
    assert list(objects.list("nothing/")) == []
    assert list(objects.list("../")) == []
    assert next(objects.list("b")) == objects.stat("b")


def test_delete_frees_the_key(objects: Objects) -> None:
    objects.put("a/b/c", b"x")
    objects.delete("a/b/c")
    assert objects.stat("a/b/c") is None
    assert objects.create("a/b/c", b"y")
    objects.delete("a/b/c")
    assert objects.create("a/b", b"a key where a folder was")


def test_compose_joins_in_order_also_into_one_of_the_parts(objects: Objects) -> None:
    objects.put("1", b"one")
    objects.put("2", b"two")
    stat = objects.compose("all.txt", ["2", "1", "2"])
    assert objects.read("all.txt") == b"twoonetwo"
    assert stat == objects.stat("all.txt")
    objects.compose("1", ["1", "2"])
    assert objects.read("1") == b"onetwo"
    with pytest.raises(ValueError, match="no parts"):
        objects.compose("x", [])


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_key_that_could_leave_the_store_is_refused(objects: Objects, tmp_path: Path, key: str) -> None:
    for use in (
        lambda: objects.put(key, b"x"),
        lambda: objects.create(key, b"x"),
        lambda: objects.read(key),
        lambda: objects.read_range(key, at=0, size=1),
        lambda: objects.stat(key),
        lambda: objects.delete(key),
        lambda: objects.fetch(key, tmp_path / "x"),
        lambda: objects.compose(key, ["a"]),
        lambda: objects.signed_url(key, seconds=60),
    ):
        with pytest.raises(ValueError, match="object key"):
            use()


def test_a_failing_source_leaves_no_object(objects: Objects) -> None:
    class Failing(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ValueError("the source broke")

    with pytest.raises(ValueError, match="the source broke"):
        objects.put("a", Failing())  # type: ignore[arg-type]
    assert objects.stat("a") is None
    assert list(objects.list("")) == []


def test_a_signed_upload_names_the_object_and_no_secret(objects: Objects) -> None:
    leave = objects.signed_upload("incoming/é 1.mp4", seconds=60, size=5)
    assert urlsplit(leave.url).path.endswith("incoming/%C3%A9%201.mp4")
    with pytest.raises(ValueError, match="seconds"):
        objects.signed_upload("a", seconds=0, size=5)
    with pytest.raises(ValueError, match="key"):
        objects.signed_upload("../a", seconds=60, size=5)


def test_a_signed_url_names_the_object_and_no_secret(objects: Objects) -> None:
    objects.put("films/é 1.mp4", b"x")
    url = urlsplit(objects.signed_url("films/é 1.mp4", seconds=60))
    assert url.path.endswith("films/%C3%A9%201.mp4")
    assert parse_qs(url.query)
    with pytest.raises(ValueError, match="seconds"):
        objects.signed_url("films/é 1.mp4", seconds=0)

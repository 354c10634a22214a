"""What only Cloud Storage's adapter promises: chunks, a hash from the start, lost answers, clear refusals."""

import errno
import hashlib
import io
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from common.platform.google.objects import MOST_PARTS, STAGING, StorageObjects
from common.platform.google.signing import OwnKey
from common.platform.objects import ObjectMissing, StorageFull, StorageUnavailable
from tests.protocol.storage import Storage, client_of, serving

BLOCK = 256 << 10  # the smallest chunk of an upload
LARGE = bytes(range(256)) * 4000 + b"!"  # 1 024 001 bytes: four blocks, the last not full


@pytest.fixture(scope="module")
def key() -> OwnKey:
    return OwnKey()


@pytest.fixture
def storage(key: OwnKey) -> Iterator[Storage]:
    storage = Storage("films", {key.signer_email: key.key.public_key()})
    with serving(storage):
        yield storage


@pytest.fixture
def objects(storage: Storage, key: OwnKey) -> Iterator[StorageObjects]:
    with client_of(storage.url) as client:
        yield StorageObjects(client, "films", key, patience=30, block=BLOCK)


class Pipe:
    """A stream that can be read once, in pieces of its own choice."""

    def __init__(self, data: bytes, fails_at: int | None = None) -> None:
        self._inner = io.BytesIO(data)
        self._fails_at = fails_at
        self.asked: list[int] = []

    def read(self, size: int = -1) -> bytes:
        self.asked.append(size)
        if self._fails_at is not None and self._inner.tell() >= self._fails_at:
            raise ValueError("the source broke")
        return self._inner.read(min(size, 100_000))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def as_file(tmp_path: Path) -> Path:
    file = tmp_path / "large"
    file.write_bytes(LARGE)
    return file


SOURCES: dict[str, Callable[[Path], Any]] = {
    "bytes": lambda _: LARGE,
    "file": as_file,
    "stream": lambda _: io.BytesIO(LARGE),
    "pipe": lambda _: Pipe(LARGE),
}


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_large_is_sent_in_chunks_and_appears_with_its_hash(
    objects: StorageObjects, storage: Storage, tmp_path: Path, source: str
) -> None:
    put = objects.put("a/large", SOURCES[source](tmp_path), content_type="video/mp4")
    chunks = [ranges for method, path, ranges in storage.requests if method == "PUT" and path.startswith("/upload")]
    assert chunks == [
        "bytes 0-262143/*",
        "bytes 262144-524287/*",
        "bytes 524288-786431/*",
        "bytes 786432-1024000/1024001",
    ]
    assert storage.objects["a/large"].data == LARGE
    assert storage.objects["a/large"].resource["metageneration"] == "1"  # nothing was added later
    assert (put.size, put.sha256, put.content_type) == (len(LARGE), sha256(LARGE), "video/mp4")
    assert objects.stat("a/large") == put
    assert list(storage.objects) == ["a/large"]


def test_a_stream_is_taken_from_where_it_stands(objects: StorageObjects) -> None:
    for data in (LARGE, b"0123456789"):
        stream = io.BytesIO(data)
        stream.seek(4)
        assert objects.put("a", stream).sha256 == sha256(data[4:])
        assert objects.read("a") == data[4:]


def test_a_pipe_is_never_asked_for_more_than_a_block(objects: StorageObjects) -> None:
    pipe = Pipe(LARGE)
    objects.put("a", pipe)  # type: ignore[arg-type]
    assert max(pipe.asked) == BLOCK + 1
    assert min(pipe.asked) > 0


@pytest.mark.parametrize("at", [0, 100_000, 600_000])
def test_a_pipe_that_breaks_leaves_nothing(objects: StorageObjects, storage: Storage, at: int) -> None:
    with pytest.raises(ValueError, match="the source broke"):
        objects.put("a", Pipe(LARGE, at))  # type: ignore[arg-type]
    assert storage.objects == {}


def test_a_file_that_changes_while_it_is_sent_is_not_stored(objects: StorageObjects, storage: Storage) -> None:
    class Changing(io.BytesIO):
        passes = 0

        def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
            if whence == io.SEEK_SET:
                self.getbuffer()[-1] = 0
            return super().seek(offset, whence)

    with pytest.raises(StorageUnavailable, match="about a "):
        objects.put("a", Changing(LARGE))
    assert storage.objects == {}


@pytest.mark.parametrize("source", [*SOURCES, "small"])
def test_create_is_told_apart_from_a_rival_where_only_the_answer_was_lost(
    objects: StorageObjects, storage: Storage, tmp_path: Path, source: str
) -> None:
    def make() -> Any:
        return b"small" if source == "small" else SOURCES[source](tmp_path)

    storage.lose = 1
    assert objects.create("a", make())
    generation = storage.objects["a"].generation
    assert not objects.create("a", make())
    assert storage.objects["a"].generation == generation
    assert list(storage.objects) == ["a"]


def test_compose_joins_more_parts_than_one_request_takes(objects: StorageObjects, storage: Storage) -> None:
    parts = [f"part-{number:03}" for number in range(2 * MOST_PARTS + 6)]
    for part in parts:
        objects.put(part, part.encode())
    storage.requests.clear()
    found = objects.compose("whole.mp4", parts)
    whole = "".join(parts).encode()
    assert objects.read("whole.mp4") == whole
    assert (found.size, found.sha256, found.content_type) == (len(whole), sha256(whole), "video/mp4")
    assert sum(path.endswith("/compose") for _, path, _ in storage.requests) == 4
    assert [name for name in storage.objects if name.startswith(STAGING)] == []


def test_a_lost_answer_does_not_join_twice(objects: StorageObjects, storage: Storage) -> None:
    objects.put("a", b"one")
    objects.put("b", b"two")
    storage.lose = 1
    assert objects.compose("a", ["a", "b"]).sha256 == sha256(b"onetwo")
    assert objects.read("a") == b"onetwo"


@pytest.mark.parametrize("times", [1, 100])
def test_what_is_joined_is_what_was_hashed(
    objects: StorageObjects, storage: Storage, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    objects.put("a", b"one")
    compose, left = storage.compose, [times]

    def replaced(name: str, request: Mapping[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
        if left[0]:
            left[0] -= 1
            storage.insert("a", b"another", {}, {})
        return compose(name, request, query)

    monkeypatch.setattr(storage, "compose", replaced)
    if times == 1:
        assert objects.compose("b", ["a", "a"]).sha256 == sha256(b"anotheranother")
    else:
        with pytest.raises(StorageUnavailable, match="faster than they can be joined"):
            objects.compose("b", ["a", "a"])
        assert objects.stat("b") is None


def test_a_stream_is_read_by_ranges(objects: StorageObjects, storage: Storage) -> None:
    objects.put("a", LARGE)
    storage.requests.clear()
    copied = io.BytesIO()
    with objects.open("a") as stream:
        while block := stream.read(50_000):
            copied.write(block)
    assert copied.getvalue() == LARGE
    ranges = [ranges for _, path, ranges in storage.requests if path.startswith("/download")]
    assert ranges == [
        "bytes=0-262143",
        "bytes=262144-524287",
        "bytes=524288-786431",
        "bytes=786432-1024000",
    ]
    with objects.open("a") as stream:
        assert stream.seek(-5, io.SEEK_END) == len(LARGE) - 5
        assert stream.read() == LARGE[-5:]
        assert stream.read(1) == b""
        stream.seek(10)
        assert stream.read() == LARGE[10:]


def test_a_stream_never_mixes_two_versions(objects: StorageObjects) -> None:
    objects.put("a", LARGE)
    with objects.open("a") as stream:
        objects.put("a", LARGE[::-1])
        assert stream.read(BLOCK) == LARGE[:BLOCK]
        with pytest.raises(StorageUnavailable, match="a was replaced or deleted while it was read: open it again"):
            stream.read(1)


def test_a_range_costs_one_request_of_its_own_bytes(objects: StorageObjects, storage: Storage) -> None:
    objects.put("a", LARGE)
    storage.requests.clear()
    assert objects.read_range("a", at=300_000, size=300_000) == LARGE[300_000:600_000]
    ranges = [ranges for _, path, ranges in storage.requests if path.startswith("/download")]
    assert ranges == ["bytes=300000-599999"]


def test_an_object_that_is_replaced_while_it_is_opened_is_opened_as_it_is_then(
    objects: StorageObjects, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects.put("a", b"old")
    look, left = objects._look, [1]

    def replaced(key: str) -> Any:
        found = look(key)
        if left[0]:
            left[0] -= 1
            storage.insert("a", b"new", {}, {})
        return found

    monkeypatch.setattr(objects, "_look", replaced)
    with objects.open("a") as stream:
        assert stream.read() == b"new"
    left[0] = 100
    with pytest.raises(StorageUnavailable, match="replaced faster than it can be read"):
        objects.open("a")


def test_what_somebody_else_wrote_gets_its_hash_by_reading(objects: StorageObjects, storage: Storage) -> None:
    storage.insert("a/b", LARGE, {"contentType": "image/png"}, {})
    storage.insert("a/", b"", {}, {})  # the console makes such folders
    found = objects.stat("a/b")
    assert found is not None
    assert (found.size, found.sha256, found.content_type) == (len(LARGE), sha256(LARGE), "image/png")
    assert list(objects.list("a")) == [found]


def test_a_list_of_many_pages_is_whole(objects: StorageObjects) -> None:
    keys = [f"a/{number}" for number in range(10)]
    for key in keys:
        objects.put(key, b"x")
    assert [one.key for one in objects.list("a/")] == keys


def test_a_silence_now_and_then_is_waited_out(objects: StorageObjects, storage: Storage) -> None:
    storage.refuse = [503, 429]
    objects.put("a", b"x")
    storage.refuse = [500]
    assert objects.read("a") == b"x"
    storage.refuse = [502]
    assert objects.stat("a") is not None


REFUSALS = {
    401: "this account cannot be proved to Cloud Storage",
    403: "refuses a.*grant this account a Storage role on the bucket films",
    404: "there is no object a",
    429: "wants fewer requests",
    500: r"did not answer as it should about a \(InternalServerError\)",
    503: r"did not answer as it should about a \(ServiceUnavailable\)",
    400: r"did not answer as it should about a \(BadRequest\)",
}


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_says_what_to_do(storage: Storage, key: OwnKey, tmp_path: Path, status: int) -> None:
    with client_of(storage.url) as client:
        objects = StorageObjects(client, "films", key, patience=0.1)
        objects.put("a", b"x")
        for use in (
            lambda: objects.put("a", b"y"),
            lambda: objects.create("b", b"y"),
            lambda: objects.read("a"),
            lambda: objects.open("a"),
            lambda: objects.stat("a"),
            lambda: objects.delete("a"),
            lambda: list(objects.list("")),
            lambda: objects.fetch("a", tmp_path / "a"),
            lambda: objects.compose("c", ["a"]),
        ):
            storage.refuse = [status] * 9
            if status != 404:
                with pytest.raises(StorageUnavailable):
                    use()
        storage.refuse = [status] * 9
        with pytest.raises(ObjectMissing if status == 404 else StorageUnavailable, match=REFUSALS[status]):
            objects.read("a")
        storage.refuse = []
        assert objects.read("a") == b"x"
        assert list(tmp_path.iterdir()) == []


def test_a_storage_that_is_away_is_unavailable(key: OwnKey) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        with client_of(f"http://127.0.0.1:{taken.getsockname()[1]}") as client:
            objects = StorageObjects(client, "films", key, patience=0.1)
            for use in (lambda: objects.put("a", b"x"), lambda: objects.read("a"), lambda: objects.delete("a")):
                with pytest.raises(StorageUnavailable, match="about a"):
                    use()


def test_a_bucket_that_is_missing_is_no_missing_object(storage: Storage, key: OwnKey) -> None:
    with client_of(storage.url) as client:
        objects = StorageObjects(client, "elsewhere", key, patience=0.1)
        for use in (
            lambda: objects.put("a", b"x"),
            lambda: objects.read("a"),
            lambda: objects.stat("a"),
            lambda: objects.delete("a"),
            lambda: list(objects.list("")),
        ):
            with pytest.raises(StorageUnavailable, match="there is no bucket elsewhere"):
                use()


def test_what_arrives_damaged_is_not_handed_on(objects: StorageObjects, storage: Storage, tmp_path: Path) -> None:
    objects.put("a", b"film")
    storage.damage = True
    for use in (lambda: objects.read("a"), lambda: objects.fetch("a", tmp_path / "a")):
        with pytest.raises(StorageUnavailable, match="DataCorruption"):
            use()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_named_and_leaves_nothing(
    objects: StorageObjects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    objects.put("a", b"x")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fchmod", fail)
        with pytest.raises(StorageFull, match="disk is full"):
            objects.fetch("a", tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
    assert objects.fetch("a", tmp_path / "a").stat().st_mode & 0o777 == 0o444


def test_a_signed_url_opens_one_object_for_one_method_until_it_expires(
    objects: StorageObjects, storage: Storage
) -> None:
    objects.put("films/é 1.mp4", b"film", content_type="video/mp4")
    objects.put("films/2.mp4", b"another")
    url = objects.signed_url("films/é 1.mp4", seconds=60)
    answer = httpx.get(url)
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, b"film", "video/mp4")
    assert httpx.put(url, content=b"mine").status_code == 403
    assert httpx.get(url.replace("%C3%A9%201", "2")).status_code == 403
    assert httpx.get(url.replace("Expires=60", "Expires=600")).status_code == 403
    assert httpx.get(url.partition("?")[0]).status_code == 403
    storage.ahead = 61
    assert httpx.get(url).status_code == 400


def test_a_signed_url_may_let_somebody_write(objects: StorageObjects) -> None:
    url = objects.signed_url("uploads/a", seconds=60, method="PUT")
    assert httpx.put(url, content=b"theirs").status_code == 200
    assert httpx.get(url).status_code == 403
    found = objects.stat("uploads/a")
    assert found is not None
    assert found.sha256 == sha256(b"theirs")


@pytest.mark.parametrize("seconds", [1, 7 * 24 * 3600])
def test_a_signed_url_lives_up_to_seven_days(objects: StorageObjects, seconds: int) -> None:
    objects.put("a", b"x")
    assert f"X-Goog-Expires={seconds}&" in objects.signed_url("a", seconds=seconds)
    for refused in (0, -1, 7 * 24 * 3600 + 1):
        with pytest.raises(ValueError, match="1 to 604800 seconds"):
            objects.signed_url("a", seconds=refused)

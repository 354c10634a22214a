"""What only the folder adapter promises: nothing half-written, a healing description, our own signatures."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.objects import FolderObjects
from common.platform.embedded.signed_urls import SignedUrls
from common.platform.objects import StorageFull, StorageUnavailable


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def objects(root: Path, clock: VirtualClock) -> FolderObjects:
    return FolderObjects(root, SignedUrls(b"0123456789abcdef", clock, "http://localhost:8080"))


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> Iterator[None]:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, name, fail)
        yield


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_and_leaves_nothing(
    objects: FolderObjects, root: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    objects.put("a", b"old")
    with failing(monkeypatch, "fsync", number), pytest.raises(StorageFull, match="disk is full, so a was not written"):
        objects.put("a", b"new")
    assert objects.read("a") == b"old"
    assert list((root / "temp").iterdir()) == []


def test_any_other_failure_is_unavailable_with_its_reason(
    objects: FolderObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    with failing(monkeypatch, "fsync", errno.EIO), pytest.raises(StorageUnavailable, match="on a: Input/output error"):
        objects.put("a", b"new")


def test_fetch_links_instead_of_copying_and_copies_where_it_cannot(
    objects: FolderObjects, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects.put("a", b"x")
    linked = objects.fetch("a", tmp_path / "linked")
    assert linked.stat().st_ino == (root / "data" / "a").stat().st_ino
    with failing(monkeypatch, "link", errno.EXDEV):
        copied = objects.fetch("a", tmp_path / "copied")
    assert copied.read_bytes() == b"x"
    assert copied.stat().st_ino != linked.stat().st_ino


def test_an_object_is_read_only_since_others_may_share_its_bytes(objects: FolderObjects, root: Path) -> None:
    objects.put("a", b"x")
    assert (root / "data" / "a").stat().st_mode & 0o777 == 0o444


def test_the_hash_is_remembered_and_made_anew_when_it_does_not_fit(
    objects: FolderObjects, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects.put("a.png", b"old")
    stale = (root / "meta" / "a.png.json").read_bytes()
    fresh = objects.put("a.png", b"new", content_type="image/png")
    for damage in (stale, b"no json", b"{}", b"[]"):
        (root / "meta" / "a.png.json").write_bytes(damage)
        assert objects.stat("a.png") == fresh
    with monkeypatch.context() as patch:
        patch.setattr("common.platform.embedded.objects._digest", None)
        assert objects.stat("a.png") == fresh


def test_objects_outlive_their_adapter_and_leftovers_of_the_dead_are_removed(
    root: Path, objects: FolderObjects
) -> None:
    objects.put("a", b"x")
    dead = subprocess.Popen(["true"])
    dead.wait()
    (root / "temp" / f"{dead.pid}-half").touch()
    (root / "temp" / f"{os.getpid()}-in-work").touch()
    (root / "temp" / f"{os.getpid()}-old").touch()
    os.utime(root / "temp" / f"{os.getpid()}-old", (0, 0))
    again = FolderObjects(root, SignedUrls(b"0123456789abcdef", VirtualClock()))
    assert again.read("a") == b"x"
    assert [one.name for one in (root / "temp").iterdir()] == [f"{os.getpid()}-in-work"]


def test_a_key_cannot_be_the_folder_of_another(objects: FolderObjects) -> None:
    objects.put("a", b"x")
    for use in (objects.put, objects.create):
        with pytest.raises(ValueError, match="a/b"):
            use("a/b", b"y")
    objects.put("c/d", b"x")
    for use in (objects.put, objects.create):
        with pytest.raises(ValueError, match="c"):
            use("c", b"y")


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable, match="file"):
        FolderObjects(tmp_path / "file", SignedUrls(b"0123456789abcdef", VirtualClock()))


def test_a_signature_opens_one_object_for_one_method_until_it_expires(
    objects: FolderObjects, clock: VirtualClock
) -> None:
    url = urlsplit(objects.signed_url("a/é b.mp4", seconds=60))
    assert url.netloc == "localhost:8080"
    key = unquote(url.path).removeprefix("/objects/")
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert key == "a/é b.mp4"
    assert objects.verify_signature(key, **query)
    assert objects.verify_signature(key, method="HEAD", **query)
    assert not objects.verify_signature(key, method="PUT", **query)
    assert not objects.verify_signature("a/other.mp4", **query)
    assert not objects.verify_signature(key, expires=str(int(query["expires"]) + 1), signature=query["signature"])
    for forged in ("", "0" * 64, "é"):
        assert not objects.verify_signature(key, expires=query["expires"], signature=forged)
    for moment in ("", "x", "-1", "9" * 30, "²"):
        assert not objects.verify_signature(key, expires=moment, signature=query["signature"])
    clock.advance(60)
    assert not objects.verify_signature(key, **query)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        SignedUrls(b"short", VirtualClock())

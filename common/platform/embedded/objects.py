"""Objects in a folder: `data/<key>` holds the bytes, `meta/<key>.json` what is known of them.

An object is written to `temp/` and then renamed, so a reader, a crash or a full disk never shows half of it. The
description is a cache: it names the file it describes (inode, size, change time) and is made anew when it does not fit.
"""

import contextlib
import errno
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from common.platform.embedded.signed_urls import SignedUrls
from common.platform.object_keys import check_key, check_prefix, guess_type
from common.platform.objects import ObjectMissing, ObjectStat, SignedUpload, StorageFull, StorageUnavailable

BLOCK = 1 << 20  # bytes
DAY = 86_400.0  # seconds
Source = bytes | Path | BinaryIO


class FolderObjects:
    """Objects of one folder, made when absent; for any number of threads and processes of one machine."""

    def __init__(self, root: Path, urls: SignedUrls) -> None:
        self._data, self._meta, self._temp = root / "data", root / "meta", root / "temp"
        self._urls = urls
        with self._clear_errors(root):
            for folder in (self._data, self._meta, self._temp):
                folder.mkdir(parents=True, exist_ok=True)
            self._drop_leftovers()

    def put(self, key: str, source: Source, *, content_type: str = "application/octet-stream") -> ObjectStat:
        """Store bytes, a file or a stream, replacing what is there."""
        check_key(key)
        with self._written(key, source) as (temp, digest):
            stat = self._describe(key, temp, digest, content_type)
            self._place(key, lambda target: os.replace(temp, target))  # noqa: PTH105
        return stat

    def create(self, key: str, source: Source, *, content_type: str = "application/octet-stream") -> bool:
        """Store only if the key is free; False (and no change) when it is taken."""
        check_key(key)
        if (self._data / key).is_file():
            return False
        with self._written(key, source) as (temp, digest):
            try:
                # A link, unlike a rename, fails when the name is taken: of two rivals one wins.
                self._place(key, lambda target: os.link(temp, target))
            except FileExistsError:
                return False  # another writer was faster
            self._describe(key, temp, digest, content_type)
        return True

    def read(self, key: str) -> bytes:
        """The whole object; ObjectMissing."""
        with self.open(key) as stream:
            return stream.read()

    def read_range(self, key: str, *, at: int, size: int) -> bytes:
        """So many bytes of an object; ObjectMissing, and StorageUnavailable where it ends before them."""
        with self._found(key) as path, path.open("rb") as stream:
            stream.seek(at)
            found = stream.read(size)
        if len(found) != size:
            raise StorageUnavailable(f"bytes of {key} are missing: it ends before byte {at + size}")
        return found

    def open(self, key: str) -> BinaryIO:
        """A stream of the object, with seek; ObjectMissing."""
        with self._found(key) as path:
            return path.open("rb")

    def fetch(self, key: str, target: Path) -> Path:
        """Place the object at a local path, read-only (a link or a copy), and return the path; ObjectMissing."""
        temp = target.with_name(f".{secrets.token_hex(8)}")
        with self._found(key) as path:
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                try:
                    os.link(path, temp)
                except FileNotFoundError:
                    raise
                except OSError:  # another file system, or one without links
                    shutil.copyfile(path, temp)
                os.replace(temp, target)  # noqa: PTH105
            finally:
                temp.unlink(missing_ok=True)  # a rename of a link onto the same file leaves it, too
        return target

    def stat(self, key: str) -> ObjectStat | None:
        """Size and hash, or None."""
        try:
            with self._found(key) as path:
                return self._recall(key, path) or self._describe(key, path, _digest(path), guess_type(key))
        except ObjectMissing:
            return None

    def list(self, prefix: str) -> Iterator[ObjectStat]:
        """Objects whose key starts with the prefix, by key."""
        check_prefix(prefix)
        folder = prefix.rpartition("/")[0]
        if ".." in folder.split("/"):
            return
        for key in self._keys(folder, prefix):
            found = self.stat(key)
            if found:  # else deleted since
                yield found

    def delete(self, key: str) -> None:
        """Remove the object; a missing one is fine."""
        check_key(key)
        with self._clear_errors(key):
            for root, name in ((self._data, key), (self._meta, f"{key}.json")):
                with contextlib.suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
                    (root / name).unlink()
                with contextlib.suppress(OSError):  # until a folder is not empty
                    for parent in (root / name).parents:
                        if parent == root:
                            break
                        parent.rmdir()

    def compose(self, key: str, parts: Sequence[str]) -> ObjectStat:
        """Join one or more objects, in order, into one; ObjectMissing."""
        if not parts:
            raise ValueError(f"{key} cannot be composed of no parts")
        check_key(key)
        with contextlib.ExitStack() as opened:
            streams = [opened.enter_context(self.open(part)) for part in parts]
            with self._written(key, *streams) as (temp, digest):
                stat = self._describe(key, temp, digest, guess_type(key))
                self._place(key, lambda target: os.replace(temp, target))  # noqa: PTH105
        return stat

    def signed_url(self, key: str, *, seconds: int, method: str = "GET") -> str:
        """A URL that works without identity until it expires."""
        return self._urls.sign(key, seconds=seconds, method=method)

    def signed_upload(self, key: str, *, seconds: int, size: int) -> SignedUpload:
        """Leave to write that object by PUT until it expires."""
        return self._urls.sign_upload(key, seconds=seconds, size=size)

    def verify_upload(self, key: str, *, expires: str, signature: str, size: str) -> int | None:
        """The bytes that `signed_upload` allows; None unless it made this and it has not expired."""
        return self._urls.verify_upload(key, expires=expires, signature=signature, size=size)

    def verify_signature(self, key: str, *, expires: str, signature: str, method: str = "GET") -> bool:
        """Whether `signed_url` made this and it has not expired."""
        return self._urls.verify(key, expires=expires, signature=signature, method=method)

    @contextlib.contextmanager
    def _written(self, key: str, *sources: Source) -> Iterator[tuple[Path, str]]:
        """A complete, flushed, read-only file in `temp/` and its SHA-256; removed when the block ends."""
        # The name tells the next start whose file it is: see _drop_leftovers.
        temp = self._temp / f"{os.getpid()}-{secrets.token_hex(8)}"
        digest = hashlib.sha256()
        with contextlib.ExitStack() as opened:
            streams = [opened.enter_context(one.open("rb")) if isinstance(one, Path) else one for one in sources]
            with self._clear_errors(key):
                try:
                    with temp.open("xb") as file:
                        for stream in streams:
                            for block in _blocks(stream):
                                digest.update(block)
                                file.write(block)
                        file.flush()
                        os.fsync(file.fileno())
                        # Read-only, since `fetch` hands out links to this very file.
                        os.fchmod(file.fileno(), 0o444)
                    yield temp, digest.hexdigest()
                finally:
                    temp.unlink(missing_ok=True)

    def _place(self, key: str, move: Callable[[Path], None]) -> None:
        target = self._data / key
        for _ in range(20):
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                move(target)
                return
            except FileNotFoundError:
                continue  # a delete removed the empty folder in between
            except (NotADirectoryError, IsADirectoryError):
                break
            except FileExistsError:
                if target.is_file():
                    raise
                break
        raise ValueError(f"the object key {key!r} cannot be used: it or a part of it is a folder or file already")

    def _describe(self, key: str, path: Path, sha256: str, content_type: str) -> ObjectStat:
        """Write down what is known of the file that is, or is about to be, the object."""
        info = path.stat()
        text = json.dumps({"sha256": sha256, "content_type": content_type, "file": _file_id(info)})
        target, temp = self._meta / f"{key}.json", self._temp / f"{os.getpid()}-{secrets.token_hex(8)}"
        # Only a cache: when it cannot be written, `stat` computes again.
        with contextlib.suppress(OSError):
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                temp.write_text(text)
                temp.replace(target)
            finally:
                temp.unlink(missing_ok=True)
        return ObjectStat(key=key, size=info.st_size, sha256=sha256, content_type=content_type)

    def _recall(self, key: str, path: Path) -> ObjectStat | None:
        info = path.stat()
        try:
            known = json.loads((self._meta / f"{key}.json").read_bytes())
            if known["file"] != _file_id(info):
                return None
            return ObjectStat(key, info.st_size, str(known["sha256"]), str(known["content_type"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _keys(self, folder: str, prefix: str) -> Iterator[str]:
        entries: list[tuple[str, bool]] = []
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(self._data / folder) as found:
            entries = [(f"{folder}/{one.name}" if folder else one.name, one.is_dir()) for one in found]
        # A folder sorts as its keys do, with the slash: "a-b" < "a/b" < "a0".
        for name in sorted(f"{name}/" if is_folder else name for name, is_folder in entries):
            if name.endswith("/"):
                if name.startswith(prefix) or prefix.startswith(name):
                    yield from self._keys(name.removesuffix("/"), prefix)
            elif name.startswith(prefix):
                yield name

    @contextlib.contextmanager
    def _found(self, key: str) -> Iterator[Path]:
        check_key(key)
        with self._clear_errors(key):
            try:
                yield self._data / key
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                raise ObjectMissing(f"there is no object {key}") from None

    @contextlib.contextmanager
    def _clear_errors(self, subject: str | Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise StorageFull(f"the disk is full, so {subject} was not written: free some space") from error
            raise StorageUnavailable(f"the storage failed on {subject}: {error.strerror or error}") from error

    def _drop_leftovers(self) -> None:
        """Remove what writers that were killed left in `temp/`."""
        for path in self._temp.iterdir():
            owner = path.name.partition("-")[0]
            # In a container the dead and the living often share one number; nothing is written for a day.
            old = time.time() - path.stat().st_mtime > DAY
            if old or (owner.isdigit() and not _alive(int(owner))):
                path.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        pass
    return True


def _blocks(source: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
    else:
        while block := source.read(BLOCK):
            yield block


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _file_id(info: os.stat_result) -> list[int]:
    return [info.st_ino, info.st_size, info.st_mtime_ns]

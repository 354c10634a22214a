"""The port for objects: files by key, streamed in and out, written whole or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

MAX_URL_SECONDS = 7 * 24 * 3600  # that a signed URL may live


class ObjectMissing(Exception):
    """No object has that key."""


class StorageUnavailable(Exception):
    """The storage did not answer or refused; nothing half-written is visible."""


class StorageFull(StorageUnavailable):
    """There is no space left for the object."""


@dataclass(frozen=True)
class ObjectStat:
    """Size in bytes, SHA-256 and media type of an object."""

    key: str
    size: int
    sha256: str
    content_type: str = "application/octet-stream"


@dataclass(frozen=True)
class SignedUpload:
    """Where one object may be sent by PUT without identity, and the headers that the request must carry."""

    url: str
    headers: Mapping[str, str]


class Objects(Protocol):
    """Objects appear atomically: a reader sees the whole object or none.

    A key is a relative path of parts joined by `/`, at most 1024 bytes of UTF-8, without `.` and `..` parts, empty
    parts, backslashes and control characters (ValueError); no key may be the folder of another. Any method may raise
    StorageUnavailable, and writing ones StorageFull.
    """

    def put(
        self, key: str, source: bytes | Path | BinaryIO, *, content_type: str = "application/octet-stream"
    ) -> ObjectStat:
        """Store bytes, a file or a stream, replacing what is there."""

    def create(
        self, key: str, source: bytes | Path | BinaryIO, *, content_type: str = "application/octet-stream"
    ) -> bool:
        """Store only if the key is free; False (and no change) when it is taken."""

    def read(self, key: str) -> bytes:
        """The whole object; ObjectMissing."""

    def read_range(self, key: str, *, at: int, size: int) -> bytes:
        """So many bytes of an object, one or more, and no others are read; ObjectMissing.

        StorageUnavailable where the object ends before them. Ranges of an object that is replaced meanwhile may be of
        different versions.
        """

    def open(self, key: str) -> BinaryIO:
        """A stream of one version of the object, with seek; ObjectMissing.

        Whoever replaces or deletes a large object while it is read may end the stream with StorageUnavailable.
        """

    def fetch(self, key: str, target: Path) -> Path:
        """Place the object at a local path, read-only (a link or a copy), and return the path; ObjectMissing."""

    def stat(self, key: str) -> ObjectStat | None:
        """Size and hash, or None."""

    def list(self, prefix: str) -> Iterator[ObjectStat]:
        """Objects whose key starts with the prefix, by key."""

    def delete(self, key: str) -> None:
        """Remove the object; a missing one is fine."""

    def compose(self, key: str, parts: Sequence[str]) -> ObjectStat:
        """Join one or more objects, in order, into one; ObjectMissing."""

    def signed_url(self, key: str, *, seconds: int, method: str = "GET") -> str:
        """A URL that works without identity for that method until it expires, in 1 s to 7 days."""

    def signed_upload(self, key: str, *, seconds: int, size: int) -> SignedUpload:
        """Leave to write that object by PUT until it expires, in at most `size` bytes; the store refuses more."""

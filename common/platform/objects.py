"""The port for objects: files by key, streamed in and out, written whole or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


class ObjectMissing(Exception):
    """No object has that key."""


@dataclass(frozen=True)
class ObjectStat:
    """Size in bytes and SHA-256 of an object."""

    key: str
    size: int
    sha256: str


class Objects(Protocol):
    """Objects appear atomically: a reader sees the whole object or none."""

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

    def open(self, key: str) -> BinaryIO:
        """A stream of the object; ObjectMissing."""

    def fetch(self, key: str, target: Path) -> Path:
        """Place the object at a local path for reading (a link or a copy) and return it; ObjectMissing."""

    def stat(self, key: str) -> ObjectStat | None:
        """Size and hash, or None."""

    def list(self, prefix: str) -> Iterator[ObjectStat]:
        """Objects whose key starts with the prefix, by key."""

    def delete(self, key: str) -> None:
        """Remove the object; a missing one is fine."""

    def compose(self, key: str, parts: Sequence[str]) -> ObjectStat:
        """Join objects, in order, into one."""

    def signed_url(self, key: str, *, seconds: int, method: str = "GET") -> str:
        """A URL that works without identity until it expires."""

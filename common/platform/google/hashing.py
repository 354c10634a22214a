"""Streams that are hashed while somebody reads them."""

import hashlib
import io
from typing import Any, BinaryIO

import google_crc32c


class HashingStream:
    """What was taken from a stream and then the rest of it, hashed as it is read in pieces."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = io.BytesIO(head), rest
        self.sha256 = hashlib.sha256()
        self.crc32c: Any = google_crc32c.Checksum()  # type: ignore[no-untyped-call]
        self.size = 0

    def read(self, size: int) -> bytes:
        """So many bytes, fewer only at the end."""
        found = self._head.read(size)
        found += take(self._rest, size - len(found))
        self.sha256.update(found)
        self.crc32c.update(found)
        self.size += len(found)
        return found

    def tell(self) -> int:
        """How much was read."""
        return self.size


def take(stream: BinaryIO, most: int) -> bytes:
    """So many bytes of a stream, fewer only at its end, however it hands them out."""
    found = bytearray()
    while len(found) < most and (block := stream.read(most - len(found))):
        found += block
    return bytes(found)


def seekable(stream: BinaryIO) -> bool:
    """Whether it can be read twice."""
    return bool(getattr(stream, "seekable", lambda: False)())

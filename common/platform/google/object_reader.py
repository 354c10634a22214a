"""A stream of one generation of an object in Cloud Storage, read by ranges."""

import io
from collections.abc import Callable
from typing import Any

BLOCK = 8 << 20  # bytes asked for at a time, and kept


class ObjectReader(io.RawIOBase):
    """Reads by ranges of one generation, so it never mixes two versions of an object.

    The first block is read at once: what fits into it stays readable whatever becomes of the object. The rest of a
    larger one is gone with its generation, unless the bucket keeps old versions: StorageUnavailable then.
    """

    def __init__(self, read: Callable[[int, int], bytes], size: int, block: int = BLOCK) -> None:
        """`read(start, end)` gives the bytes from start to before end."""
        self._read = read
        self._size = size
        self._block = block
        self._at = 0
        self._first: bytes = read(0, min(size, block)) if size else b""

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go on from another place; nothing is read yet."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"an object has no byte {base + offset}")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """The place of the next byte."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, or the part of it that is left to read."""
        view = memoryview(buffer).cast("B")
        found = self._bytes(min(len(view), self._block))
        view[: len(found)] = found
        return len(found)

    def readall(self) -> bytes:
        """All that is left, a block at a time."""
        return b"".join(iter(self.next_block, b""))

    def next_block(self) -> bytes:
        """Some of what is left; empty at the end."""
        return self._bytes(self._block)

    def _bytes(self, most: int) -> bytes:
        start, end = self._at, min(self._at + most, self._size)
        if start >= end:
            return b""
        if start < len(self._first):
            end = min(end, len(self._first))
            found = self._first[start:end]
        else:
            found = self._read(start, end)
        self._at += len(found)
        return found

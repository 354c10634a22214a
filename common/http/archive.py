"""A ZIP file as a stream: written while it is sent, in the memory of a few blocks, however large its files are.

The standard library writes it, to a sink that cannot seek: sizes and checksums follow each file, in ZIP64's form where
they must. There is no Content-Length, on purpose: Cloud Run sends answers of more than 32 MiB in chunks only.
"""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

BLOCK = 8 << 20  # bytes read and sent at a time, as many as an object in Cloud Storage is read by
_FIRST, _LAST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)  # that a ZIP file can say


@dataclass(frozen=True)
class File:
    """One file of an archive. What is compressed already, such as a video, is only stored."""

    name: str
    size: int
    open: Callable[[], BinaryIO]
    compress: bool = False


class _Sink:
    """Takes what the archive writes, and gives it to whoever sends it."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._blocks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def taken(self) -> list[bytes]:
        blocks, self._blocks = self._blocks, []
        return blocks


def stream(files: Iterable[File], at: datetime) -> Iterator[bytes]:
    """The archive, block by block. Each file is opened when its turn comes, and closed also where nobody reads on."""
    sink = _Sink()
    moment = min(max(at.timetuple()[:6], _FIRST), _LAST)
    with zipfile.ZipFile(sink, "w") as archive:  # type: ignore[call-overload]  # it needs no more than write and flush
        for file in files:
            info = zipfile.ZipInfo(file.name, moment)
            info.compress_type = zipfile.ZIP_DEFLATED if file.compress else zipfile.ZIP_STORED
            info.external_attr = 0o644 << 16
            info.file_size = file.size  # tells whether it needs ZIP64
            with file.open() as source, archive.open(info, "w") as target:
                while block := source.read(BLOCK):
                    target.write(block)
                    yield from sink.taken()
            yield from sink.taken()
    yield from sink.taken()

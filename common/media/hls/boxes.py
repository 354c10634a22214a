"""ISO base media files as boxes: found by path, and fragments put in their place in time (ISO/IEC 14496-12)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

# Boxes whose content is boxes, with the bytes before the first of them (8.16.3, 12.1.3, 12.2.3).
_CONTAINERS = {b"moov": 0, b"trak": 0, b"edts": 0, b"mdia": 0, b"minf": 0, b"stbl": 0, b"mvex": 0, b"moof": 0}
_CONTAINERS |= {b"traf": 0, b"stsd": 8, b"avc1": 78, b"hvc1": 78, b"hev1": 78, b"av01": 78, b"mp4a": 28}


class Malformed(ValueError):
    """The bytes are no such file; the text says what is missing."""


@dataclass(frozen=True)
class Box:
    """Where a box lies: its type, its content's first byte, and the byte after its last."""

    kind: bytes
    start: int
    content: int
    end: int


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes that lie side by side; Malformed."""
    end = len(data) if end is None else end
    while start < end:
        if end - start < 8:
            raise Malformed("a box ends within its head")
        size, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, start + 8)[0], 16
        if size < head or start + size > end:
            raise Malformed(f"the box {kind!r} has a size that cannot be")
        yield Box(kind, start, start + head, start + size)
        start += size


def find(data: bytes, path: str) -> Box:
    """The first box at a path such as `moof/traf/tfdt`; Malformed where there is none."""
    found = Box(b"", 0, 0, len(data))
    for kind in path.split("/"):
        inner = boxes(data, found.content + _CONTAINERS.get(found.kind, 0), found.end)
        within = next((box for box in inner if box.kind == kind.encode()), None)
        if within is None:
            raise Malformed(f"there is no box {path}")
        found = within
    return found


def media_start(data: bytes) -> int:
    """The byte that a fragmented file's init segment ends before: its first movie fragment's."""
    return find(data, "moof").start


def place(fragment: bytes, sequence: int, time: int) -> bytes:
    """The same fragment as the `sequence`-th of its track, counted from 1, decoded from `time` on.

    Only mfhd (8.8.5) and tfdt (8.8.12) change, so a fragment kept by its content serves at any place of any film.
    """
    placed = bytearray(fragment)
    number, decode = find(fragment, "moof/mfhd"), find(fragment, "moof/traf/tfdt")
    if fragment[decode.content] != 1:
        raise Malformed("the decode time has 32 bits, and 64 are wanted")
    struct.pack_into(">I", placed, number.content + 4, sequence)
    struct.pack_into(">Q", placed, decode.content + 4, time)
    return bytes(placed)


def fragment(samples: list[bytes], duration: int) -> bytes:
    """A movie fragment of sync samples that all last equally long, of track 1 at time 0 (8.8.4 to 8.8.12)."""
    data = b"".join(samples)
    header = _box(b"tfhd", struct.pack(">III", 0x02002A, 1, 1) + struct.pack(">II", duration, 0x02000000))
    decode = _box(b"tfdt", struct.pack(">IQ", 1 << 24, 0))
    run = struct.pack(f">III{len(samples)}I", 0x000201, len(samples), 0, *(len(sample) for sample in samples))
    sizes = 8 + 8 + 16 + len(header) + len(decode) + 8 + len(run)  # of moof, traf, mfhd and what they hold
    run = run[:8] + struct.pack(">I", sizes + 8) + run[12:]  # the data lies behind the head of mdat
    track = _box(b"traf", header + decode + _box(b"trun", run))
    return _box(b"moof", _box(b"mfhd", struct.pack(">II", 0, 1)) + track) + _box(b"mdat", data)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content

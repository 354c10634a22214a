"""Boxes as ISO/IEC 14496-12 has them."""

import struct

import pytest

from common.media.hls.boxes import Malformed, boxes, find, fragment, media_start, place

SAMPLES = [b"first", b"", b"the third"]


def test_a_fragment_tells_where_each_sample_lies() -> None:
    data = fragment(SAMPLES, 1024)
    moof, mdat = boxes(data)
    assert (moof.kind, mdat.kind) == (b"moof", b"mdat")
    header, run = find(data, "moof/traf/tfhd"), find(data, "moof/traf/trun")
    flags, count, offset = struct.unpack_from(">III", data, run.content)
    assert (flags, count) == (0x201, 3)  # with a data offset and sizes
    sizes = struct.unpack_from(f">{count}I", data, run.content + 12)
    found, at = [], moof.start + offset  # from the first byte of moof: default-base-is-moof
    for size in sizes:
        found.append(data[at : at + size])
        at += size
    assert found == SAMPLES
    assert at == len(data)
    assert struct.unpack_from(">III", data, header.content + 4) == (1, 1, 1024)  # track, description, duration


def test_a_fragment_is_placed_without_changing_anything_else() -> None:
    data = fragment(SAMPLES, 1024)
    late = place(data, 7, 2**40)
    number, decode = find(late, "moof/mfhd"), find(late, "moof/traf/tfdt")
    assert struct.unpack_from(">II", late, number.content) == (0, 7)
    assert struct.unpack_from(">IQ", late, decode.content) == (1 << 24, 2**40)
    assert place(late, 1, 0) == data
    assert place(late, 7, 2**40) == late


def test_an_init_segment_ends_where_the_first_fragment_begins() -> None:
    data = b"\0\0\0\x0cftypisom" + fragment(SAMPLES, 1024)
    assert media_start(data) == 12


def test_a_size_of_64_bits_is_read() -> None:
    data = struct.pack(">I4sQ", 1, b"mdat", 20) + b"rest"
    [box] = boxes(data)
    assert data[box.content : box.end] == b"rest"


@pytest.mark.parametrize(
    "data",
    [b"\0\0\0", struct.pack(">I4s", 9, b"moof"), struct.pack(">I4s", 7, b"moof"), struct.pack(">I4s", 8, b"free")],
)
def test_what_is_no_fragment_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(Malformed):
        find(data, "moof/mfhd")


def test_a_decode_time_of_32_bits_is_refused() -> None:
    data = bytearray(fragment(SAMPLES, 1024))
    data[find(bytes(data), "moof/traf/tfdt").content] = 0
    with pytest.raises(Malformed, match="32 bits"):
        place(bytes(data), 1, 0)

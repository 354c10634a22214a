"""Codec strings, by the examples of the documents that define them."""

import struct

import pytest

from common.media.hls.boxes import Malformed
from common.media.hls.codecs import codec_of


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def init(kind: bytes, config: bytes, before: int) -> bytes:
    entry = box(kind, bytes(before) + config)
    found = box(b"stsd", bytes(8) + entry)
    for name in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        found = box(name, found)
    return found


@pytest.mark.parametrize(
    ("kind", "config", "codec"),
    [
        (b"avc1", box(b"avcC", bytes.fromhex("0142e01effe1")), "avc1.42e01e"),
        (b"avc1", box(b"avcC", bytes.fromhex("0164001fffe1")), "avc1.64001f"),
        # Main profile, compatible with 1 and 2, main tier, level 3.1, progressive: the example of ISO/IEC 14496-15.
        (b"hvc1", box(b"hvcC", bytes.fromhex("0101 60000000 b00000000000 5d")), "hvc1.1.6.L93.B0"),
        (b"hev1", box(b"hvcC", bytes.fromhex("0122 20000000 900000000000 7b")), "hev1.2.4.H123.90"),
        # Main profile, level 2.0 is 0, level 5.1 is 13; high tier; 8 and 10 bits.
        (b"av01", box(b"av1C", bytes.fromhex("81040c00")), "av01.0.04M.08"),
        (b"av01", box(b"av1C", bytes.fromhex("812dc000")), "av01.1.13H.10"),
        (b"av01", box(b"av1C", bytes.fromhex("814d6000")), "av01.2.13M.12"),
        (b"mp4a", b"", "mp4a.40.2"),
    ],
)
def test_a_codec_is_told_by_its_configuration(kind: bytes, config: bytes, codec: str) -> None:
    assert codec_of(init(kind, config, 28 if kind == b"mp4a" else 78)) == codec


def test_another_codec_has_no_name() -> None:
    with pytest.raises(Malformed, match="vp09"):
        codec_of(init(b"vp09", b"", 78))

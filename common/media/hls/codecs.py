"""What an init segment holds, as the CODECS attribute says it (RFC 6381, RFC 8216 section 4.3.4.2)."""

from common.media.hls.boxes import Malformed, find

_ENTRY = "moov/trak/mdia/minf/stbl/stsd"


def codec_of(init: bytes) -> str:
    """The codec of the one track; Malformed for one that is not made here."""
    entry = find(init, _ENTRY)
    kind = init[entry.content + 12 : entry.content + 16]
    if kind == b"avc1":
        start = find(init, f"{_ENTRY}/avc1/avcC").content  # ISO/IEC 14496-15, 5.3.3.1
        return f"avc1.{init[start + 1 : start + 4].hex()}"
    if kind in (b"hvc1", b"hev1"):
        return f"{kind.decode()}.{_hevc(init, find(init, f'{_ENTRY}/{kind.decode()}/hvcC').content)}"
    if kind == b"av01":
        return f"av01.{_av1(init, find(init, f'{_ENTRY}/av01/av1C').content)}"
    if kind == b"mp4a":
        return "mp4a.40.2"  # AAC-LC, the one that encode_aac makes
    raise Malformed(f"the codec {kind!r} has no name here")


def _hevc(init: bytes, start: int) -> str:
    """Profile, compatibility in reverse order of bits, tier with level, constraints (ISO/IEC 14496-15, annex E)."""
    first, level = init[start + 1], init[start + 12]
    space = ("", "A", "B", "C")[first >> 6]
    compatible = int(f"{int.from_bytes(init[start + 2 : start + 6], 'big'):032b}"[::-1], 2)
    constraints = init[start + 6 : start + 12].rstrip(b"\0")
    parts = [f"{space}{first & 31}", f"{compatible:X}", f"{'H' if first & 32 else 'L'}{level}"]
    return ".".join([*parts, *(f"{byte:X}" for byte in constraints)])


def _av1(init: bytes, start: int) -> str:
    """Profile, level with tier, bit depth (AV1 in ISOBMFF, section 5)."""
    first, second = init[start + 1], init[start + 2]
    depth = 8 if not second & 0x40 else 12 if second & 0x20 else 10
    return f"{first >> 5}.{first & 31:02d}{'H' if second & 0x80 else 'M'}.{depth:02d}"

"""The rules of RFC 8216 that playlists must keep, read from the RFC and not from how ours are written."""

import re
from dataclasses import dataclass, field

# Tags that belong to one kind of playlist only (sections 4.3.2 to 4.3.4), and those that either may have.
_MEDIA = {"EXTINF", "EXT-X-BYTERANGE", "EXT-X-MAP", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-ENDLIST"}
_MEDIA |= {"EXT-X-PLAYLIST-TYPE"}
_MASTER = {"EXT-X-MEDIA", "EXT-X-STREAM-INF"}
_EITHER = {"EXTM3U", "EXT-X-VERSION", "EXT-X-INDEPENDENT-SEGMENTS"}
_ONCE = {"EXTM3U", "EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-PLAYLIST-TYPE"}
_ONCE |= {"EXT-X-ENDLIST", "EXT-X-INDEPENDENT-SEGMENTS"}


@dataclass
class Media:
    """A media playlist as read."""

    target: int = 0
    kind: str = ""
    init: str = ""
    ended: bool = False
    segments: list[tuple[str, float, str]] = field(default_factory=list)  # URI, seconds, byte range

    @property
    def seconds(self) -> float:
        return sum(seconds for _, seconds, _ in self.segments)


def check_media(text: str) -> Media:
    """Read a media playlist; AssertionError names the rule that it breaks."""
    found, length, spread = Media(), None, ""
    for name, value in _lines(text, _MEDIA):
        if name == "EXT-X-TARGETDURATION":
            found.target = int(value)
        elif name == "EXT-X-PLAYLIST-TYPE":
            assert value in ("EVENT", "VOD"), "4.3.3.5: the type is EVENT or VOD"
            found.kind = value
        elif name == "EXT-X-MAP":
            assert not found.segments, "an init segment stands before the segments that it applies to"
            found.init = _attributes(value)["URI"].strip('"')
        elif name == "EXTINF":
            length = float(re.fullmatch(r"(\d+\.\d+|\d+),.*", value)[1])  # type: ignore[index]
        elif name == "EXT-X-BYTERANGE":
            assert re.fullmatch(r"\d+(@\d+)?", value), "4.3.2.2"
            spread = value
        elif name == "EXT-X-ENDLIST":
            found.ended = True
        elif name == "":
            assert length is not None, "4.3.2.1: EXTINF is required for each segment"
            found.segments.append((value, length, spread))
            length, spread = None, ""
    assert found.target, "4.3.3.1: EXT-X-TARGETDURATION is required"
    assert all(int(seconds + 0.5) <= found.target for _, seconds, _ in found.segments), "4.3.3.1: rounded, none longer"
    assert found.kind != "VOD" or found.ended, "4.3.3.5: a VOD playlist cannot change"
    return found


def check_master(text: str) -> tuple[list[tuple[str, dict[str, str]]], dict[str, dict[str, str]]]:
    """Variants by URI with their attributes, and renditions by group; AssertionError names the rule that it breaks."""
    variants, renditions, pending = [], {}, None
    for name, value in _lines(text, _MASTER):
        if name == "EXT-X-MEDIA":
            about = _attributes(value)
            assert {"TYPE", "GROUP-ID", "NAME"} <= about.keys(), "4.3.4.1"
            assert about["TYPE"] not in ("AUDIO", "SUBTITLES") or "URI" in about
            assert about.get("DEFAULT") != "YES" or about.get("AUTOSELECT", "YES") == "YES", "4.3.4.1"
            renditions[about["GROUP-ID"].strip('"')] = about
        elif name == "EXT-X-STREAM-INF":
            pending = _attributes(value)
        elif name == "":
            assert pending is not None, "4.3.4.2: the URI line follows its EXT-X-STREAM-INF"
            variants.append((value, pending))
            pending = None
    assert pending is None
    assert variants
    for _, about in variants:
        assert int(about["BANDWIDTH"]) >= int(about["AVERAGE-BANDWIDTH"]) > 0
        assert re.fullmatch(r"\d+x\d+", about["RESOLUTION"])
        assert re.fullmatch(r"\d+\.\d{3}", about["FRAME-RATE"])
        assert re.fullmatch(r'"(avc1\.[0-9a-f]{6}|hvc1\.[0-9A-FL.]+|av01\.[0-9.M]+),mp4a\.40\.2"', about["CODECS"])
        for kind in ("AUDIO", "SUBTITLES"):
            group = renditions[about[kind].strip('"')]
            assert group["TYPE"] == kind, "4.3.4.2: the group exists and is of the type"
    return variants, renditions


def _lines(text: str, known: set[str]) -> list[tuple[str, str]]:
    """Tags with their values, URIs with an empty name."""
    assert text.startswith("#EXTM3U\n"), "4.3.1.1: it is the first line"
    assert text.endswith("\n")
    assert not text.startswith("\ufeff"), "4.1: no byte order mark"
    found, seen = [], []
    for line in filter(None, text.splitlines()):
        if not line.startswith("#EXT"):
            assert not line.startswith("#"), "only tags are written here"
            found.append(("", line))
            continue
        name, _, value = line[1:].partition(":")
        assert name in known | _EITHER, f"4.3: {name} does not belong into this kind of playlist"
        assert name not in _ONCE or name not in seen, f"4.3: {name} is there once at most"
        seen.append(name)
        found.append((name, value))
    version = int(dict(found).get("EXT-X-VERSION", "1"))
    assert version >= 6 or "EXT-X-MAP" not in seen, "7: a map needs version 6"
    return found


def _attributes(text: str) -> dict[str, str]:
    pairs = re.findall(r'([A-Z0-9-]+)=("[^"\n\r]*"|[^",]*)(?:,|$)', text)
    assert len({name for name, _ in pairs}) == len(pairs), "4.2: no attribute twice"
    return dict(pairs)

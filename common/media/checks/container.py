"""What is wrong with the file itself: its codecs, colours, sizes and lengths."""

from collections.abc import Iterator

from common.domain.findings import Finding
from common.media.probe import Facts
from common.media.timeline import Timeline

_BT709 = (1, 1, 1, 1)


def check_container(facts: Facts, timeline: Timeline) -> list[Finding]:
    """Compare the facts of a film with what every film of ours promises and with its own plan."""
    return [
        Finding(code=code, detail=detail) for code, detail in (*_promises(facts, timeline), *_lengths(facts, timeline))
    ]


def _promises(facts: Facts, timeline: Timeline) -> Iterator[tuple[str, str]]:
    video, audio, size = facts.video, facts.audio, timeline.size
    expected: list[tuple[str, object, object]] = [("faststart", facts.faststart, True), ("chapters", facts.chapters, 0)]
    if video is None:
        yield "container", "The file has no picture."
    else:
        expected += [
            ("video codec", video.codec, timeline.codec),
            ("pixel format", video.pixels, "yuv420p"),
            ("colours", video.colours, _BT709),
            ("size", f"{video.width}x{video.height}", f"{size.width}x{size.height}"),
            ("frame rate", video.fps, float(timeline.fps)),
            ("even frames", video.even, True),
            ("start", video.start, 0.0),
        ]
    if audio is None:
        yield "container", "The file has no sound."
    else:
        expected += [
            ("audio codec", audio.codec, "aac"),
            ("sample rate", audio.rate, 48_000),
            ("channels", audio.channels, 2),
        ]
    for name, found, wanted in expected:
        if found != wanted:
            yield "container", f"The file's {name} is {found} instead of {wanted}."


def _lengths(facts: Facts, timeline: Timeline) -> Iterator[tuple[str, str]]:
    frame, planned = 1 / timeline.fps, timeline.frames / timeline.fps
    video, audio = facts.video, facts.audio
    if video is not None and (abs(video.seconds - planned) > frame + 1e-6 or abs(video.frames - timeline.frames) > 1):
        yield "duration", f"The film lasts {video.seconds:.2f} s ({video.frames} frames); {planned:.2f} s were planned."
    if video is not None and audio is not None:
        apart = audio.start + audio.seconds - video.start - video.seconds
        if abs(apart) > frame + 1e-6 or abs(audio.start - video.start) > frame:
            yield "drift", f"Sound and picture end {apart:+.3f} s apart; one frame is allowed."

"""Playlists by the rules of RFC 8216."""

from itertools import pairwise

import pytest

from common.media.hls.playlists import captions, growing, master, whole
from common.media.hls.stream import Part, Stream, Track
from tests.hls_rules import check_master, check_media

SECONDS = (4.0, 0.5, 4.5, 3.0)
BYTES = {"720p": (500_000, 400_000, 900_000, 300_000), "480p": (250_000, 100_000, 300_000, 150_000)}


def track(name: str, sizes: tuple[int, ...], rate: int = 90_000, lead: int = 0, **more: int) -> Track:
    parts = [
        Part(key=name, at=0, size=size, ticks=round(seconds * rate) + (lead if number == 0 else 0))
        for number, (size, seconds) in enumerate(zip(sizes, SECONDS, strict=False))
    ]
    codec = "avc1.64001f" if more else "mp4a.40.2"
    init = Part(key=name, at=0, size=700)
    return Track(name=name, codec=codec, timescale=rate, init=init, parts=tuple(parts), lead=lead, **more)


def stream(ready: int = 4, *, ended: bool = True) -> Stream:
    return Stream(
        film="f",
        fps=30,
        target=5,
        lang="fr",
        seconds=12.0,
        captions="c",
        sound=track("sound", (100_000, 12_500, 112_500, 75_000)[:ready], 48_000, 1024),
        video=(
            track("720p", BYTES["720p"][:ready], width=1280, height=720),
            track("480p", BYTES["480p"][:ready], width=854, height=480),
        ),
        ended=ended,
    )


def test_a_master_playlist_names_every_size_with_what_it_takes() -> None:
    variants, groups = check_master(master(stream(), lambda name: f"x-{name}"))
    assert [uri for uri, _ in variants] == ["x-720p.m3u8", "x-480p.m3u8"]
    assert [about["RESOLUTION"] for _, about in variants] == ["1280x720", "854x480"]
    assert variants[0][1]["FRAME-RATE"] == "30.000"
    assert variants[0][1]["CODECS"] == '"avc1.64001f,mp4a.40.2"'
    assert groups["sound"]["LANGUAGE"] == '"fr"'
    assert groups["captions"]["URI"] == '"x-captions.m3u8"'


def test_bandwidth_is_the_peak_over_runs_near_the_target_and_average_over_all() -> None:
    """Section 4.1: runs of 2.5 to 7.5 s. The half second of 400 000 bytes counts with its neighbours only."""
    variants, _ = check_master(master(stream(), str))
    peak = (400_000 + 900_000) * 8 / 5.0  # of the second and third segment, 5 s
    sound = (12_500 + 112_500) * 8 / 5.0
    lead = 4.0 + 1024 / 48_000 + 0.5 + 4.5 + 3.0
    assert int(variants[0][1]["BANDWIDTH"]) == pytest.approx(peak + sound, abs=2)
    average = 2_100_000 * 8 / 12 + 300_000 * 8 / lead
    assert int(variants[0][1]["AVERAGE-BANDWIDTH"]) == pytest.approx(average, abs=2)


def test_bandwidth_looks_at_no_run_of_more_than_one_and_a_half_times_the_target() -> None:
    made = stream()
    high, low = (Part(key="k", at=0, size=size, ticks=ticks) for size, ticks in ((10**6, 216_000), (1, 450_000)))
    # 2.4 s, 5 s, 2.4 s, ...: what is high is too short by itself, and with the next high one too long.
    video = made.video[0].model_copy(update={"parts": (high, low, high, low, low)})
    variants, _ = check_master(master(made.model_copy(update={"video": (video,)}), str))
    sound = (12_500 + 112_500) * 8 / 5.0
    assert int(variants[0][1]["BANDWIDTH"]) == pytest.approx(8 * 1_000_001 / 7.4 + sound, abs=2)


def test_a_film_shorter_than_half_the_target_has_its_average_as_peak() -> None:
    short = stream(1).model_copy(update={"target": 20})
    variants, _ = check_master(master(short, str))
    assert variants[0][1]["BANDWIDTH"] == variants[0][1]["AVERAGE-BANDWIDTH"]


def test_a_playlist_only_grows_until_it_ends() -> None:
    texts = [growing(made := stream(ready, ended=False), made.video[0], str) for ready in range(1, 5)]
    texts.append(growing(stream(), stream().video[0], str))
    for shorter, longer in pairwise(texts):
        assert longer.startswith(shorter)
        assert len(longer) > len(shorter)
    read = [check_media(text) for text in texts]
    assert [len(one.segments) for one in read] == [1, 2, 3, 4, 4]
    assert [one.ended for one in read] == [False, False, False, False, True]
    assert {one.kind for one in read} == {"EVENT"}
    assert read[-1].segments[2] == ("720p-2.m4s", 4.5, "")
    assert read[-1].init == "720p.mp4"


def test_a_finished_rendition_is_one_file_in_ranges_that_follow_each_other() -> None:
    made = check_media(whole(stream(), stream().video[1]))
    assert (made.kind, made.init) == ("VOD", "480p.mp4")
    assert [spread for _, _, spread in made.segments] == [
        "250000@700",
        "100000@250700",
        "300000@350700",
        "150000@650700",
    ]
    assert {uri for uri, _, _ in made.segments} == {"480p.mp4"}


def test_the_run_up_of_the_sound_is_no_part_of_its_length() -> None:
    sound = check_media(growing(stream(), stream().sound, str))
    assert [seconds for _, seconds, _ in sound.segments] == list(SECONDS)
    assert stream().sound.starts() == (0, 4 * 48_000 + 1024, 4.5 * 48_000 + 1024, 9 * 48_000 + 1024)


def test_captions_are_one_segment_as_long_as_the_film() -> None:
    made = check_media(captions(stream().model_copy(update={"seconds": 12.2}), str))
    assert (made.kind, made.target, made.segments) == ("VOD", 13, [("captions.vtt", 12.2, "")])


def test_of_two_streams_of_a_film_the_one_that_has_come_further_is_kept() -> None:
    early, late = stream(2, ended=False), stream(3, ended=False)
    assert early.further(late) == late.further(early) == late
    assert stream().further(stream(4, ended=False)) == stream(4, ended=False).further(stream()) == stream()

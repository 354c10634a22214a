"""GET /pipeline/{id}/hls/{part}: what a player asks for, in order."""

from typing import Any

import pytest

from common.engine import control, store, streams
from common.engine.context import Context
from common.engine.task import Task
from common.media.hls.boxes import fragment, place
from common.media.hls.stream import Part, Stream, Track
from functions.api import get_hls
from tests.hls_rules import check_master, check_media

FILM = "0123456789abcdef"
INIT = b"\0\0\0\x0cftypisom"
PIECE = fragment([b"one", b"two"], 1024)
BODY = {"content": "How lighthouses guided ships", "outputs": ["hls"]}


def task_of(context: Context, pipeline_id: str) -> Task:
    found = store.read(context.documents, pipeline_id, "analyze")
    assert found.step is not None
    return Task(context, found.pipeline, found.step)


def stream(*, ended: bool = False) -> Stream:
    parts = tuple(Part(key="segments/v", at=len(INIT), size=len(PIECE), ticks=90_000) for _ in range(2))
    heard = tuple(Part(key="artefacts/s", at=len(INIT), size=len(PIECE), ticks=48_000) for _ in range(2))
    init = Part(key="segments/v", at=0, size=len(INIT))
    sound = Track(
        name="sound",
        codec="mp4a.40.2",
        timescale=48_000,
        init=init.model_copy(update={"key": "artefacts/s"}),
        parts=heard,
    )
    video = Track(name="480p", codec="avc1.64001f", timescale=90_000, init=init, parts=parts, width=854, height=480)
    return Stream(
        film=FILM,
        fps=30,
        target=1,
        lang="en",
        seconds=2.0,
        captions="artefacts/captions.vtt",
        sound=sound,
        video=(video,),
        ended=ended,
    )


@pytest.fixture
def waiting(call: Any) -> str:
    return str(call("POST", "/pipeline/run", json=BODY).json["id"])


@pytest.fixture
def playing(context: Context, waiting: str) -> str:
    for key, content in (("segments/v", INIT + PIECE), ("artefacts/s", INIT + PIECE)):
        context.objects.put(key, content)
    context.objects.put("artefacts/captions.vtt", b"WEBVTT\n")
    streams.publish(task_of(context, waiting), stream())
    return waiting


def test_every_name_leads_to_the_next_up_to_the_bytes(call: Any, playing: str) -> None:
    def get(name: str) -> Any:
        found = call("GET", f"/pipeline/{playing}/hls/{name}")
        assert found.status_code == 200, found.json
        return found

    answer = get("master.m3u8")
    assert (answer.content_type, answer.headers["Cache-Control"]) == (
        "application/vnd.apple.mpegurl",
        "private, no-store",
    )
    [(uri, _)], groups = check_master(answer.text)
    for playlist, kind in ((uri, "video/mp4"), (groups["sound"]["URI"].strip('"'), "audio/mp4")):
        track = check_media(get(playlist).text)
        assert not track.ended
        assert get(track.init).data == INIT
        for number, (name, _, _) in enumerate(track.segments):
            segment = get(name)
            assert segment.data == place(PIECE, number + 1, number * (90_000 if kind == "video/mp4" else 48_000))
            assert segment.content_type == kind
            assert "immutable" in segment.headers["Cache-Control"]
    texts = check_media(get(groups["captions"]["URI"].strip('"')).text)
    assert get(texts.segments[0][0]).data == b"WEBVTT\n"


def test_before_the_first_segment_a_player_is_told_to_come_again(call: Any, waiting: str) -> None:
    refused = call("GET", f"/pipeline/{waiting}/hls/master.m3u8")
    assert (refused.status_code, refused.headers["Retry-After"]) == (404, "2")
    assert "to play yet" in refused.json["detail"]


@pytest.mark.parametrize(
    "name",
    [
        f"{FILM}-480p-2.m4s",
        f"{FILM}-480p-99999.m4s",
        f"{FILM}-1080p.m3u8",
        f"{FILM}-captions.mp4",
        f"{FILM}-480p.vtt",
        f"{FILM}-480p.m4s",
        "fedcba9876543210-480p.m3u8",
        "x.m3u8",
        "480p.m3u8",
        f"{FILM}-480p-٣.m4s",
    ],
)
def test_what_is_none_of_the_stream_is_unknown(call: Any, playing: str, name: str) -> None:
    refused = call("GET", f"/pipeline/{playing}/hls/{name}")
    assert (refused.status_code, refused.json["code"]) == (404, "not_found")


def test_a_video_that_is_not_to_be_streamed_says_what_to_ask_for(call: Any) -> None:
    made = call("POST", "/pipeline/run", json={"content": BODY["content"]}).json["id"]
    refused = call("GET", f"/pipeline/{made}/hls/master.m3u8")
    assert (refused.status_code, "Retry-After" in refused.headers) == (404, False)
    assert "outputs" in refused.json["detail"]


def test_a_large_segment_is_sent_in_blocks_of_which_each_is_read_in_its_turn(
    call: Any, context: Context, playing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = fragment([bytes(range(256)) * 40], 1024)  # 10 kB
    part = Part(key="segments/large", at=7, size=len(large), ticks=90_000)
    context.objects.put(part.key, b"before " + large + b"behind")
    grown = stream()
    video = grown.video[0].model_copy(update={"parts": (part, part)})
    other = grown.model_copy(update={"film": "f" * 16, "video": (video,)})
    streams.publish(task_of(context, playing), other)
    read: list[int] = []
    read_range = context.objects.read_range

    def watched(key: str, *, at: int, size: int) -> bytes:
        read.append(size)
        return read_range(key, at=at, size=size)

    monkeypatch.setattr(context.objects, "read_range", watched)
    monkeypatch.setattr(get_hls, "BLOCK", 4096)
    answer = call("GET", f"/pipeline/{playing}/hls/{other.film}-480p-1.m4s")
    assert "Content-Length" not in answer.headers  # more than 32 MiB would not pass with one
    assert answer.data == place(large, 2, 90_000)
    assert read == [4096, 4096, len(large) - 8192]


def test_a_stranger_sees_no_stream(call: Any, playing: str) -> None:
    assert call("GET", f"/pipeline/{playing}/hls/master.m3u8", "user:bob").status_code == 404
    assert call("GET", f"/pipeline/{playing}/hls/{FILM}-480p-0.m4s", "user:bob").status_code == 404


def test_a_cancelled_video_plays_no_further(call: Any, context: Context, playing: str) -> None:
    control.cancel(context, playing, by="ann")
    refused = call("GET", f"/pipeline/{playing}/hls/{FILM}-480p.m3u8")
    assert (refused.status_code, refused.json["code"]) == (409, "pipeline_cancelled")


def test_what_was_deleted_is_gone(call: Any, context: Context, playing: str) -> None:
    context.objects.delete("segments/v")
    refused = call("GET", f"/pipeline/{playing}/hls/{FILM}-480p-0.m4s")
    assert (refused.status_code, refused.json["code"]) == (410, "files_gone")


def test_the_link_is_told_as_soon_as_the_pipeline_is_accepted(call: Any, waiting: str) -> None:
    view = call("GET", f"/pipeline/{waiting}").json
    assert view["links"]["hls"].endswith(f"/pipeline/{waiting}/hls/master.m3u8")

"""A film plays as HLS while later scenes of it still render, and whole afterwards; a killed render changes nothing."""

import io
import os
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from common.platform.embedded.documents import SqliteDocuments
from tests.e2e.conftest import Machine, Server
from tests.hls_rules import Media, check_master, check_media

pytestmark = pytest.mark.slow

SCRIPT = """# Tea

Boil fresh water, and let it rest for a moment.

Warm the pot first, so that the tea does not cool.

Wait four minutes, and then pour it slowly.

Drink it while it is warm, and talk to somebody.
"""
BODY = {"content": SCRIPT, "resolution": "720p", "outputs": ["hls"], "seed": 5}


class Player:
    """What a player asks for, and nothing else."""

    def __init__(self, server: Server, pipeline: str) -> None:
        self.server, self.base = server, f"{server.url}/pipeline/{pipeline}/hls/"

    def get(self, name: str) -> bytes | None:
        call = urllib.request.Request(self.base + name, headers={"Authorization": f"Bearer {self.server.token}"})
        try:
            with urllib.request.urlopen(call, timeout=20) as answer:
                kind = answer.headers["Content-Type"]
                wanted = {"m3u8": "application/vnd.apple.mpegurl", "vtt": "text/vtt"}.get(name.rsplit(".")[-1], "")
                assert kind == wanted or (not wanted and kind in ("video/mp4", "audio/mp4"))
                return bytes(answer.read())
        except urllib.error.HTTPError as refused:
            if (refused.code, refused.headers["Retry-After"]) != (404, "2"):
                raise
            return None

    def need(self, name: str) -> bytes:
        found = self.get(name)
        assert found is not None, name
        return found

    def media(self, name: str) -> Media:
        return check_media(self.need(name).decode())

    def first(self, seconds: float = 120) -> str:
        """The master playlist as soon as there is one."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.get("master.m3u8")
            if found is not None:
                return found.decode()
            time.sleep(0.25)
        raise AssertionError("nothing ever played")


def submit(server: Server) -> str:
    status, view = server.request("POST", "/pipeline/run", BODY)
    assert status == 202, view
    assert view["links"]["hls"].endswith(f"/pipeline/{view['id']}/hls/master.m3u8")
    return str(view["id"])


def renditions_of(player: Player, master: str) -> dict[str, str]:
    """URI of the media playlist of each size and of the sound."""
    variants, groups = check_master(master)
    found = {about["RESOLUTION"]: uri for uri, about in variants}
    return {**found, "sound": groups["sound"]["URI"].strip('"'), "captions": groups["captions"]["URI"].strip('"')}


def decoded(source: Any, kind: str, **more: Any) -> tuple[list[float], list[np.ndarray[Any, Any]]]:
    """Times and contents of all frames of the first stream of a kind."""
    with av.open(source, **more) as media:
        frames = list(media.decode(**{kind: 0}))
    times = [float(frame.time) for frame in frames]
    return times, [frame.to_ndarray() for frame in frames]


def test_the_first_scenes_play_while_later_ones_are_rendered(machine: Machine, servers: list[Server]) -> None:
    server = machine.serve(AIPROD_WORKERS="1")
    servers.append(server)
    pipeline = submit(server)
    player = Player(server, pipeline)
    names = renditions_of(player, player.first())
    early = player.media(names["1280x720"])
    _, view = server.request("GET", f"/pipeline/{pipeline}")
    assert (view["status"], view["stage"]) == ("processing", "render")
    assert (early.kind, early.ended) == ("EVENT", False)
    for name in ("1280x720", "854x480", "640x360", "sound"):
        track = player.media(names[name])
        uri, seconds, _ = track.segments[0]
        kind = "audio" if name == "sound" else "video"
        data = player.need(track.init) + player.need(uri)
        times, frames = decoded(io.BytesIO(data), kind)
        assert times[0] == 0
        if kind == "video":
            assert len(frames) == pytest.approx(seconds * 30, abs=0.01)
            assert frames[-1].shape == (int(name.split("x")[1]) * 3 // 2, int(name.split("x")[0]))
    texts = []
    while view["status"] == "processing":
        texts.append(player.need(names["854x480"]).decode())
        time.sleep(0.5)  # a caller may ask 500 times a minute
        _, view = server.request("GET", f"/pipeline/{pipeline}")
    assert view["status"] == "completed", view
    final = player.need(names["854x480"]).decode()
    assert all(final.startswith(text) for text in texts), "6.2.1: a playlist only grows"
    assert len({len(text) for text in texts}) >= 3
    _, result = server.request("GET", f"/pipeline/{pipeline}/result")
    film = machine.folder / "film.mp4"
    film.write_bytes(urllib.request.urlopen(result["files"]["video.mp4"], timeout=20).read())
    check_whole(player, film, result["seconds"])
    check_package(result["files"], machine.folder / "package", film)


def check_whole(player: Player, film: Path, seconds: float) -> None:
    """Over HTTP, as FFmpeg's own reader of HLS sees it: every frame of the film once, in step with the same sound."""
    names = renditions_of(player, player.need("master.m3u8").decode())
    lists = {name: player.media(uri) for name, uri in names.items()}
    assert all(one.ended for one in lists.values())
    assert all(one.seconds == pytest.approx(seconds, abs=0.03) for one in lists.values())
    assert len({one.target for name, one in lists.items() if name != "captions"}) == 1, "6.2.4"
    assert len({len(one.segments) for name, one in lists.items() if name != "captions"}) == 1
    assert player.need(lists["captions"].segments[0][0]).startswith(b"WEBVTT")
    options = {"headers": f"Authorization: Bearer {player.server.token}\r\n"}
    times, pictures = decoded(str(film), "video")
    heard, samples = decoded(str(film), "audio")
    for name, uri in names.items():
        if name in ("captions", "sound"):
            continue
        shown_at, shown = decoded(player.base + uri, "video", options=options)
        assert shown_at == pytest.approx(times, abs=1e-4), name
        if name == "1280x720":
            assert all(np.array_equal(one, other) for one, other in zip(shown, pictures, strict=True))
    played_at, played = decoded(player.base + names["sound"], "audio", options=options)
    assert played_at[:-1] == pytest.approx(heard[:-1], abs=1e-4)
    assert all(np.array_equal(a, b) for a, b in zip(played[:-1], samples[:-1], strict=True))
    with av.open(player.base + "master.m3u8", options=options) as media:
        assert len(media.streams.video) == 3
        assert len(media.streams.audio) >= 1
        starts = {
            float(stream.start_time * stream.time_base) for stream in (*media.streams.video, media.streams.audio[0])
        }
    assert max(starts) - min(starts) <= 1024 / 48_000 + 1e-6


def check_package(files: dict[str, str], folder: Path, film: Path) -> None:
    """The delivered files play from any folder."""
    for name, link in files.items():
        if name.startswith("hls/"):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(urllib.request.urlopen(link, timeout=20).read())
    folder = folder / "hls"
    variants, _ = check_master((folder / "master.m3u8").read_text())
    times, _ = decoded(str(film), "video")
    for uri, about in variants:
        track = check_media((folder / uri).read_text())
        assert (track.kind, track.ended) == ("VOD", True)
        shown_at, shown = decoded(str(folder / uri), "video")
        assert shown_at == pytest.approx(times, abs=1e-4)
        assert decoded(str(folder / track.init), "video")[0] == shown_at, "the file of a size is a film of its own"
        width, height = map(int, about["RESOLUTION"].split("x"))
        assert shown[0].shape == (height * 3 // 2, width)
    sizes = [int(about["BANDWIDTH"]) for _, about in variants]
    assert sizes == sorted(sizes, reverse=True)


def test_a_render_that_is_killed_goes_on_to_the_same_stream(
    machine: Machine, servers: list[Server], tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = machine.serve(AIPROD_WORKERS="1")
    servers.append(server)
    pipeline = submit(server)
    player = Player(server, pipeline)
    name = renditions_of(player, player.first())["1280x720"]
    before = player.need(name).decode()
    assert not check_media(before).ended
    for pid in [*server.descendants(), server.process.pid]:
        os.kill(pid, signal.SIGKILL)
    server.process.wait()
    again = machine.serve()
    servers.append(again)
    player = Player(again, pipeline)
    while (view := again.request("GET", f"/pipeline/{pipeline}")[1])["status"] not in ("completed", "failed"):
        assert player.need(name).decode().startswith(before)
        time.sleep(0.5)  # a caller may ask 500 times a minute
    assert view["status"] == "completed", view
    assert player.need(name).decode().startswith(before)
    documents = SqliteDocuments(machine.home / "documents.sqlite3")
    assert documents.count(f"pipelines/{pipeline}/streams") == 1
    documents.close()
    other = Machine(tmp_path_factory.mktemp("undisturbed"))
    (other.folder / "empty").mkdir()
    undisturbed = other.serve()
    servers.append(undisturbed)
    twin = submit(undisturbed)
    assert undisturbed.wait(twin, "completed", "failed")["status"] == "completed"
    ours, theirs = (
        {path.name: path.read_bytes() for path in (home / "objects/data/delivery" / one / "hls").iterdir()}
        for home, one in ((machine.home, pipeline), (other.home, twin))
    )
    assert ours == theirs


def test_an_edit_encodes_the_sizes_of_changed_segments_alone(machine: Machine) -> None:
    script = machine.folder / "tea.md"
    words = ("--script", "tea.md", "--also", "hls", "--output", "tea.mp4")
    segments = machine.home / "objects/data/segments"

    def kept() -> int:
        return sum(1 for _ in segments.rglob("*.mp4"))

    script.write_text(SCRIPT)
    report = machine.make(*words)
    package = {path.name: path.read_bytes() for path in (machine.folder / "tea.hls").iterdir()}
    assert {Path(path).name for path in report["beside"]} == package.keys()
    before = kept()
    assert before == 2 * report["segments"]
    again = machine.make(*words)
    assert (again["rendered"], kept()) == (0, before)
    ran = machine.call("explain", again["id"]).stdout
    assert not [line for line in ran.splitlines() if line.strip().startswith("ran ")], ran
    script.write_text(SCRIPT.replace("Warm the pot", "Heat the pot"))
    edited = machine.make(*words)
    assert 0 < edited["rendered"] < edited["segments"]
    assert kept() == before + 2 * edited["rendered"]
    script.write_text(SCRIPT)
    assert machine.make(*words)["rendered"] == 0
    assert {path.name: path.read_bytes() for path in (machine.folder / "tea.hls").iterdir()} == package

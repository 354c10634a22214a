"""A finished video, edited: real processes make what follows from the edit and take the rest from the store."""

import io
import urllib.request
import zipfile
from typing import Any

import pytest

from common.domain.plan import TRANSITION_FRAMES
from common.media.probe import probe
from tests.e2e.conftest import Machine, Server

pytestmark = pytest.mark.slow

SCRIPT = """# Gatos

Los gatos ronronean cuando están contentos, y nadie sabe muy bien cómo empezaron a hacerlo.

Escucha de cerca por la noche, cuando la casa duerme y el gato respira junto a tu almohada.

Cada ronroneo es un pequeño motor que funciona con leche, con sol y con mucha paciencia.
"""


def made(server: Server, view: dict[str, Any]) -> dict[str, Any]:
    """All that is known of a pipeline once it has completed."""
    ended = server.wait(view["id"], "completed", "failed", seconds=240)
    assert ended["status"] == "completed", ended["error"]
    status, found = server.request("GET", f"/pipeline/{view['id']}/export")
    assert status == 200
    return dict(found)


def ran(found: dict[str, Any], step: str) -> list[str]:
    """Runs of a step that made something, instead of finding it made."""
    works = [(row["key"], work) for row in found["steps"] if row["step"] == step for work in row["result"]["work"]]
    return [key for key, work in works if work["decision"] == "ran"]


def encoded(machine: Machine) -> dict[str, int]:
    """Every segment that the machine's store holds, and how many frames it has."""
    found = {path.name: probe(path).video for path in (machine.home / "objects" / "data" / "segments").rglob("*.mp4")}
    return {name: video.frames for name, video in found.items() if video is not None}


def test_an_edit_of_one_scene_makes_that_scene_and_what_follows_and_nothing_else(
    machine: Machine, servers: list[Server]
) -> None:
    server = machine.serve()
    servers.append(server)
    body = {"content": SCRIPT, "lang": "es", "resolution": "480p", "duration_sec": 21}
    _, view = server.request("POST", "/pipeline/run", body)
    first = made(server, view)
    before = encoded(machine)
    assert sum(before.values()) == sum(scene["frames"] for scene in first["plan"]["scenes"])
    scenes = first["plan"]["scenes"]
    assert len(scenes) >= 3
    edited = scenes[1]["id"]
    patch = {"scenes": {edited: {"narration": "Escucha por la noche.", "headline": "Por la noche"}}}
    status, again = server.request("PATCH", f"/pipeline/{view['id']}/plan", patch)
    assert (status, again["revision_of"]) == (202, view["id"])
    second = made(server, again)

    assert ran(second, "generate_visual") == [f"generate_visual.{edited}"]
    assert ran(second, "generate_narration") == [f"generate_narration.{edited}"]
    assert ran(second, "generate_music") == []
    assert 0 < second["result"]["rendered"] < second["result"]["segments"]
    [shown] = [row["result"]["why"] for row in second["steps"] if row["step"] == "render"]
    for frames, of in shown.items():  # "frames 8-120": "s2", or "s1 to s2" for a fade
        assert edited in of.split(" to "), (frames, of)
    new = {name: frames for name, frames in encoded(machine).items() if name not in before}
    stretches = [[int(end) for end in frames.removeprefix("frames ").split("-")] for frames in shown]
    assert sorted(new.values()) == sorted(last - first + 1 for first, last in stretches)
    assert scenes[1]["frames"] <= sum(new.values()) <= scenes[1]["frames"] + TRANSITION_FRAMES
    assert second["costs"]["spent"] == 0.0
    assert second["result"]["sha256"] != first["result"]["sha256"]
    assert server.request("GET", f"/pipeline/{view['id']}")[1]["status"] == "completed"

    # Back to what it was: nothing is made at all, and the film is the same to the byte.
    back = {"scenes": {edited: {name: scenes[1][name] for name in ("narration", "headline", "frames")}}}
    status, third = server.request("PATCH", f"/pipeline/{again['id']}/plan", back)
    assert status == 202
    restored = made(server, third)
    assert (restored["result"]["rendered"], restored["result"]["sha256"]) == (0, first["result"]["sha256"])

    # Other music: sound and file are made, and not one frame of the picture.
    pictures = encoded(machine)
    status, fourth = server.request("PATCH", f"/pipeline/{third['id']}/plan", {"music_style": "marimba"})
    assert status == 202
    scored = made(server, fourth)
    assert ran(scored, "generate_music") == ["generate_music"]
    assert scored["result"]["rendered"] == 0
    assert encoded(machine) == pictures
    assert scored["result"]["sha256"] != first["result"]["sha256"]

    headers = {"Authorization": f"Bearer {server.token}"}
    call = urllib.request.Request(f"{server.url}/pipeline/{view['id']}/export?format=zip", headers=headers)
    with urllib.request.urlopen(call, timeout=60) as answer:
        packed = zipfile.ZipFile(io.BytesIO(answer.read()))
    assert packed.testzip() is None
    assert packed.getinfo("video.mp4").file_size == first["result"]["bytes"]

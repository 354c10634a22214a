"""The gate between a film and its client: each planted fault is found in its scene, and good films have none."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from common import runtime
from common.domain.findings import Finding
from common.domain.plan import Media
from common.domain.settings import Settings
from common.engine import production, store
from common.engine.task import Task
from common.media.checks.inspect import Script, inspect
from common.media.layout import Box, caption_box
from common.platform.documents import Delete
from functions.catalogue import CATALOGUE
from functions.steps.inspect import script_of
from tests.e2e import faults
from tests.e2e.conftest import Machine, Server

pytestmark = pytest.mark.slow

PROMPT = "How lighthouses guided ships for two thousand years"


@dataclass
class Finished:
    """A film of our own making, with what it is held against, and room for copies of it."""

    film: Path
    script: Script
    folder: Path

    @property
    def scene(self) -> str:
        """The scene that faults are planted in: one in the middle, with words before and after it."""
        return self.script.timeline.scenes[2][0]

    @property
    def start(self) -> float:
        return self.script.timeline.scenes[2][1] / self.script.timeline.fps

    def found(self, plant: Callable[..., Path], *how: Any) -> list[Finding]:
        return inspect(plant(self.film, self.folder / "planted.mp4", *how), self.script, self.folder)

    def only(self, plant: Callable[..., Path], *how: Any) -> Finding:
        """The one finding there is, with a picture for evidence."""
        [finding] = self.found(plant, *how)
        self.shown(finding)
        return finding

    def shown(self, finding: Finding) -> "np.ndarray[Any, Any]":
        picture = cv2.imread(str(self.folder / finding.evidence))
        assert picture is not None
        assert picture.shape == (480, 854, 3)
        return picture


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("finished")
    (folder / "empty").mkdir()
    machine = Machine(folder)
    report = machine.make(PROMPT, "--duration", "20", "--output", "film.mp4")
    assert report["quality"] == 1
    context = runtime.build(CATALOGUE, Settings(home=machine.home))
    read = store.read(context.documents, report["id"], "inspect")
    assert read.step is not None
    script = script_of(Task(context, read.pipeline, read.step), folder)
    assert len(script.timeline.scenes) >= 4
    assert production.work_of(Task(context, read.pipeline, read.step), "generate_music")
    return Finished(folder / "film.mp4", script, folder)


def test_two_black_seconds(finished: Finished) -> None:
    finding = finished.only(faults.black, finished.start + 0.5, 2.0)
    assert (finding.code, finding.scene) == ("black", finished.scene)
    assert finding.at == pytest.approx(finished.start + 0.5, abs=0.05)
    assert finding.seconds == pytest.approx(2.0, abs=0.05)
    assert finished.shown(finding).max() < 40


def test_three_frozen_seconds(finished: Finished) -> None:
    finding = finished.only(faults.frozen, finished.start + 0.5, 3.0, finished.script.timeline.fps)
    assert (finding.code, finding.scene) == ("freeze", finished.scene)
    assert finding.at == pytest.approx(finished.start + 0.5, abs=0.1)
    assert finding.seconds == pytest.approx(3.0, abs=0.1)


def test_a_voice_that_falls_silent(finished: Finished) -> None:
    finding = finished.only(faults.silent, finished.start + 0.4, 2.0)
    assert (finding.code, finding.scene) == ("silence", finished.scene)
    assert finding.at == pytest.approx(finished.start + 0.4, abs=0.3)


def test_clipped_sound(finished: Finished) -> None:
    found = {finding.code: finding for finding in finished.found(faults.clipped, finished.start + 0.5, 1.0)}
    assert {"clipping", "true_peak"} <= set(found)
    assert found["clipping"].scene == finished.scene
    assert found["clipping"].at == pytest.approx(finished.start + 0.5, abs=0.6)


def test_other_words_than_the_scene_writes(finished: Finished) -> None:
    line, picture = finished.script.timeline, finished.script.pictures[finished.scene]
    text = next(layer for layer in picture.layers if layer.type == "sprite" and layer.name == "text")
    scale = line.size.width / picture.width
    place = Box(text.x * scale, text.y * scale, text.width * scale, text.height * scale)
    seconds = line.scenes[2][2] / line.fps
    finding = finished.only(faults.overwritten, finished.start, seconds, place)
    assert (finding.code, finding.scene) == ("text", finished.scene)
    assert finished.start < finding.at < finished.start + seconds
    assert faults.WORDS in finding.detail
    assert picture.written()[0] in finding.detail


def test_other_words_in_a_caption(finished: Finished) -> None:
    line = finished.script.timeline
    zone = caption_box(line.size)
    place = Box(zone.x, zone.y + zone.height / 4, zone.width, zone.height / 2)
    found = finished.found(faults.overwritten, finished.start, line.scenes[2][2] / line.fps, place)
    assert {finding.code for finding in found} <= {"text", "captions"}
    assert {finding.scene for finding in found} == {finished.scene}


def test_captions_half_a_second_late(finished: Finished) -> None:
    line = finished.script.timeline
    found = finished.found(faults.late_captions, line, 0.5)
    assert {finding.code for finding in found} == {"captions"}
    assert [finding.scene for finding in found] == [scene for scene, _, _ in line.scenes]
    assert "0.50 s late" in found[0].detail
    assert found[0].at == pytest.approx(line.cues[0].first / line.fps, abs=0.05)


def test_a_scene_that_is_missing(finished: Finished) -> None:
    found = finished.found(faults.without, finished.script.timeline, finished.scene)
    [missing] = [finding for finding in found if finding.code == "missing_scene"]
    assert (missing.scene, missing.at) == (finished.scene, pytest.approx(finished.start, abs=0.05))
    assert {finding.code for finding in found} <= {"missing_scene", "duration", "drift", "container"}


def test_a_voice_that_drifts_by_a_fifth_of_a_second_under_music(finished: Finished) -> None:
    found = finished.found(faults.drifted, finished.start, 0.2, finished.script.plan.seconds)
    assert {finding.code for finding in found} == {"drift"}
    assert [finding.scene for finding in found] == [scene for scene, _, _ in finished.script.timeline.scenes[2:]]
    assert found[0].at == pytest.approx(finished.start, abs=0.5)
    assert all("0.200 s late" in finding.detail for finding in found)


def test_a_plan_with_another_shape_and_another_scene(finished: Finished) -> None:
    plan = finished.script.plan
    more = plan.scenes[-1].model_copy(update={"id": "s99"})
    other = plan.model_copy(update={"aspect": "1:1", "scenes": (*plan.scenes, more)})
    found = inspect(finished.film, replace(finished.script, plan=other), finished.folder)
    assert [finding.code for finding in found] == ["aspect", "scene_count"]


def test_a_picture_of_the_users_that_is_not_shown(finished: Finished) -> None:
    plan = finished.script.plan
    first, asked, *rest = plan.scenes
    asked = asked.model_copy(update={"media": Media(object="media/1.jpg", type="image", sha256="1")})
    other = plan.model_copy(update={"scenes": (first, asked, *rest)})
    [finding] = inspect(finished.film, replace(finished.script, plan=other), finished.folder)
    assert (finding.code, finding.scene) == ("media", asked.id)
    assert finding.at == pytest.approx(plan.starts()[1] / plan.fps)


def test_a_damaged_part_of_a_film_is_found_and_its_scene_made_again(machine: Machine) -> None:
    words = (PROMPT, "--duration", "12", "--output", "film.mp4")
    first = machine.make(*words)
    context = runtime.build(CATALOGUE, Settings(home=machine.home))
    read = store.read(context.documents, first["id"], "inspect")
    assert read.step is not None
    line = production.timeline_of(Task(context, read.pipeline, read.step))
    part = max((one for one in line.segments if one.into is None), key=lambda one: one.frames)
    for path in machine.home.rglob(f"{part.key}.mp4"):
        faults.blackened(path, part, line.size, line.fps)
    for row in context.documents.query("artefacts"):  # joined again, of what lies in the store
        if row.data["slot"] in ("video", "inspection"):
            context.documents.commit([Delete(row.path)])

    report = machine.make(*words)
    assert (report["quality"], report["degraded"]) == (1, False)
    told = json.loads(Path(report["files"]["manifest.json"]).read_text())
    scene = part.shows.scene
    made = {one["step"] for one in told["artefacts"] if ".take" in one["step"]}
    assert made == {f"generate_visual.{scene}.take1", "render.take1", "inspect.take1"}
    found = store.read(context.documents, report["id"], "inspect").step
    assert found is not None
    assert {(one["code"], one["scene"]) for one in found.result["findings"]} == {("black", scene)}
    assert all(context.objects.stat(one["evidence"]) for one in found.result["findings"])


TEA = "# Tea\n\nBoil fresh water and warm the pot.\n\nWait four minutes, then pour.\n\nDrink it while it is hot.\n"
NUMBERS = """# Coffee in numbers

The world drinks 2.25 billion cups of coffee every day.

- Finland: 12 kg a head
- Norway: 9.9 kg a head
- Iceland: 9 kg a head

> Coffee is a language in itself. — Jackie Chan

73 % of people drink it in the morning.
"""
FLIGHT = """# A short history of flight

1783: The first balloon rises over Paris.

1903: The Wright brothers fly for 12 seconds.

1. Fold the paper.
2. Crease the wings.
3. Throw it gently.
"""
CLEAN: tuple[dict[str, Any], ...] = (
    {"content": "Why cats purr when they are happy"},
    {"content": "Warum Katzen schnurren, wenn sie glücklich sind", "lang": "de", "aspect": "9:16"},
    {"content": "Pourquoi les chats ronronnent quand ils sont heureux", "lang": "fr", "aspect": "1:1"},
    {"content": "Por qué los gatos ronronean cuando están contentos", "lang": "es", "aspect": "4:5"},
    {"content": "Perché i gatti fanno le fusa quando sono felici", "lang": "it", "duration_sec": 9},
    {"content": "Por que os gatos ronronam quando estão felizes", "lang": "pt", "aspect": "9:16"},
    {"content": "灯台は二千年にわたって船を導いてきました", "lang": "ja"},
    {"content": "灯塔两千年来一直指引着船只在夜里安全航行", "lang": "zh", "aspect": "9:16"},
    {"content": "등대는 이천 년 동안 배를 안전하게 인도해 왔습니다", "lang": "ko"},
    {"content": "Three reasons to plant a tree this autumn", "captions": "plain", "duration_sec": 9},
    {"content": "How to brew good coffee at home", "captions": "phrase", "aspect": "4:5", "duration_sec": 9},
    {"content": "How to brew good coffee at home", "captions": "off", "fps": 24},
    {"content": "Three reasons to plant a tree this autumn", "fps": 60, "aspect": "9:16"},
    {"content": NUMBERS, "duration_sec": 24},
    {"content": FLIGHT, "duration_sec": 24, "aspect": "9:16", "captions": "plain"},
    {"content": TEA, "duration_sec": 12, "preset": "brand_campaign", "brand_id": "tea"},
    {"content": "Why cats purr when they are happy", "preset": "premium_spot", "encoder": "av1"},
    {"content": '🚢🔥 Ships & fire "quoted" 👨‍👩‍👧 {x}', "seed": 4},
    {"content": "The quiet history of the lighthouse keeper", "seed": 5, "aspect": "1:1"},
    {"content": "A serious notice about wet floors", "seed": 6},
)


def test_twenty_good_films_have_no_finding(machine: Machine, servers: list[Server]) -> None:
    assert len(CLEAN) == 20
    server = machine.serve()
    servers.append(server)
    started = []
    for asked in CLEAN:
        body = {"resolution": "480p", "duration_sec": 6, "approve": "skip", **asked}
        status, view = server.request("POST", "/pipeline/run", body)
        assert status == 202, view
        started.append(view["id"])
    for pipeline_id, asked in zip(started, CLEAN, strict=True):
        ended = server.wait(pipeline_id, "completed", "failed", seconds=900)
        assert ended["status"] == "completed", (asked, ended["error"])
        manifest = machine.home / "objects" / "data" / "delivery" / pipeline_id / "manifest.json"
        told = json.loads(manifest.read_text())
        assert (told["findings"], told["degraded"]) == ([], False), asked
        runs = [one for one in told["artefacts"] if one["name"] == "inspection"]
        assert len(runs) == 1, f"{asked} was repaired"


def test_films_of_the_users_own_media_have_no_finding(machine: Machine) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    cv2.imwrite(str(machine.folder / "photo.jpg"), cv2.resize(noise, (1600, 1067), interpolation=cv2.INTER_CUBIC))
    (machine.folder / "tea.md").write_text(TEA)
    machine.make("Why cats purr when they are happy", "--duration", "5", "--output", "clip.mp4")
    for name in ("photo.jpg", "clip.mp4"):
        report = machine.make("--script", "tea.md", "--media", name, "--captions", "plain", "--output", "tea.mp4")
        told = json.loads(Path(report["files"]["manifest.json"]).read_text())
        assert any(scene["media"] for scene in told["plan"]["scenes"])
        assert told["findings"] == [], name

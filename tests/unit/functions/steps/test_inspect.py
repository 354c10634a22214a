"""A fault is repaired twice at most, and what is left fails the pipeline or stands in its result; the real steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from common.domain.edits import edits
from common.domain.findings import Finding
from common.domain.model import digest
from common.domain.patch import PlanPatch, merged
from common.domain.pipeline import Pipeline
from common.domain.repairs import MAKES_AGAIN
from common.domain.request import PipelineRequest
from common.engine import artefacts, control, editing, production, revision, store
from common.engine.artefacts import Made
from common.engine.task import Task
from common.http.export import everything
from common.media.checks.inspect import Script
from common.media.timeline import Timeline
from common.providers.registry import Registry
from functions.catalogue import CATALOGUE
from functions.render import film
from functions.render.film import Film
from functions.render.job import work
from functions.steps import inspect as step
from functions.steps.approve import accepted
from tests.unit.engine.conftest import Bench, bench

__all__ = ["bench"]

SCRIPT = """# Gatos

Los gatos ronronean cuando están contentos, y nadie sabe muy bien cómo empezaron a hacerlo.

Escucha de cerca por la noche, cuando la casa duerme y el gato respira junto a tu almohada.
"""
ASSETS = ("generate_visual", "generate_narration", "generate_music", "generate_effects")
REAL = ("analyze", "direct", "budget", "approve", *ASSETS, "inspect", "review", "deliver")


def shown(task: Task, _share: object = None) -> Film:
    """A film without pixels, laid out as a real one."""
    plan, pictures = production.plan_of(task), production.pictures_of(task)
    line, _, _ = film.lay_out(task, plan, pictures)
    keys = [segment.key for segment in line.segments]
    spoken = sorted(one["artefact"] for one in production.work_of(task, "generate_narration").values())
    texts: dict[str, bytes | Path] = dict.fromkeys(("captions.srt", "captions.vtt", "words.json", "poster.jpg"), b"x")
    files = {
        **texts,
        "video.mp4": digest(keys).encode(),
        "sound.m4a": b"x",
        "timeline.json": line.model_dump_json().encode(),
    }
    take = task.input.get("take", 0)
    made = artefacts.make(task, "video", {"keys": keys, "voices": spoken, "take": take}, lambda: Made(files))
    return Film((made,), len(keys), 1, {}, "x264")


@dataclass
class Gate:
    """Pipelines whose films have the faults that a test plants, by take."""

    bench: Bench
    faults: Callable[[int], list[Finding]] = lambda _take: []
    films: list[bytes] = field(default_factory=list)

    def inspect(self, path: Path, script: Script, folder: Path, **_: object) -> list[Finding]:
        self.films.append(path.read_bytes())
        found = self.faults(len(self.films) - 1)
        for one in found:
            if one.evidence:
                (folder / one.evidence).write_bytes(b"frame")
        return found

    def make(self, preset: str = "quick_social") -> Pipeline:
        self.films.clear()
        self.bench.ran.clear()
        request = PipelineRequest.model_validate(
            {"content": SCRIPT, "lang": "es", "duration_sec": 18, "preset": preset, "approve": "skip"}
        )
        pipeline = control.submit(self.bench.context, request, "ann")
        self.bench.drain()
        return self.bench.pipeline(pipeline.id)

    def revise(self, old: Pipeline, **patch: Any) -> Pipeline:
        context = self.bench.context
        self.films.clear()
        plan = editing.held(context.documents, old.id).plan
        after = merged(plan, PlanPatch.model_validate(patch))
        changes = [change.model_dump(mode="json") for change in edits(plan, after, max_seconds=30)]
        outcome = accepted(after, changes, control.result_of(context, old.id, revision.STEP))
        born = revision.revise(context, old, outcome, revision_id=context.new_id(), budget=None)
        self.bench.drain()
        return self.bench.pipeline(born.id)

    def encoded(self, pipeline: Pipeline, render: str, scene: str = "s2") -> list[str]:
        """What a render encoded a scene's body as."""
        ran = store.read(self.bench.context.documents, pipeline.id, render).step
        assert ran is not None
        [work] = ran.result["work"]
        line = Timeline.model_validate_json(self.bench.context.objects.read(work["files"]["timeline.json"]))
        return [one.key for one in line.segments if one.shows.scene == scene and one.into is None]

    def again(self) -> set[str]:
        return {key.rpartition(".take")[0] for key in self.bench.ran if key.endswith(".take1")}


@pytest.fixture
def gate(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Gate:
    bench.context = replace(bench.context, catalogue=CATALOGUE, registry=Registry(lambda _name: None))
    bench.handlers = {name: import_module(CATALOGUE[name].module).run for name in REAL}
    monkeypatch.setattr(film, "make", shown)
    bench.handlers["render"] = work
    made = Gate(bench)
    monkeypatch.setattr(step, "inspect", made.inspect)
    return made


def fault(code: str, scene: str = "s2", number: int = 1) -> Finding:
    return Finding(code=code, detail="It is bad.", scene=scene, at=9.0, seconds=1.0, evidence=f"evidence-{number}.jpg")


def test_a_good_film_is_inspected_once_and_delivered(gate: Gate) -> None:
    made = gate.make()
    assert (made.status, made.result and made.result["degraded"], len(gate.films)) == ("completed", False, 1)


def test_each_fault_makes_its_own_part_again_and_the_repaired_film_is_whole(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = {"render", "inspect", "review", "deliver"}
    for code, remedy in MAKES_AGAIN.items():
        monkeypatch.setattr(step, "CHECKS", code)  # else the film before would answer for this one
        gate.faults = lambda take, code=code: [] if take else [fault(code)]  # type: ignore[misc]
        made = gate.make()
        assert made.result is not None, made.error
        assert gate.again() == rest | ({f"{remedy}.s2"} if remedy != "render" else set()), code
        assert not made.result["degraded"], code
        assert "evidence-1.jpg" not in made.result["files"], "the fault is gone"
        first, second = gate.films
        assert (first != second) == (remedy != "generate_narration"), f"{code}: the scene's picture is encoded anew"


def test_what_two_repairs_do_not_mend_is_delivered_as_degraded_above_the_threshold(gate: Gate) -> None:
    gate.faults = lambda _take: [fault("text")]
    made = gate.make()
    assert made.status == "completed", made.error
    assert len(gate.films) == 3
    assert [key for key in gate.bench.ran if key.startswith("render")] == ["render", "render.take1", "render.take2"]
    result = made.result
    assert result is not None
    assert result["degraded"]
    assert "scene s2 at 9.0 s: It is bad." in result["notes"]
    objects = gate.bench.context.objects
    assert objects.read(result["files"]["evidence-1.jpg"]) == b"frame"
    found = everything(gate.bench.context, made)
    assert [(one["code"], one["evidence"]) for one in found["quality"]["findings"]] == [("text", "evidence-1.jpg")]
    assert [(one["code"], one["evidence"]) for one in found["manifest"]["findings"]] == [("text", "evidence-1.jpg")]


@pytest.mark.parametrize(("preset", "status"), [("quick_social", "completed"), ("premium_spot", "failed")])
def test_the_presets_threshold_decides_what_may_be_left(gate: Gate, preset: str, status: str) -> None:
    gate.faults = lambda _take: [fault("text"), fault("drift", "s1", 2)]
    made = gate.make(preset)
    assert made.status == status
    if made.error is not None:
        assert made.error.code == "quality_rejected"
        found: list[Mapping[str, Any]] = everything(gate.bench.context, made)["quality"]["findings"]
        assert [one["code"] for one in found] == ["text", "drift"]
        assert all("signature=" in one["evidence"] for one in found), "a link, for nothing was delivered"
    runs = store.steps(gate.bench.context.documents, made.id)
    assert sum(one.step == "inspect" for one in runs) == 3


@pytest.mark.parametrize("code", ["text", "black"])
def test_a_revision_keeps_a_scene_to_its_repair_and_a_fault_in_it_makes_another_take(gate: Gate, code: str) -> None:
    gate.faults = lambda take: [] if take else [fault(code)]
    old = gate.make()
    faulty, repaired = (gate.encoded(old, key) for key in ("render", "render.take1"))
    assert faulty != repaired
    new = gate.revise(old, scenes={"s1": {"headline": "Gatos felices"}})
    assert new.status == "completed", new.error
    pinned, again = (gate.encoded(new, key) for key in ("render", "render.take1"))
    assert pinned == repaired, "the fault does not come back"
    assert again not in (faulty, repaired), "nor is what is at fault now taken from the store"
    takes = {row.key: row.input.get("take") for row in store.steps(gate.bench.context.documents, new.id)}
    assert code == "text" or (takes["generate_visual.s2"], takes["generate_visual.s2.take1"]) == (1, 2)
    assert takes["render.take1"] == 1, "of two repairs one is spent"

"""What a revision runs again, with the real functions and engines: what follows from the edit, and nothing else."""

from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import pytest

from common.domain.edits import edits
from common.domain.patch import PlanPatch, merged
from common.domain.pipeline import Outcome, Pipeline, Spec
from common.domain.request import PipelineRequest
from common.engine import control, editing, revision, store
from common.engine.context import Context
from common.engine.invariants import audit
from common.providers.registry import Registry
from functions.catalogue import CATALOGUE
from functions.steps.approve import accepted
from tests.unit.engine.conftest import Bench

SCRIPT = """# Gatos

Los gatos ronronean cuando están contentos, y nadie sabe muy bien cómo empezaron a hacerlo.

Escucha de cerca por la noche, cuando la casa duerme y el gato respira junto a tu almohada.

Cada ronroneo es un pequeño motor que funciona con leche, con sol y con mucha paciencia.
"""
ASSETS = ("generate_visual", "generate_narration", "generate_music", "generate_effects")
REAL = ("analyze", "direct", "budget", "approve", *ASSETS)


class Counted(Registry):
    """Writes down every call of an engine."""

    def __init__(self) -> None:
        super().__init__(lambda _name: None)
        self.calls: list[str] = []

    def engine(self, name: str) -> Any:
        self.calls.append(name)
        return super().engine(name)


@dataclass
class Films:
    """Pipelines whose assets are made for real; a film is what the render step was given."""

    bench: Bench
    registry: Counted

    @property
    def context(self) -> Context:
        return self.bench.context

    def make(self) -> Pipeline:
        request = PipelineRequest(content=SCRIPT, lang="es", duration_sec=25)  # whose voice is a fast one
        pipeline = control.submit(self.context, request, "ann")
        self.bench.drain()
        return self.bench.pipeline(pipeline.id)

    def revise(self, old: Pipeline, **patch: Any) -> Pipeline:
        plan = editing.held(self.context.documents, old.id).plan
        after = merged(plan, PlanPatch.model_validate(patch))
        changes = [change.model_dump(mode="json") for change in edits(plan, after, max_seconds=30)]
        outcome = accepted(after, changes, control.result_of(self.context, old.id, revision.STEP))
        born = revision.revise(self.context, old, outcome, revision_id=self.context.new_id(), budget=None)
        self.registry.calls.clear()
        self.bench.drain()
        return self.bench.pipeline(born.id)

    def ran(self, pipeline: Pipeline) -> set[str]:
        """Runs that made something, instead of finding it made."""
        rows = store.steps(self.context.documents, pipeline.id)
        return {row.key for row in rows for work in row.result.get("work", []) if work["decision"] == "ran"}


@pytest.fixture
def films(bench: Bench) -> Films:
    registry = Counted()
    bench.context = replace(bench.context, catalogue=CATALOGUE, registry=registry)
    bench.handlers = {name: import_module(CATALOGUE[name].module).run for name in REAL}
    bench.handlers["render"] = lambda _: Outcome(complete={"files": {}})
    return Films(bench, registry)


def test_an_edit_of_one_scene_makes_that_scene_again_and_nothing_else(films: Films) -> None:
    first = films.make()
    assert first.status == "completed", first.error
    scenes = [scene.id for scene in editing.held(films.context.documents, first.id).plan.scenes]
    assert len(scenes) >= 3
    made = len(films.registry.calls)
    edited = scenes[1]
    second = films.revise(first, scenes={edited: {"narration": "Escucha por la noche."}})
    assert second.status == "completed"
    # Its voice and its picture, once each; every other picture and voice, the music and the effects are there.
    assert sorted(films.registry.calls) == sorted(["local-voice", "local-visuals"])
    assert made > len(films.registry.calls) * 3
    assert films.ran(second) - {"direct"} == {f"generate_visual.{edited}", f"generate_narration.{edited}"}
    ledger = store.reservations(films.context.documents, second.id)
    assert {row.step_key for row in ledger} == {f"generate_visual.{edited}", f"generate_narration.{edited}"}
    assert {"analyze", "direct", "budget"}.isdisjoint(films.bench.ran[-len(second.parts) + 4 :])
    assert audit(films.context.documents, CATALOGUE, at_rest=True) == []


def test_an_edit_of_the_camera_makes_one_picture_and_an_edit_of_the_music_one_music(films: Films) -> None:
    first = films.make()
    scene = editing.held(films.context.documents, first.id).plan.scenes[0]
    camera = "still" if scene.camera != "still" else "push_in"
    second = films.revise(first, scenes={scene.id: {"camera": camera}})
    assert films.registry.calls == ["local-visuals"]
    films.revise(second, music_style="ambient")
    assert films.registry.calls == ["local-music"]


def test_a_revision_back_to_what_was_costs_nothing_at_all(films: Films) -> None:
    first = films.make()
    scene = editing.held(films.context.documents, first.id).plan.scenes[0]
    second = films.revise(first, scenes={scene.id: {"headline": "Another headline"}})
    third = films.revise(second, scenes={scene.id: {"headline": scene.headline}})
    assert (third.status, third.cost.spent, films.registry.calls) == ("completed", 0, [])


def test_a_scene_more_or_less_makes_its_own_assets_and_what_depends_on_the_length(films: Films) -> None:
    first = films.make()
    plan = editing.held(films.context.documents, first.id).plan
    last = plan.scenes[-1].id
    second = films.revise(first, scenes={last: None})
    ran = films.ran(second) - {"direct"}
    assert "generate_music" in ran
    assert not any(key.startswith("generate_narration") for key in ran)
    assert ran <= {"generate_music", "generate_effects", *(f"generate_visual.{scene.id}" for scene in plan.scenes[-2:])}


def test_a_revision_keeps_a_scene_that_stays_to_the_takes_that_repaired_it(films: Films) -> None:
    before = films.make()
    plan = editing.held(films.context.documents, before.id).plan
    steps = store.steps(films.context.documents, before.id)
    scene = plan.scenes[0].id
    for name in ("generate_visual", "generate_narration"):
        [first] = [step for step in steps if step.key == f"{name}.{scene}"]
        repaired = first.model_copy(update={"key": f"{first.key}.take1", "input": {"scene": scene, "take": 1}})
        spec = Spec(step=name, key=first.key, input={"scene": scene})
        pinned = revision._pinned(spec, [*steps, repaired], plan)
        assert pinned.input["take"] == 1
        assert revision._pinned(spec, steps, plan).input.get("take") is None
        edited = plan.scenes[0].model_copy(update={"narration": "Otra cosa."})
        other = plan.model_copy(update={"scenes": (edited, *plan.scenes[1:])})
        assert revision._pinned(spec, [*steps, repaired], other) == spec


def test_a_revision_renders_scenes_that_stay_with_the_takes_that_repaired_the_film(films: Films) -> None:
    before = films.make()
    plan = editing.held(films.context.documents, before.id).plan
    steps = store.steps(films.context.documents, before.id)
    [row] = [step for step in steps if step.key == "render"]
    first = row.model_copy(update={"result": {"work": [{}]}})
    takes = {plan.scenes[0].id: 1, plan.scenes[1].id: 2, plan.scenes[2].id: 1}
    once = first.model_copy(update={"key": "render.take1", "input": {"take": 1, "scenes": {plan.scenes[1].id: 1}}})
    twice = first.model_copy(update={"key": "render.take2", "input": {"take": 2, "scenes": takes}})
    spec = Spec(step="render", key="render")
    edited = plan.scenes[0].model_copy(update={"narration": "Otra cosa."})
    after = plan.model_copy(update={"scenes": (edited, plan.scenes[1])})
    pinned = revision._pinned(spec, [*steps, twice, once], after)
    assert pinned.input == {"scenes": {plan.scenes[1].id: 2}}, "how often the film was repaired is counted anew"
    assert revision._pinned(spec, [*steps, first], after).input == {"scenes": {}}
    assert revision._pinned(spec, steps, after) == spec

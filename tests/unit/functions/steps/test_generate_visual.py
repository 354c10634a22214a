"""Scenes with paid clips, from the request to the pictures: the real functions and engine, and Runway's protocol."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from common.domain.pipeline import Outcome, Step
from common.domain.plan import Plan
from common.engine import control, production, store
from common.engine.breaker import FAILURES
from common.engine.task import Task
from common.media.composition import Clip, Composition
from common.providers.registry import Registry
from functions.catalogue import CATALOGUE
from functions.steps import approve, generate_visual
from tests.protocol.runway import KEY, Answer, Runway, clip
from tests.unit.engine.conftest import Bench, bench

__all__ = ["bench"]

REAL = ("analyze", "direct", "budget", "approve", "generate_visual")
SCRIPT = "Cats purr when they are happy. Listen closely at night. Every purr is a small engine."


@dataclass
class Film:
    """A pipeline whose pictures are made for real, and everything else for nothing."""

    bench: Bench
    runway: Runway
    id: str = ""

    def start(self, preset: str = "brand_campaign", budget: float | None = None, seconds: int = 12) -> None:
        self.id = self.bench.submit(preset=preset, budget=budget, duration_sec=seconds).id
        self.bench.drain()
        if self.bench.pipeline(self.id).status == "awaiting_approval":
            plan = Plan.model_validate(control.result_of(self.bench.context, self.id, "approve")["plan"])
            control.resume(self.bench.context, self.id, "approve", approve.accepted(plan, ()))
            self.bench.drain()

    def run(self, preset: str = "brand_campaign", budget: float | None = None, seconds: int = 12) -> None:
        self.start(preset, budget, seconds)
        self.go_on()

    def go_on(self) -> None:
        for _ in range(120):
            if self.bench.pipeline(self.id).settled:
                return
            self.bench.clock.advance(8)
            self.bench.drain()
        raise AssertionError(f"never ended: {[step.failure for step in self.visuals.values()]}")

    @property
    def visuals(self) -> dict[str, Step]:
        rows = store.steps(self.bench.context.documents, self.id)
        return {row.key: row for row in rows if row.step == "generate_visual"}

    @property
    def works(self) -> list[dict[str, Any]]:
        return [row.result["work"][0] for row in self.visuals.values()]

    @property
    def notes(self) -> list[str]:
        """What the manifest would say of pictures."""
        facts = self.bench.pipeline(self.id).facts
        said = [note for note in facts["notes"] if note.startswith("visuals")]
        return [*said, *(note for work in self.works for note in work["facts"]["notes"])]

    def compositions(self) -> list[Composition]:
        objects = self.bench.context.objects
        return [Composition.model_validate_json(objects.read(work["files"]["composition.json"])) for work in self.works]

    def money(self) -> tuple[int, int]:
        cost = self.bench.pipeline(self.id).cost
        return cost.spent, cost.reserved

    def paid(self) -> list[int]:
        rows = store.reservations(self.bench.context.documents, self.id)
        return sorted(row.amount for row in rows if row.engine.startswith("runway") and row.state == "settled")


@pytest.fixture
def film(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Film]:
    monkeypatch.setenv("NO_PROXY", "*")
    server = Runway()
    secrets: dict[str, str] = {"runway-api-key": KEY}
    options = {name: {"base": server.base, "timeout": 5} for name in ("runway-fast", "runway-full")}
    bench.context = replace(bench.context, catalogue=CATALOGUE, registry=Registry(secrets.get, options))
    bench.handlers = {step.name: lambda task: Outcome() for step in CATALOGUE.steps()}
    bench.handlers |= {name: import_module(CATALOGUE[name].module).run for name in REAL}
    bench.handlers["render"] = lambda task: Outcome(complete={})
    yield Film(bench, server)
    server.close()


def forget_key(film: Film) -> None:
    film.bench.context = replace(film.bench.context, registry=Registry({}.get))


def test_every_scene_gets_its_clip_which_is_paid_once_and_shown(film: Film) -> None:
    film.run()
    assert film.bench.pipeline(film.id).facts["engines"]["visuals"] == "runway-fast"
    scenes = len(film.works)
    ordered = [task.asked["duration"] for task in film.runway.tasks.values()]
    assert len(ordered) == scenes >= 2
    assert film.paid() == sorted(8_000 * seconds for seconds in ordered)
    assert film.money() == (sum(film.paid()), 0)
    for composition in film.compositions():
        assert isinstance(composition.layers[0], Clip)
        assert composition.written()
        (key,) = composition.objects()
        assert film.bench.context.objects.read(key) in {clip(seconds) for seconds in ordered}
    assert film.notes == []


def test_waiting_for_clips_spends_no_attempt_and_asks_each_time_once(film: Film) -> None:
    film.runway.looks = 9
    film.run()
    assert all(step.attempts == 1 and step.epoch >= 10 for step in film.visuals.values())
    posts = [path for method, path in film.runway.calls if method == "POST"]
    assert len(posts) == len(film.visuals)


def test_equal_scenes_of_another_pipeline_are_reused_for_nothing(film: Film) -> None:
    film.run()
    first, ordered = film.works, len(film.runway.tasks)
    film.run()
    assert [work["artefact"] for work in film.works] == [work["artefact"] for work in first]
    assert len(film.runway.tasks) == ordered
    assert film.money() == (0, 0)


def test_without_a_key_the_free_engine_draws_and_it_is_said(film: Film) -> None:
    forget_key(film)
    film.run()
    assert film.runway.calls == []
    assert all(work["engine"][0] == generate_visual.FREE for work in film.works)
    why = "did not run (no runway-api-key is configured); local-visuals ran instead."
    assert film.notes == [f"visuals: runway-fast {why}", f"visuals: runway-full {why}"]


@pytest.mark.parametrize("key", [True, False])
def test_a_preset_that_asks_for_no_more_than_the_free_engine_gives_is_free_without_a_word(
    film: Film, key: bool
) -> None:
    if not key:
        forget_key(film)
    film.run(preset="quick_social")
    assert (film.runway.calls, film.money(), film.notes) == ([], (0, 0), [])


def test_a_budget_of_nothing_calls_nobody_and_says_so(film: Film) -> None:
    film.run(budget=0)
    assert film.runway.calls == []
    assert film.money() == (0, 0)
    assert "runway-fast did not run (it would cost $0." in film.notes[0]


def test_money_for_one_scene_makes_one_clip_and_each_other_scene_says_why_it_has_none(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The plan is priced with a lower price than the scenes then ask: the cap must hold all the same.
    planned: list[int] = []
    from common.providers.visuals.runway import RunwayFast

    price = RunwayFast.price.__func__

    def cheaper(cls: type[RunwayFast], size: float) -> int:
        full = price(cls, size)
        if planned:
            return int(full)
        planned.append(full)
        return int(full) // 4

    monkeypatch.setattr(RunwayFast, "price", classmethod(cheaper))
    film.run(budget=0.05)
    assert film.money()[0] <= 50_000
    assert film.money()[1] == 0
    filmed = [work for work in film.works if work["engine"][0] == "runway-fast"]
    assert 1 <= len(filmed) < len(film.works)
    assert len(film.notes) == len(film.works) - len(filmed)
    assert all("runway-fast did not run (it would cost $0.0" in note for note in film.notes)


def test_the_presets_price_per_minute_bounds_the_choice(film: Film) -> None:
    film.run(preset="premium_spot", seconds=12)
    plan = Plan.model_validate(control.result_of(film.bench.context, film.id, "approve")["plan"])
    cap = round(1.5 * plan.seconds / 60 * 1_000_000)
    assert film.money()[0] <= cap
    seconds = sum(task.asked["duration"] for task in film.runway.tasks.values())
    full = film.bench.pipeline(film.id).facts["engines"]["visuals"] == "runway-full"
    assert full == (20_000 * seconds <= cap)
    if not full:
        assert "runway-full did not run (it would cost" in film.notes[0]


@pytest.mark.parametrize("code", ["SAFETY.INPUT.TEXT", "SAFETY.OUTPUT.VIDEO", "INTERNAL"])
def test_a_scene_that_is_refused_or_fails_is_drawn_and_it_is_said_of_that_scene_alone(film: Film, code: str) -> None:
    film.runway.ends.append({"status": "FAILED", "code": code})
    film.run()
    (note,) = film.notes
    assert "runway-fast did not run (Runway" in note
    assert note.endswith("local-visuals ran instead.")
    engines = [work["engine"][0] for work in film.works]
    assert engines.count(generate_visual.FREE) == 1
    billed = sum(task.asked["duration"] * 8_000 for task in film.runway.tasks.values() if not task.end)
    failed = next(task for task in film.runway.tasks.values() if task.end)
    extra = failed.asked["duration"] * 8_000 if code == "SAFETY.INPUT.TEXT" else 0
    assert film.money() == (billed + extra, 0)


def test_a_start_without_an_answer_is_counted_and_made_again_under_the_cap(film: Film) -> None:
    film.runway.answers.append(Answer(0, silent=True, made=True))
    film.run()
    assert len(film.runway.tasks) == len(film.works) + 1  # Runway can be asked neither for it nor for the same again
    assert film.notes == []
    assert film.money() == (sum(task.asked["duration"] * 8_000 for task in film.runway.tasks.values()), 0)


def test_a_throttled_start_is_made_later(film: Film) -> None:
    film.runway.answers += [Answer(429, {"retry-after": "20"}, {"error": "slow down"})] * 2
    film.run()
    assert film.notes == []
    assert len(film.runway.tasks) == len(film.works)
    assert film.money() == (sum(film.paid()), 0)


def test_a_clip_that_takes_too_long_is_given_up_counted_and_called_off(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate_visual, "PATIENCE", timedelta(seconds=60))
    film.runway.looks = 1000
    film.run()
    assert all("runway-fast did not finish" in note for note in film.notes)
    assert len(film.notes) == len(film.works)
    assert sorted(film.runway.deleted) == sorted(film.runway.tasks)
    assert film.money() == (sum(task.asked["duration"] * 8_000 for task in film.runway.tasks.values()), 0)


def test_runway_away_is_given_a_rest_and_the_scenes_are_drawn(film: Film) -> None:
    film.runway.answers += [Answer(500)] * 50
    film.run(seconds=60)
    assert len(film.works) > FAILURES
    posts = [path for method, path in film.runway.calls if method == "POST"]
    assert len(posts) < len(film.works) + FAILURES
    assert all("runway-fast did not run" in note for note in film.notes)
    assert film.money() == (0, 0)


def test_a_cancel_stops_every_clip_at_runway(film: Film) -> None:
    film.runway.looks = 1000
    film.start()
    running = set(film.runway.tasks)
    assert running
    control.cancel(film.bench.context, film.id, by="ann")
    assert set(film.runway.deleted) == running
    assert {task.status for task in film.runway.tasks.values()} == {"CANCELLED"}
    assert film.money()[1] == 0


def test_another_take_of_a_scene_is_another_clip(film: Film) -> None:
    def render(task: Task) -> Outcome:
        if int(task.input.get("take", 0)):
            return Outcome(complete={})
        scene = production.plan_of(task).scenes[0].id
        again = [
            approve.Spec(
                step="generate_visual", key=f"generate_visual.{scene}.take1", input={"scene": scene, "take": 1}
            ),
            approve.Spec(
                step="render", key="render.take1", needs=(f"generate_visual.{scene}.take1",), input={"take": 1}
            ),
        ]
        return Outcome(then=tuple(again))

    film.bench.handlers["render"] = render
    film.run()
    seeds = [task.asked["seed"] for task in film.runway.tasks.values()]
    assert len(set(seeds)) == len(seeds) == len(film.works)
    assert json.dumps(film.works[0]["inputs"]) != json.dumps(film.works[-1]["inputs"])

"""Engines that hang, throttle, refuse and bill; money that runs out; keys that change."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from common.domain.money import micros
from common.domain.pipeline import Outcome, Spec
from common.engine import breaker, gateway
from common.engine.gateway import Metered
from common.engine.reservations import NoRoom
from common.engine.task import Task
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.identity import DevelopmentIdentity
from common.platform.embedded.secrets import FolderSecrets
from common.platform.identity import InvalidToken
from common.providers.errors import Throttled
from common.providers.registry import Listing, Registry
from scripts.simulation.scheduler import Process
from tests.faults.stage import Fault, Stage, Wish, calm, crash, dawdle
from tests.unit.engine.conftest import Bench, bench

__all__ = ["bench"]

Make = Callable[..., Stage]

RICH = Wish(budget=1.0)
FREE = calm().meeting("hang")
PAID = calm(RICH.budget).meeting("point:after_intent")
LASTING = ["generate_visual"]  # its engine's work is an operation at the provider, which is found by its key
KEYS = [(True, False), (False, True)]  # a provider that finds operations, and one that honours keys


def bills(world: Stage, step: str) -> int:
    return len([key for _, key in world.book.bills if key.startswith(step)])


@pytest.mark.parametrize("step", PAID)
@pytest.mark.parametrize("keeps", KEYS)
def test_row_04_a_crash_after_the_intent_leads_to_one_call(stage: Make, step: str, keeps: tuple[bool, bool]) -> None:
    world = stage(Fault("point:after_intent", step, crash), wish=RICH)
    world.clips.finds, world.clips.honours_keys = keeps
    world.play()
    assert bills(world, step) == len(calm(RICH.budget).keys[step])


@pytest.mark.parametrize("step", PAID)
@pytest.mark.parametrize("keeps", KEYS)
def test_row_05_a_crash_after_the_call_pays_for_it_once(stage: Make, step: str, keeps: tuple[bool, bool]) -> None:
    world = stage(Fault("point:after_submit", step, crash), wish=RICH)
    world.clips.finds, world.clips.honours_keys = keeps
    world.play()
    # Where a provider knows no keys the lost call is counted, and another one is made.
    assert bills(world, step) == len(calm(RICH.budget).keys[step]) + (step not in LASTING)
    settled = [row.amount for row in world.ledger.values() if row.state == "settled"]
    assert world.pipeline.cost.spent == sum(settled) > 0


@pytest.mark.parametrize("step", FREE)
def test_row_14_a_late_answer_is_waited_for(stage: Make, step: str) -> None:
    assert stage(Fault("hang", step, dawdle(400.0))).play().repeated == {}


@pytest.mark.parametrize("step", PAID)
def test_row_14_a_call_that_never_answers_is_not_made_blindly_again(stage: Make, step: str) -> None:
    def die_waiting(world: Stage, process: Process) -> None:
        world.scheduler.pause(100.0)
        crash(world, process)

    lost = Fault("lose_start" if step in LASTING else "hang", step, None if step in LASTING else die_waiting)
    world = stage(lost, wish=RICH).play()
    assert bills(world, step) == len(calm(RICH.budget).keys[step])


@pytest.mark.parametrize("step", FREE)
def test_row_15_a_busy_engine_is_asked_again_and_costs_no_attempt(stage: Make, step: str) -> None:
    busy = Fault("throttle", step, times=2)
    world = stage(busy).play()
    assert world.repeated == {}
    assert max(run.epoch for run in world.runs(step)) >= 2


class Studio:
    """A paid engine that counts its calls and is as busy as it is told."""

    name, version, quality, paid = "studio", "1", 0.9, True
    calls = 0
    busy = False

    def __init__(self, key: str = "") -> None:
        self.key = key

    @classmethod
    def price(cls, size: float) -> int:
        return micros(0.3)

    def work(self) -> Metered[str]:
        type(self).calls += 1
        if self.busy:
            raise Throttled("busy", retry_after=20.0)
        return Metered(self.key, micros(0.35))


@pytest.fixture
def studio(bench: Bench, tmp_path: Path) -> Bench:
    """A bench whose one paid engine takes its key from the secrets."""
    listings = (Listing("visuals", "studio", f"{__name__}:Studio", secret="studio-key"),)
    bench.context.secrets.add("studio-key", "old")
    bench.context = replace(bench.context, registry=Registry(bench.context.secrets.read, listings=listings))
    Studio.calls, Studio.busy = 0, False
    return bench


def call(task: Task, estimate: float = 0.3) -> str:
    return gateway.call_paid(task, "studio", micros(estimate), lambda engine, _key: engine.work())


def test_row_15_after_failures_in_a_row_a_provider_is_left_alone_until_a_probe_succeeds(studio: Bench) -> None:
    studio.handlers["analyze"] = lambda task: Outcome(complete={"made": call(task)})
    Studio.busy = True
    made = [studio.submit() for _ in range(breaker.FAILURES + 3)]
    studio.drain()
    assert Studio.calls == breaker.FAILURES
    studio.clock.advance(breaker.COOL_DOWN.total_seconds() + 10)
    Studio.busy = False
    for _ in range(20):
        studio.drain()
        studio.clock.advance(60)
    assert {studio.pipeline(one.id).status for one in made} == {"completed"}
    assert {studio.step(one.id, "analyze").attempts for one in made} == {1}
    assert Studio.calls == breaker.FAILURES + len(made)


@pytest.mark.parametrize("step", FREE)
def test_row_16_what_is_refused_for_good_is_not_asked_again(stage: Make, step: str) -> None:
    optional = step in calm().optional
    refused = Fault("decline", step, times=99)
    world = stage(refused).play("completed" if optional else "failed")
    assert world.repeated == {}
    assert len(refused.met) == len({*refused.met})
    reason = world.pipeline.facts["lost"][0]["reason"] if optional else world.pipeline.error.detail  # type: ignore[union-attr]
    assert "does not make this" in reason


def test_row_17_what_the_budget_does_not_allow_is_made_by_a_free_engine(stage: Make) -> None:
    world = stage(wish=Wish(budget=0.001)).play()
    assert world.book.bills == {}
    assert any("budget" in note for note in world.pipeline.facts["notes"])


@pytest.mark.parametrize("step", PAID)
def test_row_17_a_higher_price_than_estimated_is_recorded(stage: Make, step: str) -> None:
    world = stage(Fault("overcharge", step, times=9), wish=RICH).play()
    assert any(bill.amount > row.estimate for row, bill in world.billed())


def test_row_17_parts_in_parallel_never_reserve_more_than_the_cap(studio: Bench) -> None:
    """Eight parts at once want 0.30 each under a cap of 1.00; each call costs 0.35 in the end."""
    together = threading.Barrier(8, timeout=20)
    over: list[int] = []

    def part(task: Task) -> Outcome:
        together.wait()
        try:
            call(task)
        except NoRoom:
            return Outcome(result={"made": False})
        cost = studio.pipeline(task.pipeline.id).cost
        over.append(cost.reserved - micros(1.0))
        return Outcome(result={"made": True})

    parts = tuple(Spec(step="part", key=f"part.{number}") for number in range(8))
    joined = Spec(step="join", key="join", needs=tuple(spec.key for spec in parts))
    studio.handlers |= {
        "analyze": lambda task: Outcome(then=(*parts, joined)),
        "part": part,
        "join": lambda task: Outcome(
            complete={"made": sum(result["made"] for result in task.results("part").values())}
        ),
    }
    made = studio.submit(budget=1.0)
    studio.messages.dispatcher.run_one()
    threads = [threading.Thread(target=studio.tasks.dispatcher.run_one) for _ in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    studio.drain()
    ended = studio.pipeline(made.id)
    assert ended.result == {"made": Studio.calls}
    assert Studio.calls <= 3
    assert max(over) <= 0
    assert ended.cost.spent == Studio.calls * micros(0.35)


def test_row_27_a_key_that_is_rotated_mid_run_counts_from_the_next_call_on(studio: Bench) -> None:
    def rotate(task: Task) -> Outcome:
        first = call(task)
        new = task.context.secrets.add("studio-key", "new")
        second = call(task)
        task.context.secrets.disable("studio-key", str(int(new) - 1))
        return Outcome(complete={"keys": [first, second, call(task)]})

    studio.handlers["analyze"] = rotate
    made = studio.submit()
    studio.drain()
    assert studio.pipeline(made.id).result == {"keys": ["old", "new", "new"]}


def test_row_27_tokens_of_both_signing_secrets_hold_until_the_old_one_is_disabled(tmp_path: Path) -> None:
    secrets = FolderSecrets(tmp_path)
    identity = DevelopmentIdentity(secrets, VirtualClock())
    before = identity.issue("ann", "user")
    [name] = [path.name for path in tmp_path.iterdir() if secrets.versions(path.name)]
    secrets.add(name, "another signing secret, which is long enough")
    after = identity.issue("ann", "user")
    assert identity.verify(before).id == identity.verify(after).id == "ann"
    secrets.disable(name, "1")
    assert identity.verify(after).id == "ann"
    with pytest.raises(InvalidToken):
        identity.verify(before)

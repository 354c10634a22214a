from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from common.domain.pipeline import Outcome
from common.engine import worker
from common.engine.task import StepFailed, Task
from common.providers.errors import ProviderUnavailable, Refused, Throttled
from common.providers.planner.local import LocalPlanner
from common.providers.planner.port import Brief
from common.providers.registry import Listing, Registry
from functions.steps import direct
from tests.unit.engine.conftest import Bench, bench

__all__ = ["bench"]

PAID = "paid-planner"


@dataclass
class Written:
    plan: Any
    micros: int = 700
    tokens_in: int = 2
    tokens_out: int = 1


class PaidPlanner:
    """Writes what the local planner writes, or does what the test wants."""

    name, version, quality, paid = PAID, "1", 0.9, True
    fails: Exception | None = None

    def __init__(self, key: str) -> None:
        pass

    @classmethod
    def price(cls, size: float) -> int:
        return 1000

    def metered(self, brief: Brief) -> Written:
        if PaidPlanner.fails:
            raise PaidPlanner.fails
        return Written(LocalPlanner().direct(brief).model_copy(update={"planner": PAID}))


LISTINGS = (
    Listing("planner", PAID, f"{__name__}:PaidPlanner", secret="the-key"),
    Listing("planner", direct.FREE, "common.providers.planner.local:LocalPlanner"),
)


@pytest.fixture
def run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Run the step once as a pipeline of its own; `fails` is what the paid planner raises."""
    bench.context = replace(bench.context, registry=Registry(lambda name: "secret", listings=LISTINGS))

    def go(fails: Exception | None = None, *, waited: float = 0) -> Outcome:
        monkeypatch.setattr(PaidPlanner, "fails", fails)
        made = bench.submit(title="Tea", duration_sec=5)
        task = worker._claim(bench.context, made.id, "analyze", "host-1/a")
        assert isinstance(task, Task)
        task.pipeline = task.pipeline.model_copy(update={"facts": {"track": "fast"}})
        bench.clock.advance(waited)
        outcome = direct.run(task)
        assert worker.finish(task, outcome.model_copy(update={"then": (), "complete": {}}))
        cost = bench.pipeline(made.id).cost
        assert (cost.spent, cost.reserved) == (sum(charge.amount for charge in task.charges) + spent(fails), 0)
        return outcome

    return go


def spent(error: Exception | None) -> int:
    return getattr(error, "spent", 0)


def test_the_free_planner_writes_where_the_paid_one_is_away_and_it_is_said_every_time(
    run: Callable[..., Outcome],
) -> None:
    for _ in range(2):
        outcome = run(ProviderUnavailable("it is away", 40))
        assert outcome.facts["planner"] != PAID
        assert outcome.facts["notes"] == [f"plan: {PAID} did not run (it is away); {direct.FREE} ran instead."]


def test_a_lesser_plan_does_not_stand_for_the_better_one(run: Callable[..., Outcome]) -> None:
    run(ProviderUnavailable("it is away"))
    outcome = run()
    assert (outcome.facts["planner"], outcome.facts["notes"]) == (PAID, [])
    assert outcome.result["work"][0]["decision"] == "ran"
    assert run(ProviderUnavailable("it is away again")).facts["planner"] == PAID


def test_a_busy_planner_is_waited_for_but_not_for_ever(run: Callable[..., Outcome]) -> None:
    with pytest.raises(Throttled):
        run(Throttled("it is busy", retry_after=5))
    assert "it is busy" in run(Throttled("it is busy", retry_after=5), waited=130).facts["notes"][0]
    assert "it is busy" in run(Throttled("it is busy", retry_after=3600)).facts["notes"][0]


def test_a_refusal_is_final(run: Callable[..., Outcome]) -> None:
    with pytest.raises(StepFailed, match="Not this"):
        run(Refused("Not this."))

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from common.domain.pipeline import Outcome
from common.engine import control, gateway, reservations, store, worker
from common.engine.gateway import Metered
from common.engine.reservations import NoRoom
from common.engine.task import Cancelled, Task
from common.platform.documents import Unavailable
from common.providers.errors import ProviderError, ProviderUnavailable, Refused, Throttled, Unanswered
from common.providers.registry import Listing, Registry
from tests.unit.engine.conftest import Bench


class Free:
    name, version, quality, paid = "free", "1", 0.5, False


class Paid:
    name, version, quality, paid = "paid", "2", 0.9, True
    calls: list[str]

    def __init__(self, key: str) -> None:
        assert key == "secret"
        self.calls = []

    @classmethod
    def price(cls, size: float) -> int:
        return int(1000 * size)

    def work(self, key: str, amount: int = 700) -> Metered[str]:
        self.calls.append(key)
        return Metered("made", amount, quantity=3, unit="tokens")


LISTINGS = (
    Listing("planner", "paid", f"{__name__}:Paid", secret="the-key"),
    Listing("planner", "free", f"{__name__}:Free"),
)


@pytest.fixture
def paid(bench: Bench) -> Bench:
    registry = Registry(lambda name: "secret" if name == "the-key" else None, listings=LISTINGS)
    bench.context = replace(bench.context, registry=registry)
    return bench


def task_of(bench: Bench, budget: float | None = 0.01) -> Task:
    made = bench.submit(budget=budget)
    task = worker._claim(bench.context, made.id, "analyze", "host-1/a")
    assert isinstance(task, Task)
    return task


def use(amount: int = 700) -> Callable[[Any, str], Metered[str]]:
    return lambda engine, key: engine.work(key, amount)


def test_the_better_engine_is_picked_where_money_and_key_allow(paid: Bench) -> None:
    choice = gateway.pick(task_of(paid), "planner", "plan", floor=0.8, size=2)
    assert (choice.engine, choice.estimate, choice.notes) == ("paid", 2000, ())


def test_a_budget_of_nothing_refuses_the_paid_engine_and_says_what_ran_instead(paid: Bench) -> None:
    choice = gateway.pick(task_of(paid, budget=0), "planner", "plan", floor=0.8)
    assert choice.engine == "free"
    assert (
        "paid did not run (it would cost $0.0010, and the budget leaves $0.0000); free ran instead" in choice.notes[0]
    )


def test_a_paid_call_is_reserved_before_and_settled_with_the_outcome(paid: Bench) -> None:
    task = task_of(paid)

    def look(engine: Paid, key: str) -> Metered[str]:
        cost = paid.pipeline(task.pipeline.id).cost
        assert (cost.spent, cost.reserved) == (0, 1000)
        states = [row.state for row in store.reservations(paid.context.documents, task.pipeline.id)]
        assert states == ["submitted"]
        return engine.work(key)

    assert gateway.call_paid(task, "paid", 1000, look) == "made"
    assert worker.finish(task, Outcome(complete={}))
    cost = paid.pipeline(task.pipeline.id).cost
    assert (cost.spent, cost.reserved) == (700, 0)
    (row,) = store.reservations(paid.context.documents, task.pipeline.id)
    assert (row.state, row.amount, row.unit) == ("settled", 700, "tokens")


def test_the_cap_is_never_crossed(paid: Bench) -> None:
    task = task_of(paid, budget=0.0015)
    gateway.call_paid(task, "paid", 1000, use(1000))
    with pytest.raises(NoRoom, match=r"the budget leaves \$0.0005"):
        gateway.call_paid(task, "paid", 1000, use())


def test_a_step_may_pay_for_several_calls(paid: Bench) -> None:
    task = task_of(paid)
    for amount in (700, 300):
        gateway.call_paid(task, "paid", 1000, use(amount))
    assert worker.finish(task, Outcome(complete={}))
    cost = paid.pipeline(task.pipeline.id).cost
    assert (cost.spent, cost.reserved) == (1000, 0)
    assert len(set(paid.context.registry.engine("paid").calls)) == 2


@pytest.mark.parametrize(("spent", "state"), [(0, "released"), (150, "settled")])
@pytest.mark.parametrize("error", [ProviderUnavailable, Refused, lambda text, cost: Throttled(text, 1.0, cost)])
def test_a_call_that_fails_costs_what_its_error_says(paid: Bench, error: Any, spent: int, state: str) -> None:
    task = task_of(paid)

    def fail(engine: Paid, key: str) -> Metered[str]:
        raise error("no", spent)

    with pytest.raises(ProviderError):
        gateway.call_paid(task, "paid", 1000, fail)
    cost = paid.pipeline(task.pipeline.id).cost
    assert (cost.spent, cost.reserved) == (spent, 0)
    assert worker.finish(task, Outcome(complete={}))
    cost = paid.pipeline(task.pipeline.id).cost
    assert (cost.spent, cost.reserved) == (spent, 0)
    (row,) = store.reservations(paid.context.documents, task.pipeline.id)
    assert (row.state, row.amount) == (state, spent)


@pytest.mark.parametrize("error", [RuntimeError("no idea"), Unanswered("no answer in 60 s")])
def test_a_call_that_broke_off_is_closed_when_its_step_ends_without_another(paid: Bench, error: Exception) -> None:
    task = task_of(paid)

    def break_off(engine: Paid, key: str) -> Metered[str]:
        raise error

    with pytest.raises(type(error)):
        gateway.call_paid(task, "paid", 1000, break_off)
    assert worker.finish(task, Outcome(complete={}))
    cost = paid.pipeline(task.pipeline.id).cost
    assert (cost.spent, cost.reserved) == (1000, 0)


def test_a_cancel_between_the_reservation_and_the_call_prevents_the_call(
    paid: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = task_of(paid)
    reserve = reservations.reserve

    def cancelled_meanwhile(*arguments: Any) -> Any:
        row = reserve(*arguments)
        control.cancel(paid.context, task.pipeline.id, by="ann")
        return row

    monkeypatch.setattr(reservations, "reserve", cancelled_meanwhile)
    with pytest.raises(Cancelled):
        gateway.call_paid(task, "paid", 1000, use())
    cost = paid.pipeline(task.pipeline.id).cost
    assert (cost.spent, cost.reserved) == (0, 0)
    (row,) = store.reservations(paid.context.documents, task.pipeline.id)
    assert row.state == "released"


def test_a_submission_that_a_cancel_overlooked_makes_the_cancel_look_again(
    paid: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = task_of(paid)
    row = reservations.reserve(task, "analyze.paid.1.0", "paid", "2", 1000)
    read = store.reservations
    submitted: list[bool] = []

    def slow(*arguments: Any) -> Any:
        rows = read(*arguments)
        if not submitted:
            submitted.append(True)
            reservations.write(task, row.model_copy(update={"state": "submitted"}))
        return rows

    monkeypatch.setattr(store, "reservations", slow)
    control.cancel(paid.context, task.pipeline.id, by="ann")
    cost = paid.pipeline(task.pipeline.id).cost
    assert (cost.spent, cost.reserved) == (1000, 0)


def test_lost_answers_of_the_store_count_nothing_twice(paid: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    task = task_of(paid)
    documents = paid.context.documents
    commit = documents.commit
    lost = iter([True, False] * 50)

    def forgetful(writes: Any) -> None:
        commit(writes)
        if next(lost):
            raise Unavailable("the answer was lost")

    monkeypatch.setattr(documents, "commit", forgetful)

    def fail(engine: Paid, key: str) -> Metered[str]:
        raise ProviderUnavailable("no", 150)

    with pytest.raises(ProviderUnavailable):
        gateway.call_paid(task, "paid", 1000, fail)
    gateway.call_paid(task, "paid", 1000, use())
    worker.finish(task, Outcome(complete={}))
    cost = paid.pipeline(task.pipeline.id).cost
    assert (cost.spent, cost.reserved) == (850, 0)


def test_a_call_whose_answer_was_lost_counts_at_its_estimate(paid: Bench) -> None:
    task = task_of(paid)

    def crash(engine: Paid, key: str) -> Metered[str]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gateway.call_paid(task, "paid", 1000, crash)
    paid.clock.advance(600)
    again = worker._claim(paid.context, task.pipeline.id, "analyze", "host-1/b")
    assert isinstance(again, Task)
    gateway.call_paid(again, "paid", 1000, use())
    worker.finish(again, Outcome(complete={}))
    cost = paid.pipeline(task.pipeline.id).cost
    assert (cost.spent, cost.reserved) == (1700, 0)
    rows = store.reservations(paid.context.documents, task.pipeline.id)
    assert sorted((row.state, row.amount) for row in rows) == [("settled", 700), ("settled", 1000)]
    assert len(paid.context.registry.engine("paid").calls) == 1


def test_a_failed_pipeline_frees_its_reservations(paid: Bench) -> None:
    task = task_of(paid)
    gateway.call_paid(task, "paid", 1000, use())
    from common.domain.pipeline import Failure

    worker.fail(paid.context, task.pipeline.id, "analyze", Failure(code="broken", detail="x"), 1)
    cost = paid.pipeline(task.pipeline.id).cost
    assert (cost.spent, cost.reserved) == (1000, 0)


def test_a_paid_engine_cannot_be_called_for_free(paid: Bench) -> None:
    with pytest.raises(ValueError, match="paid engine"):
        gateway.call(task_of(paid), "paid", lambda engine: engine.work("k"))


def test_a_free_call_leaves_a_ledger_row(paid: Bench) -> None:
    task = task_of(paid)
    assert gateway.call(task, "free", lambda engine: engine.name) == "free"
    worker.finish(task, Outcome(complete={}))
    (row,) = store.reservations(paid.context.documents, task.pipeline.id)
    assert (row.engine, row.state, row.amount) == ("free", "settled", 0)


def test_an_engine_may_be_called_several_times_by_one_step(paid: Bench) -> None:
    task = task_of(paid)
    for _ in range(2):
        gateway.call(task, "free", lambda engine: engine.name)
    worker.finish(task, Outcome(complete={}))
    assert len(store.reservations(paid.context.documents, task.pipeline.id)) == 2

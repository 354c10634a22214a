"""Paid work that goes on at a provider: started once per key, whatever dies, and paid once."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.domain.pipeline import Failure, Outcome, Spec
from common.engine import control, gateway, heartbeat, operations, store, worker
from common.engine.failpoints import FailPoints
from common.engine.gateway import Metered
from common.engine.operations import call_operation
from common.engine.records import Change
from common.engine.reservations import NoRoom
from common.engine.task import Cancelled, LeaseLost, Task, Waiting
from common.platform.documents import Unavailable
from common.platform.jobs import JobsUnavailable
from common.providers.errors import ProviderError, ProviderUnavailable, Refused, Throttled, Unanswered
from common.providers.operation import Failed, Running
from common.providers.registry import Listing, Registry
from tests.unit.engine.conftest import Bench
from tests.unit.engine.providers import Crash, Studio

HOME = "tests.unit.engine.providers"
LISTINGS = (
    Listing("visuals", "studio", f"{HOME}:Studio", secret="the-key"),
    Listing("visuals", "keyed", f"{HOME}:Keyed"),
    Listing("visuals", "forgetful", f"{HOME}:Forgetful"),
)
ENGINES = [listing.name for listing in LISTINGS]


@pytest.fixture
def paid(bench: Bench) -> Bench:
    bench.context = replace(bench.context, registry=Registry(lambda name: "secret", listings=LISTINGS))
    return bench


def provider(bench: Bench, name: str = "studio") -> Studio:
    found: Studio = bench.context.registry.engine(name)
    return found


def task_of(bench: Bench, budget: float | None = 0.01) -> Task:
    return claim(bench, bench.submit(budget=budget).id)


def claim(bench: Bench, pipeline_id: str) -> Task:
    """The next attempt, once the lease of the one before it has run out; there are always some left."""
    bench.clock.advance(61)
    found = store.read(bench.context.documents, pipeline_id, "analyze")
    assert found.step is not None
    fresh = found.step.model_copy(update={"attempts": 0, "deadline": found.now + timedelta(hours=1)})
    store.commit(bench.context.documents, found, Change(steps=(fresh,)))
    task = worker._claim(bench.context, pipeline_id, "analyze", f"host-1/{bench.context.new_id()}")
    assert isinstance(task, Task)
    return task


def run(task: Task, name: str = "studio", estimate: int = 1000) -> Any:
    return call_operation(task, name, estimate, lambda engine, key: engine.start(key))


def rows(bench: Bench, task: Task) -> list[tuple[str, int, str]]:
    found = store.reservations(bench.context.documents, task.pipeline.id)
    return [(row.state, row.amount, row.operation) for row in sorted(found, key=lambda row: row.key)]


def money(bench: Bench, task: Task) -> tuple[int, int]:
    cost = bench.pipeline(task.pipeline.id).cost
    return cost.spent, cost.reserved


def test_an_operation_is_started_once_looked_at_until_it_is_over_and_settled_with_the_outcome(paid: Bench) -> None:
    task = task_of(paid)
    with pytest.raises(Waiting) as waiting:
        run(task)
    assert waiting.value.retry_after == 5.0
    assert rows(paid, task) == [("submitted", 0, "op-0")]
    assert money(paid, task) == (0, 1000)
    provider(paid).finish()
    again = claim(paid, task.pipeline.id)
    key = f"{task.pipeline.id}.analyze.studio.call0.0"
    assert run(again) == f"made for {key}"
    assert worker.finish(again, Outcome(complete={}))
    assert provider(paid).starts == [key]
    assert money(paid, task) == (700, 0)
    (row,) = store.reservations(paid.context.documents, task.pipeline.id)
    assert (row.state, row.amount, row.unit, row.quantity, row.operation) == ("settled", 700, "seconds", 5, "op-0")
    assert not provider(paid).operations["op-0"].cancelled


def test_the_intent_is_committed_before_the_start_and_the_operation_before_the_first_look(paid: Bench) -> None:
    task = task_of(paid)
    engine = provider(paid)
    engine.before = lambda: seen.append(rows(paid, task))
    seen: list[Any] = []
    engine.poll = lambda name: seen.append(rows(paid, task)) or Running(1)  # type: ignore[func-returns-value, method-assign]
    with pytest.raises(Waiting):
        run(task)
    assert seen == [[("submitted", 0, "")], [("submitted", 0, "op-0")]]


@pytest.mark.parametrize("crash", [None, "before_start"])
def test_a_start_has_a_whole_lease_before_it_so_that_no_other_attempt_begins_meanwhile(
    paid: Bench, crash: str | None
) -> None:
    """Also the one that repeats a start of which nothing came. No heartbeat beats here."""
    task = task_of(paid)
    if crash:
        crash_at(paid, crash, "studio")
        with pytest.raises(Crash):
            run(task)
        task = claim(paid, task.pipeline.id)
    left: list[timedelta] = []

    def measure() -> None:
        found = store.read(paid.context.documents, task.pipeline.id, "analyze")
        assert found.step is not None
        assert found.step.lease_until is not None
        left.append(found.step.lease_until - found.now)

    provider(paid).before = measure
    paid.clock.advance(40)
    with pytest.raises(Waiting):
        run(task)
    assert left == [paid.context.catalogue.rules("analyze").lease]


def test_a_running_operation_puts_its_step_off_without_spending_an_attempt(paid: Bench) -> None:
    def handler(task: Task) -> Outcome:
        return Outcome(complete={"answer": run(task)})

    paid.handlers["analyze"] = handler
    made = paid.submit(budget=1)
    for _ in range(9):
        paid.drain()
        step = paid.step(made.id, "analyze")
        assert (step.state, step.attempts) == ("ready", 0)
        assert step.not_before is not None
        assert 5.0 <= (step.not_before - paid.clock.now()).total_seconds() <= 6.0
        paid.clock.advance(7)
    provider(paid).finish()
    paid.drain()
    assert paid.pipeline(made.id).status == "completed"
    assert len(provider(paid).starts) == 1


def test_an_operation_without_an_end_is_given_up_at_the_deadline_and_called_off(paid: Bench) -> None:
    paid.handlers["analyze"] = lambda task: Outcome(complete={"answer": run(task)})
    made = paid.submit(budget=1)
    for _ in range(110):
        paid.drain()
        paid.clock.advance(7)
    pipeline = paid.pipeline(made.id)
    assert pipeline.error is not None
    assert (pipeline.status, pipeline.error.code) == ("failed", "deadline_exceeded")
    assert (pipeline.cost.spent, pipeline.cost.reserved) == (1000, 0)
    assert [operation.cancelled for operation in provider(paid).operations.values()] == [True]


class Dies(FailPoints):
    """Crashes the attempt at a point, once."""

    def __init__(self, point: str) -> None:
        super().__init__()
        self.waits_for = point

    def reach(self, point: str, step: str) -> None:
        if point == self.waits_for:
            self.waits_for = ""
            raise Crash


def crash_at(bench: Bench, point: str, name: str) -> None:
    """Arrange for the next attempt to die at a point of its call."""

    def die() -> None:
        engine.before = engine.after = lambda: None
        raise Crash

    engine = provider(bench, name)
    if point == "before_start":
        engine.before = die
    elif point == "before_answer":
        engine.after = die
    elif point == "before_look":
        poll = engine.poll

        def blind(operation: str) -> Any:
            engine.poll = poll  # type: ignore[method-assign]
            raise Crash

        engine.poll = blind  # type: ignore[method-assign]
    else:
        bench.context = replace(bench.context, failpoints=Dies(point))


# What the provider started, and what is counted, after a crash at each point; 1000 is the estimate, 700 the price.
CRASHES = [
    ("after_intent", "studio", 1, 700),
    ("before_start", "studio", 1, 700),
    ("before_answer", "studio", 1, 700),
    ("after_submit", "studio", 1, 700),
    ("before_look", "studio", 1, 700),
    ("after_intent", "keyed", 1, 700),
    ("before_start", "keyed", 1, 700),
    ("before_answer", "keyed", 1, 700),
    ("after_submit", "keyed", 1, 700),
    ("before_look", "keyed", 1, 700),
    ("after_intent", "forgetful", 1, 1700),
    ("before_start", "forgetful", 1, 1700),
    ("before_answer", "forgetful", 2, 1700),
    ("after_submit", "forgetful", 2, 1700),
    ("before_look", "forgetful", 1, 700),
]


@pytest.mark.parametrize(("point", "name", "started", "spent"), CRASHES)
def test_a_crash_at_any_point_starts_nothing_twice_where_the_provider_can_tell(
    paid: Bench, point: str, name: str, started: int, spent: int
) -> None:
    task = task_of(paid)
    crash_at(paid, point, name)
    doomed = Task(paid.context, task.pipeline, task.step)
    with pytest.raises(Crash):
        run(doomed, name)
    again = claim(paid, task.pipeline.id)
    with pytest.raises(Waiting):
        run(again, name)
    provider(paid, name).finish()
    last = claim(paid, task.pipeline.id)
    run(last, name)
    assert worker.finish(last, Outcome(complete={}))
    assert len(provider(paid, name).operations) == started
    assert money(paid, task) == (spent, 0)
    assert {state for state, _, _ in rows(paid, task)} == {"settled"}


def test_a_lost_call_and_another_one_are_never_over_the_cap(paid: Bench) -> None:
    task = task_of(paid, budget=0.0015)
    crash_at(paid, "before_answer", "forgetful")
    with pytest.raises(Crash):
        run(task, "forgetful")
    again = claim(paid, task.pipeline.id)
    with pytest.raises(NoRoom, match=r"the budget leaves \$0.0005"):
        run(again, "forgetful")
    worker.finish(again, Outcome(complete={}))
    assert money(paid, task) == (1000, 0)
    assert len(provider(paid, "forgetful").starts) == 1


@pytest.mark.parametrize(("name", "starts"), [("studio", 1), ("keyed", 2), ("forgetful", 2)])
def test_no_answer_to_a_start_is_looked_up_and_never_sent_again_blindly(paid: Bench, name: str, starts: int) -> None:
    task = task_of(paid)

    def hang() -> None:
        provider(paid, name).after = lambda: None
        raise Unanswered("no answer in 60 s")

    provider(paid, name).after = hang
    with pytest.raises(Unanswered):
        run(task, name)
    assert rows(paid, task) == [("submitted", 0, "")]
    again = claim(paid, task.pipeline.id)
    with pytest.raises(Waiting):
        run(again, name)
    engine = provider(paid, name)
    assert len(engine.starts) == starts
    assert len(set(engine.starts)) == (2 if name == "forgetful" else 1)  # another call has another key
    assert len(engine.operations) == (2 if name == "forgetful" else 1)


@pytest.mark.parametrize("silence", [ProviderUnavailable("away"), Throttled("busy", 40.0), Unanswered("hung")])
def test_a_silent_provider_is_no_reason_to_give_an_operation_up(paid: Bench, silence: ProviderError) -> None:
    task = task_of(paid)
    crash_at(paid, "after_submit", "studio")
    with pytest.raises(Crash):
        run(Task(paid.context, task.pipeline, task.step))
    provider(paid).silent = silence
    for _ in range(2):  # it is neither to be looked up nor, later, to be polled
        with pytest.raises(Waiting) as waiting:
            run(claim(paid, task.pipeline.id))
        assert waiting.value.retry_after == (40.0 if isinstance(silence, Throttled) else operations.LOOK_AGAIN)
    provider(paid).silent = None
    provider(paid).finish()
    assert run(claim(paid, task.pipeline.id))
    assert len(provider(paid).starts) == 1


@pytest.mark.parametrize(("spent", "state"), [(0, "released"), (150, "settled")])
@pytest.mark.parametrize("error", [ProviderUnavailable, Refused, lambda text, cost: Throttled(text, 1.0, cost)])
def test_a_start_that_is_refused_costs_what_its_error_says_and_may_be_made_anew(
    paid: Bench, error: Any, spent: int, state: str
) -> None:
    task = task_of(paid)

    def refuse() -> None:
        provider(paid).before = lambda: None
        raise error("no", spent)

    provider(paid).before = refuse
    with pytest.raises(ProviderError):
        run(task)
    assert rows(paid, task) == [(state, spent, "")]
    with pytest.raises(Waiting):
        run(claim(paid, task.pipeline.id))
    assert [key.rsplit(".", 1)[1] for key in provider(paid).starts] == ["0", "1"]
    assert money(paid, task) == (spent, 1000)


@pytest.mark.parametrize("error", [ProviderUnavailable("no"), Refused("no"), Throttled("no", 1.0)])
def test_a_repeated_start_that_is_refused_says_nothing_of_the_first(paid: Bench, error: ProviderError) -> None:
    task = task_of(paid)
    crash_at(paid, "before_answer", "keyed")
    with pytest.raises(Crash):
        run(task, "keyed")
    engine = provider(paid, "keyed")
    engine.after, engine.before = lambda: None, raising(error)
    again = claim(paid, task.pipeline.id)
    with pytest.raises(type(error)):
        run(again, "keyed")
    assert rows(paid, task) == [("submitted", 0, "")]
    engine.before = lambda: None
    with pytest.raises(Waiting):
        run(claim(paid, task.pipeline.id), "keyed")
    assert len(engine.operations) == len(set(engine.starts)) == 1


def test_an_operation_that_failed_costs_what_its_error_says(paid: Bench) -> None:
    task = task_of(paid)
    with pytest.raises(Waiting):
        run(task)
    provider(paid).operations["op-0"].state = Failed(Refused("not this", 300))
    again = claim(paid, task.pipeline.id)
    with pytest.raises(Refused, match="not this"):
        run(again)
    assert rows(paid, task) == [("settled", 300, "op-0")]
    worker.finish(again, Outcome(complete={}))
    assert money(paid, task) == (300, 0)


def test_a_price_above_the_estimate_is_recorded_and_the_next_reservation_refused(paid: Bench) -> None:
    task = task_of(paid, budget=0.0025)
    with pytest.raises(Waiting):
        run(task)
    provider(paid).finish(2000)
    again = claim(paid, task.pipeline.id)
    run(again)
    with pytest.raises(Waiting):
        run(again)  # 1000 reserved twice: as far as is known, both fit
    provider(paid).finish(2000)
    last = claim(paid, task.pipeline.id)
    for _ in range(2):
        run(last)
    assert worker.finish(last, Outcome(then=(Spec(step="part", key="part.0"),)))
    assert money(paid, task) == (4000, 0)
    following = worker._claim(paid.context, task.pipeline.id, "part.0", "host-1/b")
    assert isinstance(following, Task)
    with pytest.raises(NoRoom, match=r"the budget leaves \$-0.0015"):
        run(following)


def test_several_operations_of_a_step_have_a_key_each_in_every_attempt(paid: Bench) -> None:
    def both(task: Task) -> list[str]:
        return [run(task), run(task)]

    task = task_of(paid)
    for _ in range(2):
        with pytest.raises(Waiting):
            both(claim(paid, task.pipeline.id))
        provider(paid).finish()
    assert len(set(both(claim(paid, task.pipeline.id)))) == 2
    assert len(provider(paid).starts) == 2


def test_a_superseded_attempt_reserves_and_records_nothing(paid: Bench) -> None:
    zombie = task_of(paid)
    rival = claim(paid, zombie.pipeline.id)
    with pytest.raises(LeaseLost):
        run(zombie)
    assert rows(paid, zombie) == []
    assert provider(paid).starts == []
    with pytest.raises(Waiting):
        run(rival)


@pytest.mark.parametrize(("name", "left"), [("studio", [False]), ("keyed", [False]), ("forgetful", [True, False])])
def test_an_attempt_overtaken_while_it_starts_leaves_one_operation_to_its_rival(
    paid: Bench, name: str, left: list[bool]
) -> None:
    zombie = task_of(paid)
    rivals: list[Task] = []

    def overtake() -> None:
        engine.after = lambda: None
        rivals.append(claim(paid, zombie.pipeline.id))
        with pytest.raises(Waiting):
            run(rivals[0], name)

    engine = provider(paid, name)
    engine.after = overtake
    with pytest.raises(LeaseLost):
        run(zombie, name)
    assert [operation.cancelled for operation in engine.operations.values()] == left
    engine.finish()
    run(claim(paid, zombie.pipeline.id), name)


def test_a_rival_that_claims_between_the_look_and_the_reservation_prevents_the_reservation(
    paid: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    zombie = task_of(paid)
    read = store.reservations
    reads: list[int] = []

    def slow(*arguments: Any) -> Any:
        found = read(*arguments)
        reads.append(len(found))
        if len(reads) == 2:  # the first is the look, the second what the reservation is decided on
            claim(paid, zombie.pipeline.id)
        return found

    monkeypatch.setattr(store, "reservations", slow)
    with pytest.raises(LeaseLost):
        run(zombie)
    assert reads == [0, 0]
    assert (rows(paid, zombie), provider(paid).starts) == ([], [])


def test_an_attempt_that_slept_through_its_lease_does_not_take_its_successors_row_for_its_own(
    paid: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    zombie = task_of(paid)
    read = store.reservations
    reads: list[int] = []

    def slow(*arguments: Any) -> Any:
        reads.append(0)
        if len(reads) == 2:  # what the reservation is decided on is read only when the successor has started
            with pytest.raises(Waiting):
                run(claim(paid, zombie.pipeline.id))
        return read(*arguments)

    monkeypatch.setattr(store, "reservations", slow)
    with pytest.raises(LeaseLost):
        run(zombie)
    assert len(provider(paid).starts) == 1


def test_a_cancel_that_is_known_before_the_start_prevents_it(paid: Bench) -> None:
    task = task_of(paid)

    class Cancels(FailPoints):
        def reach(self, point: str, step: str) -> None:
            if point == "after_intent":
                control.cancel(paid.context, task.pipeline.id, by="ann")
                heartbeat.beat(task)

    task.context = replace(paid.context, failpoints=Cancels())
    with pytest.raises(Cancelled):
        run(task)
    assert provider(paid).starts == []


def test_another_paid_call_of_the_step_leaves_a_running_operation_alone(paid: Bench) -> None:
    def both(task: Task) -> Any:
        gateway.call_paid(task, "studio", 500, lambda engine, key: Metered("made", 400))
        return run(task)

    task = task_of(paid)
    for _ in range(2):
        with pytest.raises(Waiting):
            both(claim(paid, task.pipeline.id))
    provider(paid).finish()
    last = claim(paid, task.pipeline.id)
    both(last)
    assert worker.finish(last, Outcome(complete={}))
    assert len(provider(paid).starts) == 1
    # Two answers were lost with their attempts and count at the estimate, as calls without an operation do.
    assert money(paid, task) == (500 + 500 + 400 + 700, 0)


def test_a_cancel_stops_the_running_operation_at_its_provider_and_counts_its_estimate(paid: Bench) -> None:
    task = task_of(paid)
    with pytest.raises(Waiting):
        run(task)
    control.cancel(paid.context, task.pipeline.id, by="ann")
    assert provider(paid).operations["op-0"].cancelled
    assert money(paid, task) == (1000, 0)
    assert rows(paid, task) == [("settled", 1000, "op-0")]


def test_a_cancel_finds_an_operation_whose_id_was_never_recorded(paid: Bench) -> None:
    task = task_of(paid)
    crash_at(paid, "after_submit", "studio")
    with pytest.raises(Crash):
        run(Task(paid.context, task.pipeline, task.step))
    control.cancel(paid.context, task.pipeline.id, by="ann")
    assert provider(paid).operations["op-0"].cancelled


def test_a_cancel_while_an_operation_starts_stops_it_as_soon_as_its_id_is_known(paid: Bench) -> None:
    task = task_of(paid)
    provider(paid, "forgetful").after = lambda: void(control.cancel(paid.context, task.pipeline.id, by="ann"))
    with pytest.raises(Cancelled):
        run(task, "forgetful")
    assert provider(paid, "forgetful").operations["op-0"].cancelled
    assert money(paid, task) == (1000, 0)


def void(_: object) -> None:
    """Take an answer that nobody asked for."""


def test_a_cancel_does_not_depend_on_the_provider(paid: Bench, caplog: pytest.LogCaptureFixture) -> None:
    task = task_of(paid)
    with pytest.raises(Waiting):
        run(task)
    provider(paid).silent = ProviderUnavailable("away")
    assert control.cancel(paid.context, task.pipeline.id, by="ann").status == "cancelled"
    assert "an operation goes on at its provider" in caplog.text


@pytest.mark.parametrize("how", ["cancel", "fail"])
def test_jobs_that_cannot_be_stopped_keep_no_operation_going(
    paid: Bench, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    task = task_of(paid)
    with pytest.raises(Waiting):
        run(task)
    monkeypatch.setattr(paid.context.jobs, "cancel", lambda _: raising(JobsUnavailable("away"))())
    ends = {
        "cancel": lambda: control.cancel(paid.context, task.pipeline.id, by="ann"),
        "fail": lambda: worker.fail(paid.context, task.pipeline.id, "analyze", Failure(code="broken", detail="x"), 1),
    }
    with contextlib.suppress(JobsUnavailable):
        ends[how]()
    assert provider(paid).operations["op-0"].cancelled


def test_a_step_that_ends_without_its_operation_calls_it_off(paid: Bench) -> None:
    task = task_of(paid)
    with pytest.raises(Waiting):
        run(task)
    assert worker.finish(task, Outcome(complete={}))  # it made do with something else
    assert provider(paid).operations["op-0"].cancelled
    assert money(paid, task) == (1000, 0)


def test_a_failed_pipeline_calls_off_what_runs(paid: Bench) -> None:
    task = task_of(paid)
    with pytest.raises(Waiting):
        run(task)
    worker.fail(paid.context, task.pipeline.id, "analyze", Failure(code="broken", detail="x"), 1)
    assert provider(paid).operations["op-0"].cancelled


def test_lost_answers_of_the_store_start_and_count_nothing_twice(paid: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    task = task_of(paid)
    documents = paid.context.documents
    commit = documents.commit
    lost = iter([True, False] * 50)

    def forgetful(writes: Any) -> None:
        commit(writes)
        if next(lost):
            raise Unavailable("the answer was lost")

    monkeypatch.setattr(documents, "commit", forgetful)
    with pytest.raises(Waiting):
        run(task)
    assert rows(paid, task) == [("submitted", 0, "op-0")]
    provider(paid).finish()
    run(task_again := Task(paid.context, task.pipeline, task.step))
    worker.finish(task_again, Outcome(complete={}))
    assert money(paid, task) == (700, 0)
    assert len(provider(paid).starts) == 1


POINTS = ("after_intent", "before_start", "before_answer", "after_submit", "before_look")
ACTS = st.sampled_from(
    [
        *("attempt", "attempt", "hang", "refuse", "throttle", "silent", "finish", "fail"),
        *(f"crash:{point}" for point in POINTS),
    ]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])  # makes one per example
@given(acts=st.lists(ACTS, max_size=12), name=st.sampled_from(ENGINES), ends=st.sampled_from(["finish", "cancel"]))
def test_whatever_happens_the_cap_holds_and_every_row_is_closed_once(
    make_bench: Callable[[], Bench], acts: list[str], name: str, ends: str
) -> None:
    bench = make_bench()
    bench.context = replace(bench.context, registry=Registry(lambda _: "secret", listings=LISTINGS))
    made = bench.submit(budget=0.0035)
    engine = provider(bench, name)
    closed: dict[str, tuple[str, int]] = {}
    for act in acts:
        bench.context = replace(bench.context, failpoints=FailPoints())
        engine.before = engine.after = lambda: None
        engine.silent = None
        if act.startswith("crash:"):
            crash_at(bench, act.removeprefix("crash:"), name)
        elif act == "finish":
            engine.finish(900)
        elif act == "fail":
            for operation in engine.operations.values():
                operation.state = Failed(ProviderUnavailable("broke", 100))
        elif act == "silent":
            engine.silent = ProviderUnavailable("away")
        elif act != "attempt":
            error = {"hang": Unanswered("hung"), "refuse": Refused("no"), "throttle": Throttled("busy", 9.0)}[act]
            engine.before = raising(error)
        try:
            run(claim(bench, made.id), name)
        except (Crash, ProviderError, Waiting, NoRoom):
            pass
        finally:
            engine.__dict__.pop("poll", None)
        found = store.reservations(bench.context.documents, made.id)
        cost = bench.pipeline(made.id).cost
        assert cost.cap is not None
        assert cost.spent + cost.reserved <= cost.cap
        assert cost.reserved == sum(row.estimate for row in found if row.state == "submitted")
        assert cost.spent == sum(row.amount for row in found)
        assert sum(row.state == "submitted" for row in found) <= 1
        for row in found:
            assert closed.get(row.key, (row.state, row.amount)) == (row.state, row.amount)
            if row.state != "submitted":
                closed[row.key] = (row.state, row.amount)
        if name != "forgetful":
            assert len({operation.key for operation in engine.operations.values()}) == len(engine.operations)
        free = {f"{made.id}.{row.key}" for row in found if row.state == "released"}
        assert not free & {operation.key for operation in engine.operations.values()}
    if ends == "finish":
        assert worker.finish(claim(bench, made.id), Outcome(complete={}))
    else:
        control.cancel(bench.context, made.id, by="ann")
    assert bench.pipeline(made.id).cost.reserved == 0


def raising(error: Exception) -> Callable[[], None]:
    def call() -> None:
        raise error

    return call

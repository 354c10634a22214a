from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from common.domain.pipeline import Outcome
from common.engine import gateway
from common.engine.breaker import COOL_DOWN, FAILURES, LONGEST, MEMORY, PROBE, State, Verdict, decide, guard, opened
from common.engine.gateway import Metered
from common.engine.operations import call_operation
from common.engine.task import Waiting
from common.providers.errors import ProviderError, ProviderUnavailable, Refused, Throttled, Unanswered
from common.providers.registry import Registry
from tests.unit.engine.conftest import Bench
from tests.unit.engine.test_operations import LISTINGS, claim, money, provider, run, task_of

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
OPEN = State(opened=NOON, until=NOON + COOL_DOWN)
SECOND = timedelta(seconds=1)


@pytest.fixture
def paid(bench: Bench) -> Bench:
    bench.context = replace(bench.context, registry=Registry(lambda name: "secret", listings=LISTINGS))
    return bench


def attempt(bench: Bench, error: Exception | None = None, name: str = "studio") -> None:
    with guard(bench.context, name):
        if error is not None:
            raise error


def fail(bench: Bench, times: int, error: ProviderError | None = None, name: str = "studio") -> None:
    for _ in range(times):
        with pytest.raises(ProviderError):
            attempt(bench, error or ProviderUnavailable("away"), name)


@pytest.mark.parametrize(
    ("state", "now", "verdict"),
    [
        (None, NOON, Verdict("go")),
        (OPEN, NOON, Verdict("wait", COOL_DOWN)),
        (OPEN, NOON + COOL_DOWN - SECOND, Verdict("wait", SECOND)),
        (OPEN, NOON + COOL_DOWN, Verdict("probe")),
        (OPEN, NOON + timedelta(days=1), Verdict("probe")),
        (OPEN, NOON - timedelta(hours=1), Verdict("wait", LONGEST)),  # a host whose clock is behind
    ],
)
def test_what_a_breaker_says(state: State | None, now: datetime, verdict: Verdict) -> None:
    assert decide(state, now) == verdict


@pytest.mark.parametrize(
    ("failures", "asked", "probe", "wait"),
    [
        (1, 0, False, 0),
        (FAILURES - 1, 600, False, 0),
        (FAILURES, 0, False, 30),
        (FAILURES, 120, False, 120),
        (FAILURES + 9, 86_400, False, 300),
        (1, 0, True, 30),  # the count was lost, the probe failed
    ],
)
def test_when_a_breaker_opens_and_for_how_long(failures: int, asked: float, probe: bool, wait: int) -> None:
    state = opened(failures, asked, NOON, probe=probe)
    assert state == (State(opened=NOON, until=NOON + wait * SECOND) if wait else None)


@pytest.mark.parametrize(
    "error", [ProviderUnavailable("away"), Unanswered("hung"), Throttled("busy", 1.0)], ids=lambda e: type(e).__name__
)
def test_it_opens_after_calls_without_service_and_says_for_how_long(paid: Bench, error: ProviderError) -> None:
    fail(paid, FAILURES, error)
    paid.clock.advance(10)
    with pytest.raises(Throttled, match="given a rest") as refused:
        attempt(paid)
    assert refused.value.retry_after == pytest.approx(20)
    attempt(paid, name="keyed")  # another engine's provider is another matter


@pytest.mark.parametrize("answer", [None, Refused("not this")])
def test_an_answer_in_between_begins_the_count_anew(paid: Bench, answer: Exception | None) -> None:
    fail(paid, FAILURES - 1)
    if answer is None:
        attempt(paid)
    else:
        fail(paid, 1, Refused("not this"))
    fail(paid, FAILURES - 1)
    attempt(paid)


def test_failures_long_ago_do_not_count(paid: Bench) -> None:
    fail(paid, FAILURES - 1)
    paid.clock.advance(MEMORY.total_seconds() + 1)
    fail(paid, FAILURES - 1)
    attempt(paid)


def half_open(bench: Bench) -> None:
    fail(bench, FAILURES)
    bench.clock.advance(COOL_DOWN.total_seconds())


def test_one_probe_goes_ahead_and_closes_it(paid: Bench) -> None:
    half_open(paid)
    with guard(paid.context, "studio"):
        for _ in range(3):
            with pytest.raises(Throttled, match="tried by another call"):
                attempt(paid)
    for _ in range(3):
        attempt(paid)
    fail(paid, FAILURES - 1)
    attempt(paid)


def test_a_probe_that_fails_opens_it_again_for_one_more_probe(paid: Bench) -> None:
    half_open(paid)
    for _ in range(3):
        fail(paid, 1)
        with pytest.raises(Throttled, match="given a rest"):
            attempt(paid)
        paid.clock.advance(COOL_DOWN.total_seconds())
    attempt(paid)


def test_a_probe_that_died_makes_room_for_another(paid: Bench) -> None:
    half_open(paid)
    probe = guard(paid.context, "studio")
    probe.__enter__()  # and never comes back
    with pytest.raises(Throttled):
        attempt(paid)
    paid.clock.advance(PROBE.total_seconds())
    attempt(paid)
    assert not probe.__exit__(Refused, Refused("late"), None)


def test_a_probe_that_was_not_made_is_none(paid: Bench) -> None:
    half_open(paid)
    with pytest.raises(KeyError):
        attempt(paid, KeyError("nothing to do with the provider"))
    attempt(paid)


def test_losing_its_state_closes_it(paid: Bench) -> None:
    fail(paid, FAILURES)
    paid.context.cache.delete("breaker.studio")
    attempt(paid)


def pay(engine_fails: Callable[[], None]) -> Callable[[object, str], Metered[str]]:
    def use(_engine: object, _key: str) -> Metered[str]:
        engine_fails()
        return Metered("made", 700)

    return use


def away() -> None:
    raise ProviderUnavailable("away")


def test_a_paid_call_is_refused_before_anything_is_reserved(paid: Bench) -> None:
    task = task_of(paid)
    for _ in range(FAILURES):
        with pytest.raises(ProviderUnavailable):
            gateway.call_paid(task, "studio", 1000, pay(away))
    before = paid.pipeline(task.pipeline.id)
    with pytest.raises(Throttled):
        gateway.call_paid(task, "studio", 1000, pay(lambda: None))
    with pytest.raises(Throttled):
        run(task)
    assert paid.pipeline(task.pipeline.id) == before
    assert money(paid, task) == (0, 0)


def test_an_operation_that_runs_is_looked_at_while_no_other_is_started(paid: Bench) -> None:
    task = task_of(paid)
    with pytest.raises(Waiting):
        run(task)
    provider(paid).finish()
    last = claim(paid, task.pipeline.id)
    fail(paid, FAILURES)
    assert run(last)
    with pytest.raises(Throttled):
        call_operation(last, "studio", 1000, lambda engine, key: engine.start(key))


def test_a_step_put_off_by_an_open_breaker_spends_no_attempt_and_comes_back_after_it(paid: Bench) -> None:
    paid.handlers["analyze"] = lambda task: Outcome(complete={"answer": run(task)})
    fail(paid, FAILURES)
    made = paid.submit(budget=1)
    paid.drain()
    step = paid.step(made.id, "analyze")
    assert step.not_before is not None
    assert step.failure is not None
    assert (step.attempts, step.failure.code) == (0, "throttled")
    assert step.not_before >= paid.clock.now() + COOL_DOWN
    paid.clock.advance(40)
    paid.drain()  # it is the probe
    provider(paid).finish()
    paid.clock.advance(10)
    paid.drain()
    assert paid.pipeline(made.id).status == "completed"

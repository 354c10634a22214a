"""Turn, pace, retries and giving up of deliveries within the process."""

import threading
from collections.abc import Mapping
from datetime import timedelta

import pytest

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.delivery import Call, Dispatcher, Limits, Retries


class Answers:
    """Functions that answer as told, 204 by default, and write down who was called when."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.statuses: list[int | BaseException] = []
        self.calls: list[str] = []
        self.times: list[float] = []

    def __call__(self, function: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.calls.append(function)
        self.times.append(self.clock.now().timestamp())
        status = self.statuses.pop(0) if self.statuses else 204
        if isinstance(status, BaseException):
            raise status
        return status


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def answers(clock: VirtualClock) -> Answers:
    return Answers(clock)


def call(function: str, dead: list[tuple[int, str]] | None = None) -> Call:
    heard = dead if dead is not None else []
    return Call(function, lambda _: (b"{}", {}), lambda attempts, reason: heard.append((attempts, reason)))


def drain(dispatcher: Dispatcher, clock: VirtualClock) -> None:
    while (due := dispatcher.next_due()) is not None:
        clock.advance((due - clock.now()).total_seconds())
        assert dispatcher.run_one()


def test_high_goes_before_medium_before_low(clock: VirtualClock, answers: Answers) -> None:
    dispatcher = Dispatcher(answers, clock)
    for queue in ("a-low", "b", "c-medium", "d-high", "e-low", "f-high"):
        dispatcher.add(queue, call(queue))
    while dispatcher.run_one():
        pass
    assert answers.calls == ["d-high", "f-high", "b", "c-medium", "a-low", "e-low"]
    assert dispatcher.idle


def test_a_later_call_waits_for_its_time(clock: VirtualClock, answers: Answers) -> None:
    dispatcher = Dispatcher(answers, clock)
    due = clock.now() + timedelta(minutes=5)
    dispatcher.add("q", call("later"), due)
    dispatcher.add("q", call("now"))
    assert dispatcher.run_one()
    assert not dispatcher.run_one()
    assert not dispatcher.idle
    assert dispatcher.next_due() == due
    clock.advance(300)
    assert dispatcher.run_one()
    assert answers.calls == ["now", "later"]
    assert dispatcher.next_due() is None


def test_a_queue_keeps_its_pace(clock: VirtualClock, answers: Answers) -> None:
    dispatcher = Dispatcher(answers, clock, limits={"slow": Limits(per_second=0.3)})
    for _ in range(4):
        dispatcher.add("slow", call("f"))
    drain(dispatcher, clock)
    gaps = [later - earlier for earlier, later in zip(answers.times, answers.times[1:], strict=False)]
    assert gaps == pytest.approx([1 / 0.3] * 3, abs=1e-3)


def test_a_queue_keeps_its_concurrency_and_others_go_on(clock: VirtualClock) -> None:
    inside: list[str] = []

    def deliver(function: str, body: bytes, headers: Mapping[str, str]) -> int:
        inside.append(function)
        if function == "outer":
            assert dispatcher.run_one()  # another queue's call
            assert not dispatcher.run_one()  # ours has to wait
        return 200

    dispatcher = Dispatcher(deliver, clock, limits={"one": Limits(concurrency=1)})
    dispatcher.add("one", call("outer"))
    dispatcher.add("one", call("waiting"))
    dispatcher.add("two-low", call("other"))
    assert dispatcher.run_one()
    assert inside == ["outer", "other"]
    assert dispatcher.run_one()
    assert inside == ["outer", "other", "waiting"]


def test_a_refused_call_comes_again_with_growing_pauses(clock: VirtualClock, answers: Answers) -> None:
    dead: list[tuple[int, str]] = []
    dispatcher = Dispatcher(answers, clock, retries=Retries(attempts=20), seed=1)
    answers.statuses = [503] * 10
    dispatcher.add("q", call("f", dead))
    drain(dispatcher, clock)
    gaps = [later - earlier for earlier, later in zip(answers.times, answers.times[1:], strict=False)]
    assert len(gaps) == 10
    for number, gap in enumerate(gaps):
        whole = min(10.0, 0.2 * 2**number)
        assert whole / 2 - 0.001 <= gap <= whole + 0.001
    assert not dead


def test_after_the_last_attempt_the_reason_is_told(clock: VirtualClock, answers: Answers) -> None:
    dead: list[tuple[int, str]] = []
    dispatcher = Dispatcher(answers, clock, retries=Retries(attempts=3))
    answers.statuses = [503, 429, RuntimeError("broken"), 400, 400, 400]
    dispatcher.add("q", call("f", dead))
    drain(dispatcher, clock)
    dispatcher.add("q", call("g", dead))
    drain(dispatcher, clock)
    assert dead == [
        (3, "f raised RuntimeError: broken in attempt 3, the last one"),
        (3, "g answered 400 in attempt 3, the last one"),
    ]
    assert dispatcher.idle


def test_a_dead_letter_nobody_took_does_not_vanish(clock: VirtualClock, answers: Answers) -> None:
    told: list[int] = []

    def gave_up(attempts: int, reason: str) -> None:
        told.append(attempts)
        if len(told) == 1:
            raise RuntimeError("the store is away")

    dispatcher = Dispatcher(answers, clock, retries=Retries(attempts=2))
    answers.statuses = [500] * 9
    dispatcher.add("q", Call("f", lambda _: (b"", {}), gave_up))
    drain(dispatcher, clock)
    assert told == [2, 3]


def test_a_worker_that_dies_in_a_delivery_loses_nothing(clock: VirtualClock, answers: Answers) -> None:
    class Crash(BaseException):
        pass

    dispatcher = Dispatcher(answers, clock)
    answers.statuses = [Crash()]
    dispatcher.add("q", call("f"))
    with pytest.raises(Crash):
        dispatcher.run_one()
    assert not dispatcher.idle
    drain(dispatcher, clock)
    assert answers.calls == ["f", "f"]


def test_equal_seeds_give_equal_times(clock: VirtualClock) -> None:
    runs = []
    for _ in range(2):
        own = VirtualClock()
        answers = Answers(own)
        answers.statuses = [500] * 5
        dispatcher = Dispatcher(answers, own, seed=7)
        dispatcher.add("q", call("f"))
        drain(dispatcher, own)
        runs.append(answers.times)
    assert runs[0] == runs[1]


def test_threads_deliver_until_stopped_and_start_again(clock: VirtualClock) -> None:
    done = threading.Semaphore(0)

    def deliver(function: str, body: bytes, headers: Mapping[str, str]) -> int:
        done.release()
        return 200

    dispatcher = Dispatcher(deliver, clock, workers=3)
    dispatcher.stop()
    for round_ in range(2):
        dispatcher.start()
        dispatcher.start()
        for number in range(20):
            dispatcher.add(f"q{number % 3}", call(f"f{round_}"))
        for _ in range(20):
            assert done.acquire(timeout=10)
        dispatcher.stop(timeout=10)
    dispatcher.add("q", call("after"))
    assert dispatcher.idle is False
    assert not done.acquire(blocking=False)


def test_a_queue_with_threads_of_its_own_waits_for_no_other_and_keeps_none_waiting(clock: VirtualClock) -> None:
    held, passed = threading.Event(), threading.Semaphore(0)

    def deliver(function: str, body: bytes, headers: Mapping[str, str]) -> int:
        if function.startswith("slow"):
            held.wait(10)
        passed.release()
        return 204

    dispatcher = Dispatcher(deliver, clock, workers=1, limits={"hooks": Limits(concurrency=2, own=2)})
    dispatcher.start()
    for number in range(2):  # as many as it has threads
        dispatcher.add("hooks", call(f"slow{number}"))
    dispatcher.add("steps", call("step"))
    assert passed.acquire(timeout=10)
    dispatcher.add("steps", call("slow step"))
    held.set()
    assert all(passed.acquire(timeout=10) for _ in range(3))
    held.clear()
    dispatcher.add("steps", call("slow step"))
    dispatcher.add("hooks", call("hook"))
    assert passed.acquire(timeout=10)
    held.set()
    assert passed.acquire(timeout=10)
    dispatcher.stop(5)

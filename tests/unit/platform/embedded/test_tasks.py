"""What only the in-process adapter promises: names are forgotten after a day, the end of a task is told."""

import pytest

from common.platform.embedded import tasks as module
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.delivery import Retries
from common.platform.embedded.tasks import DeadTask, InProcessTasks


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def test_a_name_is_free_again_after_a_day(clock: VirtualClock) -> None:
    tasks = InProcessTasks(lambda *_: 204, clock)
    assert tasks.enqueue("q", "f", {}, name="a")
    clock.advance(24 * 3600 - 1)
    assert not tasks.enqueue("q", "f", {}, name="a")
    clock.advance(1)
    assert tasks.enqueue("q", "f", {}, name="a")


def test_the_memory_of_names_is_bounded(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NAMES_KEPT", 3)
    tasks = InProcessTasks(lambda *_: 204, clock)
    for number in range(50):
        assert tasks.enqueue("q", "f", {}, name=str(number))
    assert len(tasks._names) <= 4
    assert not tasks.enqueue("q", "f", {}, name="49")


def test_the_last_attempt_is_told(clock: VirtualClock) -> None:
    dead: list[DeadTask] = []
    tasks = InProcessTasks(lambda *_: 500, clock, dead_letter=dead.append, retries=Retries(attempts=1))
    tasks.enqueue("q", "f", {"n": 1}, name="a")
    assert not tasks.idle
    assert tasks.dispatcher.run_one()
    assert tasks.idle
    assert dead == [DeadTask("q", "f", "a", {"n": 1}, 1, "f answered 500 in attempt 1, the last one")]

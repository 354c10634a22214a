"""When scheduled functions are called within the process."""

import logging
import threading
from collections.abc import Mapping
from datetime import timedelta

import pytest

from common.platform.embedded.clock import START, VirtualClock
from common.platform.embedded.schedules import InProcessSchedules

ENTRIES = {"sweep": "* * * * *", "hourly": "0 * * * *"}


class Recorder:
    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.status = 204

    def __call__(self, function: str, body: bytes, headers: Mapping[str, str]) -> int:
        assert body == b"{}"
        self.calls.append((function, headers["X-CloudScheduler-ScheduleTime"]))
        return self.status


def test_each_function_is_called_at_its_minutes() -> None:
    clock, recorder = VirtualClock(), Recorder()
    schedules = InProcessSchedules(ENTRIES, recorder, clock)
    assert schedules.run_due() == []
    assert schedules.next_due() == START + timedelta(minutes=1)
    clock.advance(60)
    assert schedules.run_due() == ["sweep"]
    assert schedules.run_due() == []
    clock.advance(59 * 60)
    assert schedules.run_due() == ["sweep", "hourly"]  # what was missed counts as one
    assert recorder.calls == [
        ("sweep", "2026-01-01T00:01:00Z"),
        ("sweep", "2026-01-01T00:02:00Z"),
        ("hourly", "2026-01-01T01:00:00Z"),
    ]
    assert InProcessSchedules({}, recorder, clock).next_due() is None


def test_a_failure_is_logged_and_the_next_minute_comes(caplog: pytest.LogCaptureFixture) -> None:
    clock, recorder = VirtualClock(), Recorder()
    schedules = InProcessSchedules(ENTRIES, recorder, clock)
    recorder.status = 500
    with caplog.at_level(logging.ERROR):
        schedules.run_now("sweep")

    def raising(*_: object) -> int:
        raise RuntimeError("broken")

    with caplog.at_level(logging.ERROR):
        InProcessSchedules(ENTRIES, raising, clock).run_now("sweep")
    assert [record.getMessage() for record in caplog.records] == [
        "The scheduled sweep answered 500; it is called again at its next minute",
        "The scheduled sweep raised; it is called again at its next minute",
    ]
    clock.advance(60)
    assert schedules.run_due() == ["sweep"]
    assert schedules.idle


def test_a_function_never_runs_twice_at_once() -> None:
    calls: list[str] = []

    def deliver(function: str, body: bytes, headers: Mapping[str, str]) -> int:
        calls.append(function)
        assert not schedules.idle
        schedules.run_now(function)
        return 204

    schedules = InProcessSchedules(ENTRIES, deliver, VirtualClock())
    schedules.run_now("sweep")
    assert calls == ["sweep"]


def test_a_thread_calls_what_is_due_until_stopped() -> None:
    clock, called = VirtualClock(), threading.Event()

    def deliver(function: str, body: bytes, headers: Mapping[str, str]) -> int:
        called.set()
        return 204

    schedules = InProcessSchedules(ENTRIES, deliver, clock)
    schedules.stop()
    clock.advance(60)
    schedules.start()
    schedules.start()
    assert called.wait(10)
    schedules.stop(10)


def test_a_malformed_schedule_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="wrong minute"):
        InProcessSchedules({"sweep": "x * * * *"}, Recorder(), VirtualClock())

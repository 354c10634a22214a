"""What every Jobs adapter promises. The jobs are those of `tests/contract/job_program.py`."""

from collections.abc import Callable

import pytest

from common.platform.jobs import Jobs
from tests.contract.adapters.jobs import JobsUnderTest


def test_an_unknown_key_has_no_state(jobs: JobsUnderTest) -> None:
    assert jobs.port.state("nothing") is None


def test_a_job_succeeds_with_its_arguments_and_environment(jobs: JobsUnderTest) -> None:
    jobs.port.start("work", "p1/render/1", args=["write", "a b"], env={"COLOUR": "blue"})
    assert jobs.wait("p1/render/1") == "succeeded"
    assert jobs.written() == ["a b blue 0/1 0"]


def test_tasks_are_numbered(jobs: JobsUnderTest) -> None:
    jobs.port.start("work", "k", args=["write", "x"], env={"COLOUR": "red"}, tasks=3)
    assert jobs.wait("k") == "succeeded"
    assert jobs.written() == ["x red 0/3 0", "x red 1/3 0", "x red 2/3 0"]


def test_a_key_starts_one_execution_ever(jobs: JobsUnderTest) -> None:
    for _ in range(2):
        jobs.port.start("work", "k", args=["write", "x"], env={"COLOUR": "red"})
    assert jobs.wait("k") == "succeeded"
    jobs.port.start("work", "k", args=["write", "y"], env={"COLOUR": "red"})
    assert jobs.wait("k") == "succeeded"
    assert jobs.written() == ["x red 0/1 0"]


def test_a_failing_task_is_tried_again_with_its_attempt_counted(jobs: JobsUnderTest) -> None:
    jobs.port.start("work", "k", args=["fail-until", "2"], env={"COLOUR": "red"})
    assert jobs.wait("k") == "succeeded"
    assert jobs.written() == ["2 red 0/1 2"]


def test_a_task_that_never_succeeds_fails_the_execution(jobs: JobsUnderTest) -> None:
    jobs.port.start("work", "k", args=["fail-until", "99"], env={})
    assert jobs.wait("k") == "failed"
    assert "exit code 3" in jobs.port.reason("k")


def test_what_did_not_fail_has_no_reason(jobs: JobsUnderTest) -> None:
    jobs.port.start("work", "k", args=["write", "x"], env={"COLOUR": "red"})
    assert jobs.wait("k") == "succeeded"
    assert jobs.port.reason("k") == jobs.port.reason("nothing") == ""


def test_cancel_stops_by_prefix(jobs: JobsUnderTest) -> None:
    jobs.port.start("work", "p1/a", args=["sleep"], env={})
    jobs.port.start("work", "p2/a", args=["sleep"], env={})
    assert jobs.port.cancel("p1/") == 1
    assert jobs.port.state("p1/a") == "cancelled"
    assert jobs.port.state("p2/a") == "running"
    assert jobs.port.cancel("p1/") == 0
    assert jobs.port.cancel("") == 1
    assert jobs.port.state("p2/a") == "cancelled"
    jobs.port.start("work", "p1/a", args=["write", "x"], env={})
    assert jobs.port.state("p1/a") == "cancelled"


def test_what_ended_is_not_cancelled(jobs: JobsUnderTest) -> None:
    jobs.port.start("work", "k", args=["write", "x"], env={"COLOUR": "red"})
    jobs.wait("k")
    assert jobs.port.cancel("k") == 0
    assert jobs.port.state("k") == "succeeded"


@pytest.mark.parametrize(
    "start",
    [
        lambda port: port.start("unknown", "k", args=[], env={}),
        lambda port: port.start("work", "", args=[], env={}),
        lambda port: port.start("work", "k", args=[], env={}, tasks=0),
    ],
)
def test_a_malformed_start_is_refused(jobs: JobsUnderTest, start: Callable[[Jobs], None]) -> None:
    with pytest.raises(ValueError, match="job"):
        start(jobs.port)

import time
from collections.abc import Iterator

import grpc
import pytest

from common.platform.google.jobs import CloudRunJobs
from common.platform.jobs import JobState, JobsUnavailable
from tests.protocol.run_jobs import Clients, Job, RunJobs, run_jobs

PLACE = "projects/p/locations/r/jobs"


@pytest.fixture
def service() -> Iterator[tuple[RunJobs, Clients]]:
    with run_jobs() as (served, clients):
        for name, command in (("good", "true"), ("bad", "exit 3"), ("killed", "kill -9 $$"), ("long", "sleep 60")):
            served.jobs[f"{PLACE}/{name}"] = Job(["sh", "-c", command], {}, max_retries=1)
        served.jobs[f"{PLACE}/deaf"] = Job(["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"], {})
        yield served, clients


@pytest.fixture
def served(service: tuple[RunJobs, Clients]) -> RunJobs:
    return service[0]


def adapter(service: tuple[RunJobs, Clients], stopping: float = 30) -> CloudRunJobs:
    served, clients = service
    names = {name.rpartition("/")[2]: name.rpartition("/")[2] for name in served.jobs}
    return CloudRunJobs(
        clients.jobs,
        clients.executions,
        clients.tasks,
        "p",
        "r",
        {**names, "undeployed": "nowhere"},
        patience=2,
        stopping=stopping,
    )


@pytest.fixture
def jobs(service: tuple[RunJobs, Clients]) -> CloudRunJobs:
    return adapter(service)


def ended(jobs: CloudRunJobs, key: str) -> JobState | None:
    until = time.monotonic() + 20
    while (state := jobs.state(key)) == "running" and time.monotonic() < until:
        time.sleep(0.01)
    return state


def test_an_execution_whose_answer_was_lost_is_found_and_not_started_twice(
    service: tuple[RunJobs, Clients], served: RunJobs, jobs: CloudRunJobs
) -> None:
    served.lose = 1
    jobs.start("good", "k", args=[], env={})
    assert ended(jobs, "k") == "succeeded"
    adapter(service).start("good", "k", args=[], env={})  # a process that knows nothing of the first
    assert len(served.executions) == 1


def test_an_execution_that_no_list_shows_yet_is_found_later(
    service: tuple[RunJobs, Clients], served: RunJobs, jobs: CloudRunJobs
) -> None:
    served.lose, served.hide = 1, 2
    with pytest.raises(JobsUnavailable, match="did not say whether it started"):
        jobs.start("good", "k", args=[], env={})
    jobs.start("good", "k", args=[], env={})
    assert len(served.executions) == 1
    served.hide = 2
    jobs.start("good", "other", args=[], env={})
    assert jobs.state("other") is not None
    assert adapter(service).state("other") is not None


def test_of_two_starters_the_first_execution_stays(service: tuple[RunJobs, Clients], served: RunJobs) -> None:
    first, second = adapter(service), adapter(service)
    first.start("long", "k", args=[], env={})
    served.hide = 1  # the second looks before the first's execution shows
    second.start("long", "k", args=[], env={})
    one, other = served.executions
    assert served.executions[one].resource().conditions[0].execution_reason.name == "EXECUTION_REASON_UNDEFINED"
    assert served.executions[other].resource().conditions[0].execution_reason.name in ("CANCELLING", "CANCELLED")
    assert first.state("k") == second.state("k") == "running"


def test_an_old_execution_is_found_beyond_the_first_page(service: tuple[RunJobs, Clients], jobs: CloudRunJobs) -> None:
    for number in range(5):
        jobs.start("good", f"k{number}", args=[], env={})
    assert ended(adapter(service), "k0") == "succeeded"


def test_the_reason_names_the_signal_or_the_exit_code(jobs: CloudRunJobs) -> None:
    jobs.start("killed", "a", args=[], env={})
    jobs.start("bad", "b", args=[], env={})
    assert (ended(jobs, "a"), ended(jobs, "b")) == ("failed", "failed")
    assert (
        jobs.reason("a") == "task 0 ended with signal 9 in attempt 2, the last one: The container exited with an error."
    )
    assert "exit code 3 in attempt 2" in jobs.reason("b")


def test_a_short_absence_is_waited_out_and_a_long_one_is_said(served: RunJobs, jobs: CloudRunJobs) -> None:
    served.refuse["ListExecutions"] = [grpc.StatusCode.UNAVAILABLE] * 2
    jobs.start("good", "k", args=[], env={})
    served.refuse["GetExecution"] = [grpc.StatusCode.UNAVAILABLE] * 1000
    with pytest.raises(JobsUnavailable, match="did not answer"):
        jobs.state("k")


@pytest.mark.parametrize("status", [grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.PERMISSION_DENIED])
def test_a_start_that_is_refused_runs_nothing(served: RunJobs, jobs: CloudRunJobs, status: grpc.StatusCode) -> None:
    served.refuse["RunJob"] = [status]
    with pytest.raises(JobsUnavailable, match="did not start the job good"):
        jobs.start("good", "k", args=[], env={})
    assert jobs.state("k") is None
    jobs.start("good", "k", args=[], env={})
    assert ended(jobs, "k") == "succeeded"


def test_a_job_that_is_not_deployed_is_named(jobs: CloudRunJobs) -> None:
    with pytest.raises(ValueError, match="deploy the job undeployed"):
        jobs.start("undeployed", "k", args=[], env={})


def test_a_cancel_that_takes_too_long_says_so_and_can_be_asked_again(
    service: tuple[RunJobs, Clients], jobs: CloudRunJobs
) -> None:
    jobs.start("deaf", "k", args=[], env={})
    with pytest.raises(JobsUnavailable, match="still being stopped"):
        adapter(service, stopping=0).cancel("k")
    assert jobs.cancel("k") == 1
    assert jobs.state("k") == "cancelled"

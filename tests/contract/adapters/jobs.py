"""Jobs adapters under contract."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from common.platform.embedded.jobs import SubprocessJobs
from common.platform.google.jobs import CloudRunJobs
from common.platform.jobs import Jobs, JobState
from tests.protocol.run_jobs import Job, run_jobs

ROOT = Path(__file__).parents[3]
PROGRAM = Path(__file__).parents[1] / "job_program.py"


@dataclass
class JobsUnderTest:
    """A Jobs adapter with two retries whose job `work` is job_program.py, and what its tasks wrote."""

    port: Jobs
    output: Path

    def wait(self, key: str) -> JobState | None:
        """The state in which an execution ends."""
        deadline = time.monotonic() + 30
        while (state := self.port.state(key)) == "running" and time.monotonic() < deadline:
            time.sleep(0.005)
        return state

    def written(self) -> list[str]:
        """What the tasks wrote, one line each, sorted."""
        return sorted(path.read_text() for path in self.output.iterdir())


@pytest.fixture(params=["embedded", "google"])
def jobs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JobsUnderTest]:
    output = tmp_path / "output"
    output.mkdir()
    made = _embedded(tmp_path, output) if request.param == "embedded" else _google(output)
    for port in made:
        yield JobsUnderTest(port, output)


def _embedded(folder: Path, output: Path) -> Iterator[Jobs]:
    port = SubprocessJobs(
        folder / "jobs",
        {"work": PROGRAM.stem},
        [ROOT, PROGRAM.parent],
        environment={"OUTPUT": str(output)},
        max_retries=2,
    )
    yield port
    port.close()


def _google(output: Path) -> Iterator[Jobs]:
    with run_jobs() as (served, clients):
        job = Job([sys.executable, str(PROGRAM)], {"OUTPUT": str(output)}, max_retries=2)
        served.jobs["projects/p/locations/r/jobs/aiprod-work"] = job
        yield CloudRunJobs(clients.jobs, clients.executions, clients.tasks, "p", "r", {"work": "aiprod-work"})

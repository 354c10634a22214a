"""Jobs adapters under contract."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from common.platform.embedded.jobs import SubprocessJobs
from common.platform.jobs import Jobs, JobState

ROOT = Path(__file__).parents[3]


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


@pytest.fixture(params=["embedded"])
def jobs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JobsUnderTest]:
    output = tmp_path / "output"
    output.mkdir()
    port = SubprocessJobs(
        tmp_path / "jobs",
        {"work": "job_program"},
        [ROOT, Path(__file__).parents[1]],
        environment={"OUTPUT": str(output)},
        max_retries=2,
    )
    yield JobsUnderTest(port, output)
    port.close()

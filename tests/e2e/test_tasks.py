"""One film by 1, 2 and 4 tasks of its job: the same bytes, also when tasks are killed and begin again."""

import hashlib
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.e2e.conftest import Machine, Server
from tests.e2e.test_recovery import submit

pytestmark = pytest.mark.slow


@pytest.fixture
def waiting(machine: Machine, servers: list[Server]) -> str:
    """A pipeline in the machine's state, whose render is claimed and has not begun."""
    doomed = machine.serve(AIPROD_FAIL_AT="after_claim:render")
    servers.append(doomed)
    pipeline = submit(doomed, duration_sec=20, resolution="720p")  # long enough to be killed in the middle
    assert doomed.process.wait(120) == -signal.SIGKILL
    return pipeline


def copied(machine: Machine, name: str) -> Machine:
    """Another machine in the same state."""
    other = Machine(machine.folder / name)
    shutil.copytree(machine.home, other.home)
    return other


def begin(machine: Machine, pipeline: str, task: int, tasks: int, attempt: int = 0) -> "subprocess.Popen[bytes]":
    share = {"INDEX": task, "COUNT": tasks, "ATTEMPT": attempt}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "functions.render.job", pipeline, "render", "1"],
        env=machine.environment(**{f"CLOUD_RUN_TASK_{name}": str(value) for name, value in share.items()}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def film(machine: Machine, pipeline: str) -> str:
    """Checksum of the video that the render recorded."""
    with sqlite3.connect(machine.home / "documents.sqlite3") as rows:
        [(data,)] = rows.execute("SELECT data FROM documents WHERE path = ?", (f"pipelines/{pipeline}/steps/render",))
    step = json.loads(data)
    assert step["state"] == "done", step["failure"]
    files = {name: key for work in step["result"]["work"] for name, key in work["files"].items()}
    return hashlib.sha256((machine.home / "objects" / "data" / files["video.mp4"]).read_bytes()).hexdigest()


def test_any_number_of_tasks_makes_the_same_bytes(machine: Machine, waiting: str) -> None:
    made = {}
    for tasks in (1, 2, 4):
        other = copied(machine, f"with-{tasks}")
        running = [begin(other, waiting, task, tasks) for task in range(tasks)]
        assert [process.wait(240) for process in running] == [0] * tasks
        made[tasks] = film(other, waiting)
    assert made[1] == made[2] == made[4]

    killed = copied(machine, "killed")
    first, second = begin(killed, waiting, 0, 2), begin(killed, waiting, 1, 2)
    segments = killed.home / "objects" / "data" / "segments"
    until = time.monotonic() + 60
    while not list(segments.rglob("*.mp4")) and time.monotonic() < until:
        time.sleep(0.02)
    kept = {path: path.stat().st_mtime_ns for path in segments.rglob("*.mp4")}
    for process in (first, second):
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert kept
    assert begin(killed, waiting, 1, 2, attempt=1).wait(240) == 0  # alone, it encodes what is missing
    assert begin(killed, waiting, 0, 2, attempt=1).wait(240) == 0
    assert film(killed, waiting) == made[1]
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())

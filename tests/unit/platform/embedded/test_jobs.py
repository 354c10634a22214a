"""What only subprocess jobs promise: whole groups end, nothing outlives us, the state survives, logs are bounded."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.platform.embedded.job_records import LOG_BYTES, JobLog, JobRecords, Record
from common.platform.embedded.jobs import GRACE, KILL_WAIT, SubprocessJobs
from common.platform.embedded.processes import Process
from common.platform.jobs import JobsUnavailable

ROOT = Path(__file__).parents[4]

PROGRAM = """
import os, signal, subprocess, sys, time
from pathlib import Path
verb, folder = sys.argv[1], Path(sys.argv[2])
if verb == "print":
    print("first line"); print("é last line", file=sys.stderr)
if verb == "fail":
    print("what went wrong"); sys.exit(7)
if verb == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
if verb in {"family", "stubborn"}:
    if verb == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen(["sleep", "60"])
    (folder / "pids.tmp").write_text(f"{os.getpid()} {child.pid}")
    (folder / "pids.tmp").rename(folder / "pids")
    time.sleep(60)
if verb == "orphan":
    child = subprocess.Popen(["sleep", "60"])
    (folder / "pids").write_text(str(child.pid))
if verb == "count":
    index = os.environ["CLOUD_RUN_TASK_INDEX"]
    (folder / f"in-{index}").touch()
    (folder / f"seen-{index}").write_text(str(len(list(folder.glob("in-*")))))
    time.sleep(0.02)
    (folder / f"in-{index}").unlink()
"""

OWNER = """
import sys, time
from pathlib import Path
from common.platform.embedded.jobs import SubprocessJobs
jobs = SubprocessJobs(Path(sys.argv[1]) / "jobs", {"work": "program"}, [Path(sys.argv[2]), Path(sys.argv[1])])
jobs.start("work", "k", args=["family", sys.argv[1]], env={})
print("started", flush=True)
time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "program.py").write_text(PROGRAM)
    return tmp_path


@pytest.fixture
def make(folder: Path) -> Iterator[Callable[..., SubprocessJobs]]:
    made: list[SubprocessJobs] = []

    def build(**options: int) -> SubprocessJobs:
        made.append(SubprocessJobs(folder / "jobs", {"work": "program"}, [ROOT, folder], **options))  # type: ignore[arg-type]
        return made[-1]

    yield build
    for one in made:
        one.close()


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def family(folder: Path) -> list[Process]:
    until((folder / "pids").exists)
    return [Process.of(int(pid)) for pid in (folder / "pids").read_text().split()]


def test_output_is_kept_and_a_failure_has_a_reason(make: Callable[..., SubprocessJobs], folder: Path) -> None:
    jobs = make(max_retries=0)
    jobs.start("work", "good", args=["print", "."], env={"PYTHONIOENCODING": "utf-8"})
    jobs.start("work", "bad", args=["fail", "."], env={})
    jobs.start("work", "killed", args=["killed", "."], env={})
    until(lambda: jobs.idle)
    assert [jobs.state(key) for key in ("good", "bad", "killed")] == ["succeeded", "failed", "failed"]
    assert set(jobs.tail("good").splitlines()) == {"first line", "é last line"}
    assert jobs.tail("good", 5) == "line\n" or jobs.tail("good").endswith("first line\n")
    assert jobs.tail("bad") == "what went wrong\n"
    assert jobs.reason("bad") == "task 0 ended with exit code 7 in attempt 1, the last one: what went wrong"
    assert jobs.reason("killed") == "task 0 ended with signal 9 in attempt 1, the last one"
    assert jobs.reason("good") == jobs.reason("unknown") == jobs.tail("killed") == ""


@pytest.mark.parametrize("verb", ["family", "stubborn"])
def test_cancel_ends_the_whole_family_in_time(make: Callable[..., SubprocessJobs], folder: Path, verb: str) -> None:
    jobs = make()
    jobs.start("work", "k", args=[verb, str(folder)], env={})
    processes = family(folder)
    assert jobs.cancel("k") == 1
    assert not any(process.alive() for process in processes)
    assert GRACE + KILL_WAIT < 1.5
    until(lambda: jobs.idle)
    assert jobs.state("k") == "cancelled"


def test_what_a_task_leaves_behind_ends_with_it(make: Callable[..., SubprocessJobs], folder: Path) -> None:
    jobs = make()
    jobs.start("work", "k", args=["orphan", str(folder)], env={})
    until(lambda: jobs.idle)
    assert jobs.state("k") == "succeeded"
    assert not any(process.alive() for process in family(folder))


def test_another_process_sees_the_state_and_can_cancel(make: Callable[..., SubprocessJobs], folder: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(folder), str(ROOT)], cwd=ROOT)
    processes = family(folder)
    jobs = make()
    assert jobs.state("k") == "running"
    assert jobs.cancel("k") == 1
    assert jobs.state("k") == "cancelled"
    assert not any(process.alive() for process in processes)
    until(lambda: json.loads((folder / "jobs" / "k" / "record.json").read_text())["state"] == "cancelled")
    owner.kill()
    owner.wait()


def test_children_die_with_a_killed_owner_and_the_execution_has_failed(
    make: Callable[..., SubprocessJobs], folder: Path
) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(folder), str(ROOT)], cwd=ROOT)
    [task, grandchild] = family(folder)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    jobs = make()
    until(lambda: not task.alive())
    assert jobs.state("k") == "failed"
    jobs.start("work", "k", args=["print", "."], env={})
    assert jobs.state("k") == "failed"
    os.kill(grandchild.pid, signal.SIGKILL)  # it asked the kernel for nothing, unlike our FFmpeg


def test_close_stops_what_runs(make: Callable[..., SubprocessJobs], folder: Path) -> None:
    jobs = make(parallelism=1)
    jobs.start("work", "k", args=["family", str(folder)], env={})
    processes = family(folder)
    jobs.close()
    assert not any(process.alive() for process in processes)
    assert make().state("k") == "failed"
    assert "was stopped" in jobs.reason("k")


def test_no_more_tasks_run_at_once_than_allowed(make: Callable[..., SubprocessJobs], folder: Path) -> None:
    jobs = make(parallelism=2)
    jobs.start("work", "k", args=["count", str(folder)], env={}, tasks=5)
    until(lambda: jobs.idle)
    assert jobs.state("k") == "succeeded"
    assert max(int(path.read_text()) for path in folder.glob("seen-*")) <= 2


def test_a_number_used_again_is_not_mistaken_for_its_former_owner(folder: Path) -> None:
    records = JobRecords(folder / "jobs")
    impostor = Process(os.getpid(), "another boot/1")
    records.create(Record("k", "work", 1, owner=impostor, children={0: impostor}))
    jobs = SubprocessJobs(folder / "jobs", {}, [])
    assert jobs.state("k") == "failed"
    impostor.signal_group(signal.SIGKILL)
    assert jobs.cancel("k") == 0


def test_a_start_that_cannot_be_written_down_is_unavailable(make: Callable[..., SubprocessJobs], folder: Path) -> None:
    jobs = make()
    (folder / "jobs").rmdir()
    with pytest.raises(JobsUnavailable, match="work could not be started"):
        jobs.start("work", "k", args=[], env={})
    (folder / "jobs").mkdir()
    assert jobs.state("k") is None


def test_a_log_keeps_the_newest_part(tmp_path: Path) -> None:
    log = JobLog(tmp_path / "task-0.log")
    for number in range(30):
        log.append(f"{number:>65536}".encode())
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 3 * LOG_BYTES
    assert log.tail(2) == "29"
    assert log.tail(65536 + 2).startswith("28")


def test_a_cancel_by_another_process_reaches_a_task_that_is_just_starting(
    make: Callable[..., SubprocessJobs], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("common.platform.embedded.jobs.AGAIN", 60.0)  # nobody looks again
    jobs = make()
    save = jobs._records.save

    def save_late(record: Record) -> None:
        if record.children:  # the other process reads the record before the child is in it
            jobs._records.mark_cancelled(record.key)
        save(record)

    monkeypatch.setattr(jobs._records, "save", save_late)
    jobs.start("work", "k", args=["family", str(folder)], env={})
    until(lambda: jobs.idle)
    assert jobs.state("k") == "cancelled"

"""Jobs as processes of this machine: one per task, retried, cancelled as a group, gone when we are gone."""

import logging
import os
import queue
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from common.platform import launch
from common.platform.embedded.job_child import JobChild
from common.platform.embedded.job_records import JobRecords, Record
from common.platform.embedded.processes import Process
from common.platform.jobs import JobState, JobsUnavailable

GRACE = 1.0  # seconds between SIGTERM and SIGKILL
KILL_WAIT = 0.4  # seconds a killed group gets to be gone
AGAIN = 1.0  # seconds until the supervisor looks again without being told

_log = logging.getLogger(__name__)


@dataclass
class _Execution:
    """An execution of this process: the attempts to start, as (task, attempt), and the running ones by task."""

    record: Record
    args: list[str]
    env: dict[str, str]
    waiting: deque[tuple[int, int]]
    running: dict[int, JobChild] = field(default_factory=dict)
    outcome: JobState = "succeeded"


class SubprocessJobs:
    """Run a job's module once per task. `modules` maps job names to modules, importable from the folders in `path`.

    At most `parallelism` tasks run at once, over all executions. A task that fails is tried again up to `max_retries`
    times; when that does not help, the execution has failed and its other tasks are stopped.
    """

    def __init__(
        self,
        root: Path,
        modules: Mapping[str, str],
        path: Sequence[Path],
        *,
        python: str = sys.executable,
        environment: Mapping[str, str] | None = None,
        parallelism: int | None = None,
        max_retries: int = 3,
    ) -> None:
        self._records = JobRecords(root)
        self._modules = modules
        inherited = os.environ if environment is None else environment
        self._environment = {**inherited, "PYTHONPATH": os.pathsep.join(str(folder) for folder in path)}
        self._python = python
        self._parallelism = parallelism or os.cpu_count() or 1
        self._max_retries = max_retries
        self._executions: dict[str, _Execution] = {}
        self._lock = threading.RLock()
        self._events: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._supervisor: threading.Thread | None = None

    def start(self, job: str, key: str, *, args: Sequence[str], env: Mapping[str, str], tasks: int = 1) -> None:
        """Start an execution unless one of that key exists."""
        if job not in self._modules:
            raise ValueError(f"there is no job {job!r}; there are: {', '.join(sorted(self._modules))}")
        if tasks < 1:
            raise ValueError(f"the job {job} cannot run in {tasks} tasks: it takes at least 1")
        record = Record(key, job, tasks, owner=Process.of(os.getpid()))
        execution = _Execution(record, list(args), dict(env), deque((index, 0) for index in range(tasks)))
        with self._lock:
            try:
                if not self._records.create(record):
                    return
            except OSError as error:
                raise JobsUnavailable(f"the job {job} could not be started: {error.strerror}") from error
            self._executions[key] = execution
            if self._supervisor is None:
                # Children die with the thread that started them, so one thread starts them all and lives on.
                self._supervisor = threading.Thread(target=self._supervise, name="jobs", daemon=True)
                self._supervisor.start()
        self._events.put(lambda: None)

    def state(self, key: str) -> JobState | None:
        """State of the execution, or None when no such key was started."""
        record = self._records.load(key)
        if record is None or record.state != "running":
            return record.state if record else None
        if self._records.is_cancelled(key):
            return "cancelled"
        if record.owner.alive() or any(child.alive() for child in record.children.values()):
            return "running"
        record = self._records.load(key)  # its owner may have written the outcome just before it ended
        return "failed" if record is None or record.state == "running" else record.state

    def reason(self, key: str) -> str:
        """Why an execution failed, in words for an operator; empty when it did not, or nobody saw it."""
        record = self._records.load(key)
        return record.reason if record else ""

    def tail(self, key: str, size: int = 2000) -> str:
        """The last bytes that the execution's most recently active task printed; empty when there are none."""
        return self._records.tail(key, size)

    @property
    def idle(self) -> bool:
        """Whether no execution of this process is under way."""
        with self._lock:
            return not self._executions

    def cancel(self, prefix: str) -> int:
        """Stop every execution whose key starts with the prefix, children included; how many were stopped."""
        keys = [key for key in self._records.keys(prefix) if self.state(key) == "running"]
        for key in keys:
            self._records.mark_cancelled(key)
        own: list[JobChild] = []
        others: list[Process] = []
        with self._lock:  # a start under way is finished first, a later one sees the mark
            for key in keys:
                if execution := self._executions.get(key):
                    own += execution.running.values()
                elif record := self._records.load(key):
                    others += record.children.values()
        _stop(own, others)
        self._events.put(lambda: None)
        return len(keys)

    def close(self) -> None:
        """Stop every execution of this process; they count as failed."""
        with self._lock:
            children = [child for one in self._executions.values() for child in one.running.values()]
            for execution in self._executions.values():
                self._give_up(execution, "failed", "the process that ran it was stopped")
        _stop(children, [])
        if self._supervisor:
            self._events.put(None)
            self._supervisor.join(5)
            self._supervisor = None

    def _supervise(self) -> None:
        while True:
            try:
                event = self._events.get(timeout=None if self.idle else AGAIN)
                if event is None:
                    return
                event()
                with self._lock:
                    for execution in list(self._executions.values()):
                        self._advance(execution)
            except queue.Empty:
                self._events.put(lambda: None)
            except OSError:  # a full disk, most likely: the books are written when it has space again
                _log.exception("The state of a job could not be written")

    def _advance(self, execution: _Execution) -> None:
        """Start what may start; close the books when nothing runs and nothing waits."""
        key = execution.record.key
        if self._records.is_cancelled(key):
            self._give_up(execution, "cancelled", "")
        while execution.waiting and self._running() < self._parallelism:
            self._launch(execution, *execution.waiting.popleft())
        if not execution.waiting and not execution.running:
            execution.record.state = execution.outcome
            self._records.save(execution.record)
            del self._executions[key]

    def _running(self) -> int:
        return sum(len(one.running) for one in self._executions.values())

    def _launch(self, execution: _Execution, task: int, attempt: int) -> None:
        record = execution.record
        module = self._modules[record.job]
        program = [self._python, "-P", "-m", module]
        launcher = [self._python, "-I", "-S", str(Path(launch.__file__)), str(os.getpid()), *program]
        env = {
            **self._environment,
            **execution.env,
            "CLOUD_RUN_JOB": record.job,
            "CLOUD_RUN_TASK_INDEX": str(task),
            "CLOUD_RUN_TASK_COUNT": str(record.tasks),
            "CLOUD_RUN_TASK_ATTEMPT": str(attempt),
        }

        def ended(code: int) -> None:
            self._events.put(lambda: self._ended(execution, task, attempt, code))

        try:
            child = JobChild([*launcher, *execution.args], env, self._records.log(record.key, task), ended)
        except OSError as error:
            self._give_up(execution, "failed", f"task {task} could not be started: {error}")
            return
        execution.running[task] = child
        record.children[task] = child.process
        self._records.save(record)
        if self._records.is_cancelled(record.key):  # by another process, which may have looked before this child was
            self._give_up(execution, "cancelled", "")

    def _ended(self, execution: _Execution, task: int, attempt: int, code: int) -> None:
        with self._lock:
            del execution.running[task]
            del execution.record.children[task]
            if code == 0 or execution.outcome != "succeeded" or self._records.is_cancelled(execution.record.key):
                return
            if attempt < self._max_retries:
                execution.waiting.append((task, attempt + 1))
                return
            how = f"exit code {code}" if code > 0 else f"signal {-code}"
            last_words = self._records.log(execution.record.key, task).tail(500).splitlines()[-1:]
            why = f"task {task} ended with {how} in attempt {attempt + 1}, the last one"
            self._give_up(execution, "failed", ": ".join([why, *last_words]))

    def _give_up(self, execution: _Execution, outcome: JobState, reason: str) -> None:
        if execution.outcome == "succeeded":
            execution.outcome, execution.record.reason = outcome, reason
        execution.waiting.clear()
        for child in execution.running.values():
            child.signal(signal.SIGTERM if outcome == "cancelled" else signal.SIGKILL)


def _stop(own: Sequence[JobChild], others: Sequence[Process]) -> None:
    """Ask the groups to end, then make them; returns within GRACE + KILL_WAIT seconds."""
    for number, patience in ((signal.SIGTERM, GRACE), (signal.SIGKILL, KILL_WAIT)):
        for child in own:
            child.signal(number)
        for process in others:
            process.signal_group(number)
        deadline = time.monotonic() + patience
        gone = all(child.wait(deadline - time.monotonic()) for child in own)
        # Another process's children: it kills what a dead leader left behind, which takes a moment.
        while gone and any(process.group_alive() for process in others) and time.monotonic() < deadline:
            time.sleep(0.01)
        if gone and not any(process.group_alive() for process in others):
            return

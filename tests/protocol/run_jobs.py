"""Cloud Run jobs of one process, as published: executions with conditions, numbered tasks, retries, cancellation.

Its tasks are real processes: the command of their job with the arguments and environment of the execution.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import grpc
from google.cloud import run_v2
from google.cloud.run_v2.services.executions.transports import ExecutionsGrpcTransport
from google.cloud.run_v2.services.jobs.transports import JobsGrpcTransport
from google.cloud.run_v2.services.tasks.transports import TasksGrpcTransport
from google.longrunning import operations_pb2
from google.rpc import status_pb2

from tests.protocol.grpc_service import Methods, Refused, serving

PAGE = 2  # small, so that clients have to page
GRACE = 1.0  # seconds between SIGTERM and SIGKILL, ten on Cloud Run

_State = run_v2.Condition.State
_Reason = run_v2.Condition.ExecutionReason


@dataclass
class Job:
    """A deployed job: what its container runs."""

    command: Sequence[str]
    env: Mapping[str, str]
    max_retries: int = 3


@dataclass
class RunJobs:
    """Jobs by resource name. `lose` loses the answer of that many RunJob calls, after they started an execution;
    `hide` keeps the newest execution from that many lists; `refuse` answers the next calls of a method with a status.
    """

    jobs: dict[str, Job] = field(default_factory=dict)
    lose: int = 0
    hide: int = 0
    refuse: dict[str, list[grpc.StatusCode]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    executions: dict[str, "_Running"] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def services(self) -> dict[str, Methods]:
        return {
            "google.cloud.run.v2.Jobs": {"RunJob": (run_v2.RunJobRequest, self._run)},
            "google.cloud.run.v2.Executions": {
                "GetExecution": (run_v2.GetExecutionRequest, self._get),
                "ListExecutions": (run_v2.ListExecutionsRequest, self._list),
                "CancelExecution": (run_v2.CancelExecutionRequest, self._cancel),
            },
            "google.cloud.run.v2.Tasks": {"ListTasks": (run_v2.ListTasksRequest, self._list_tasks)},
        }

    def close(self) -> None:
        """End every process."""
        for running in list(self.executions.values()):
            running.cancel()
        for running in list(self.executions.values()):
            running.join()

    def _run(self, request: run_v2.RunJobRequest) -> operations_pb2.Operation:
        self._called("RunJob")
        job = self.jobs.get(request.name)
        if job is None:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"Resource '{request.name}' of kind 'JOB' does not exist.")
        name = f"{request.name}/executions/{request.name.rpartition('/')[2]}-{secrets.token_hex(3)}"
        with self._lock:
            running = self.executions[name] = _Running(name, job, request.overrides)
        running.start()
        if self.lose:
            self.lose -= 1
            raise Refused(grpc.StatusCode.UNAVAILABLE, "the answer was lost")
        return _operation(running)

    def _get(self, request: run_v2.GetExecutionRequest) -> run_v2.Execution:
        self._called("GetExecution")
        return self._found(request.name).resource()

    def _list(self, request: run_v2.ListExecutionsRequest) -> run_v2.ListExecutionsResponse:
        self._called("ListExecutions")
        if request.parent not in self.jobs:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"Resource '{request.parent}' of kind 'JOB' does not exist.")
        with self._lock:
            names = [name for name in reversed(self.executions) if name.startswith(f"{request.parent}/")]
            if self.hide:
                self.hide -= 1
                del names[:1]
            rows = [self.executions[name].resource() for name in names]  # newest first
        start = int(request.page_token or 0)
        more = str(start + PAGE) if start + PAGE < len(rows) else ""
        return run_v2.ListExecutionsResponse(executions=rows[start : start + PAGE], next_page_token=more)

    def _list_tasks(self, request: run_v2.ListTasksRequest) -> run_v2.ListTasksResponse:
        self._called("ListTasks")
        return run_v2.ListTasksResponse(tasks=self._found(request.parent).tasks())

    def _cancel(self, request: run_v2.CancelExecutionRequest) -> operations_pb2.Operation:
        self._called("CancelExecution")
        running = self._found(request.name)
        if not running.cancel():
            raise Refused(grpc.StatusCode.FAILED_PRECONDITION, "The execution has already completed.")
        return _operation(running)

    def _called(self, method: str) -> None:
        with self._lock:
            self.calls.append(method)
            if refusals := self.refuse.get(method):
                raise Refused(refusals.pop(0), "told to refuse")

    def _found(self, name: str) -> "_Running":
        with self._lock:
            if name not in self.executions:
                raise Refused(grpc.StatusCode.NOT_FOUND, f"Resource '{name}' of kind 'EXECUTION' does not exist.")
            return self.executions[name]


class _Running:
    """One execution: a thread per task, which runs its attempts one after the other."""

    def __init__(self, name: str, job: Job, overrides: run_v2.RunJobRequest.Overrides) -> None:
        self.name = name
        self._job = job
        override = overrides.container_overrides[0]
        env = {**job.env, **{variable.name: variable.value for variable in override.env}}
        variables = [run_v2.EnvVar(name=name, value=value) for name, value in env.items()]
        container = run_v2.Container(command=list(job.command), args=list(override.args), env=variables)
        self._template = run_v2.TaskTemplate(containers=[container], max_retries=job.max_retries)
        self._made = datetime.now(UTC)
        self._results: list[run_v2.Task] = [
            run_v2.Task(name=f"{name}/tasks/{name.rpartition('/')[2]}-task{index}", index=index)
            for index in range(max(1, overrides.task_count))
        ]
        self._ended: dict[int, str] = {}  # how each task ended: succeeded, failed or cancelled
        self._cancelled = threading.Event()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.RLock()
        self._threads = [
            threading.Thread(target=self._work, args=[task], name=f"{name}-{task.index}") for task in self._results
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def cancel(self) -> bool:
        """Stop the processes; False when nothing runs any more."""
        with self._lock:
            if self._over and not self._cancelled.is_set():
                return False
            self._cancelled.set()
            for process in self._processes.values():
                _signal(process, signal.SIGTERM)
        return True

    def tasks(self) -> list[run_v2.Task]:
        with self._lock:
            return [run_v2.Task(task) for task in self._results]

    def resource(self) -> run_v2.Execution:
        with self._lock:
            counts = {how: list(self._ended.values()).count(how) for how in ("succeeded", "failed", "cancelled")}
            completed = run_v2.Condition(type_="Completed", state=_State.CONDITION_RECONCILING)
            if self._over:
                good = counts["succeeded"] == len(self._results)
                completed.state = _State.CONDITION_SUCCEEDED if good else _State.CONDITION_FAILED
                if counts["failed"]:
                    completed.execution_reason = _Reason.NON_ZERO_EXIT_CODE
                    completed.message = "A task failed with message: The container exited with an error."
                elif not good:
                    completed.execution_reason = _Reason.CANCELLED
            elif self._cancelled.is_set():
                completed.execution_reason = _Reason.CANCELLING
            started = run_v2.Condition(type_="Started", state=_State.CONDITION_SUCCEEDED)
            return run_v2.Execution(
                name=self.name,
                job=self.name.split("/")[-3],
                create_time=self._made,
                task_count=len(self._results),
                template=self._template,
                conditions=[completed, started],
                running_count=len(self._processes),
                succeeded_count=counts["succeeded"],
                failed_count=counts["failed"],
                cancelled_count=counts["cancelled"],
            )

    @property
    def _over(self) -> bool:
        return len(self._ended) == len(self._results)

    def _work(self, task: run_v2.Task) -> None:
        for attempt in range(self._job.max_retries + 1):
            code = self._attempt(task.index, attempt)
            with self._lock:
                task.retried = attempt
                if code == 0 or self._cancelled.is_set():
                    break
                result = {"term_signal": -code} if code < 0 else {"exit_code": code}
                status = status_pb2.Status(code=2, message="The container exited with an error.")
                task.last_attempt_result = run_v2.TaskAttemptResult(status=status, **result)
        with self._lock:
            how = "succeeded" if code == 0 else "failed"
            self._ended[task.index] = "cancelled" if self._cancelled.is_set() and code != 0 else how

    def _attempt(self, index: int, attempt: int) -> int:
        """Run the container once; its exit code."""
        container = self._template.containers[0]
        env = {
            **os.environ,
            **{variable.name: variable.value for variable in container.env},
            "CLOUD_RUN_JOB": self.name.split("/")[-3],
            "CLOUD_RUN_EXECUTION": self.name.rpartition("/")[2],
            "CLOUD_RUN_TASK_INDEX": str(index),
            "CLOUD_RUN_TASK_COUNT": str(len(self._results)),
            "CLOUD_RUN_TASK_ATTEMPT": str(attempt),
        }
        with self._lock:
            if self._cancelled.is_set():
                return -signal.SIGTERM
            process = subprocess.Popen(
                [*container.command, *container.args],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._processes[index] = process
        with contextlib.suppress(subprocess.TimeoutExpired):
            while not self._cancelled.is_set():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.02)
                    break
            process.wait(GRACE)
        _signal(process, signal.SIGKILL)
        code = process.wait()
        with self._lock:
            del self._processes[index]
        return code


def _signal(process: "subprocess.Popen[bytes]", number: int) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def _operation(running: _Running) -> operations_pb2.Operation:
    operation = operations_pb2.Operation(name=f"operations/{secrets.token_hex(8)}")
    operation.metadata.Pack(run_v2.Execution.pb(running.resource()))
    return operation


@dataclass
class Clients:
    """Google's own clients of the server."""

    jobs: run_v2.JobsClient
    executions: run_v2.ExecutionsClient
    tasks: run_v2.TasksClient


@contextmanager
def run_jobs() -> Iterator[tuple[RunJobs, Clients]]:
    """A server and its clients; its processes end with the block."""
    served = RunJobs()
    try:
        with serving(served.services()) as channel:
            yield (
                served,
                Clients(
                    run_v2.JobsClient(transport=JobsGrpcTransport(channel=channel)),
                    run_v2.ExecutionsClient(transport=ExecutionsGrpcTransport(channel=channel)),
                    run_v2.TasksClient(transport=TasksGrpcTransport(channel=channel)),
                ),
            )
    finally:
        served.close()

"""Jobs as Cloud Run job executions.

`RunJob` takes no token that would make it idempotent, so the key travels in the execution's own environment, where
a look-up finds it again, also after an answer that was lost. Of two starters at once the execution that was made
first stays and the other is cancelled; if a list comes too late to show them to each other both run, under one epoch,
and only one outcome counts.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from google.api_core import exceptions, retry
from google.cloud import run_v2

from common.platform.jobs import JobState, JobsUnavailable

KEY = "JOB_KEY"  # environment variable of an execution that names it; no setting, which a job would refuse
SECONDS = 10.0  # one request
PATIENCE = 20.0  # a request with its repetitions
STOPPING = 30.0  # seconds until a cancelled execution is gone: SIGTERM, ten seconds, SIGKILL
PAGE = 500  # executions of one list request, at most; Cloud Run keeps about a thousand
KNOWN = 1000  # executions whose name is remembered

_State = run_v2.Condition.State
_Reason = run_v2.Condition.ExecutionReason
_AGAIN = retry.if_exception_type(
    exceptions.ServiceUnavailable, exceptions.ResourceExhausted, exceptions.Aborted, exceptions.DeadlineExceeded
)
_UNDONE = (
    exceptions.BadRequest,
    exceptions.Forbidden,
    exceptions.Unauthorized,
    exceptions.NotFound,
    exceptions.TooManyRequests,
)


class CloudRunJobs:
    """The jobs of one project and region; `names` maps our jobs to Cloud Run's, whose container runs the module."""

    def __init__(
        self,
        jobs: run_v2.JobsClient,
        executions: run_v2.ExecutionsClient,
        tasks: run_v2.TasksClient,
        project: str,
        region: str,
        names: Mapping[str, str],
        *,
        patience: float = PATIENCE,
        stopping: float = STOPPING,
    ) -> None:
        self._jobs = jobs
        self._executions = executions
        self._tasks = tasks
        self._place = f"projects/{project}/locations/{region}"
        self._names = names
        self._stopping = stopping
        self._retry = retry.Retry(predicate=_AGAIN, initial=0.2, maximum=3.0, timeout=patience)
        self._known: OrderedDict[str, str] = OrderedDict()

    def start(self, job: str, key: str, *, args: Sequence[str], env: Mapping[str, str], tasks: int = 1) -> None:
        """Start an execution unless one of that key exists."""
        if job not in self._names:
            raise ValueError(f"there is no job {job!r}; there are: {', '.join(sorted(self._names))}")
        if tasks < 1:
            raise ValueError(f"the job {job} cannot run in {tasks} tasks: it takes at least 1")
        if not key:
            raise ValueError(f"the job {job} needs a key to be found again by")
        if self._first(key, job) is not None:
            return
        variables = [run_v2.EnvVar(name=name, value=value) for name, value in {**env, KEY: key}.items()]
        override = run_v2.RunJobRequest.Overrides.ContainerOverride(args=list(args), clear_args=not args, env=variables)
        overrides = run_v2.RunJobRequest.Overrides(container_overrides=[override], task_count=tasks)
        name = f"{self._place}/jobs/{self._names[job]}"
        try:
            # Not repeated by itself: an answer that was lost may have started it.
            operation = self._jobs.run_job(
                request=run_v2.RunJobRequest(name=name, overrides=overrides), retry=None, timeout=SECONDS
            )
        except exceptions.NotFound as missing:
            raise ValueError(f"there is no Cloud Run job {name}: deploy the job {job}") from missing
        except _UNDONE as refused:
            raise JobsUnavailable(f"Cloud Run did not start the job {job}: {refused.message}") from refused
        except exceptions.GoogleAPICallError as lost:
            if self._first(key, job) is None:
                text = f"Cloud Run did not say whether it started the job {job} ({type(lost).__name__}); try again"
                raise JobsUnavailable(text) from lost
            return
        made = operation.metadata.name
        first = self._first(key, job)
        if first is not None and first.name != made:
            self._cancel(made)  # a rival was faster
        else:
            self._remember(key, made)

    def state(self, key: str) -> JobState | None:
        """State of the execution, or None when no such key was started."""
        found = self._find(key)
        return _state(found) if found else None

    def reason(self, key: str) -> str:
        """Why the execution failed, in words for an operator; empty when it did not, or nobody saw it."""
        found = self._find(key)
        if found is None or _state(found) != "failed":
            return ""
        with _translated():
            tasks = self._tasks.list_tasks(parent=found.name, retry=self._retry, timeout=SECONDS)
            said = [why for task in tasks if (why := _why(task))]
        said = said or [
            condition.message for condition in found.conditions if condition.state == _State.CONDITION_FAILED
        ]
        return "; ".join(said[:3]) or f"the execution {found.name.rpartition('/')[2]} failed"

    def cancel(self, prefix: str) -> int:
        """Stop every execution whose key starts with the prefix, children included; how many were stopped.

        JobsUnavailable when one of them does not end in time; asking again goes on waiting.
        """
        live = [
            execution.name
            for execution in self._listed(*self._names)
            if (key := _key(execution)) is not None and key.startswith(prefix) and _state(execution) == "running"
        ]
        for name in live:
            self._cancel(name)
        return sum(state == "cancelled" for state in self._ended(live))

    def _ended(self, names: list[str]) -> Iterator[JobState]:
        """The states in which executions end, waited for."""
        deadline = time.monotonic() + self._stopping
        pause = 0.05
        for name in names:
            while (found := self._get(name)) is not None and (state := _state(found)) == "running":
                if time.monotonic() > deadline:
                    raise JobsUnavailable(f"{name.rpartition('/')[2]} is still being stopped; ask again in a moment")
                time.sleep(pause)
                pause = min(1.0, pause * 2)
            if found is not None:
                yield state

    def _find(self, key: str) -> run_v2.Execution | None:
        """The execution of a key, as it is now."""
        name = self._known.get(key)
        if name is not None and (found := self._get(name)) is not None:
            return found
        return self._first(key, *self._names)

    def _first(self, key: str, *jobs: str) -> run_v2.Execution | None:
        """Of the executions that carry a key the one that was made first: all starters agree on it."""
        same = [execution for execution in self._listed(*jobs) if _key(execution) == key]
        first = min(same, key=_age, default=None)
        if first is not None:
            self._remember(key, first.name)
        return first

    def _listed(self, *jobs: str) -> Iterator[run_v2.Execution]:
        for job in jobs:
            with _translated():
                parent = f"{self._place}/jobs/{self._names[job]}"
                request = run_v2.ListExecutionsRequest(parent=parent, page_size=PAGE)
                try:
                    yield from self._executions.list_executions(request=request, retry=self._retry, timeout=SECONDS)
                except exceptions.NotFound:
                    continue  # a job that is not deployed has no executions

    def _get(self, name: str) -> run_v2.Execution | None:
        with _translated():
            try:
                return self._executions.get_execution(name=name, retry=self._retry, timeout=SECONDS)
            except exceptions.NotFound:
                return None

    def _cancel(self, name: str) -> None:
        with _translated():
            try:
                self._executions.cancel_execution(name=name, retry=self._retry, timeout=SECONDS)
            except (exceptions.NotFound, exceptions.FailedPrecondition):
                return  # it is over

    def _remember(self, key: str, name: str) -> None:
        self._known[key] = name
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)


def _key(execution: run_v2.Execution) -> str | None:
    for container in execution.template.containers:
        for variable in container.env:
            if variable.name == KEY:
                return str(variable.value)
    return None


def _age(execution: run_v2.Execution) -> tuple[float, str]:
    """Orders executions by when they were made; one that was not acknowledged yet comes last."""
    made = execution.create_time
    return made.timestamp() if made else math.inf, execution.name


def _state(execution: run_v2.Execution) -> JobState:
    """What the condition `Completed` says; an execution that is being cancelled still runs."""
    completed = next((one for one in execution.conditions if one.type_ == "Completed"), None)
    if completed is None or completed.state not in (_State.CONDITION_SUCCEEDED, _State.CONDITION_FAILED):
        return "running"
    if completed.state == _State.CONDITION_SUCCEEDED:
        return "succeeded"
    cancelled = completed.execution_reason in (_Reason.CANCELLED, _Reason.DELETED)
    return "cancelled" if cancelled or (execution.cancelled_count and not execution.failed_count) else "failed"


def _why(task: run_v2.Task) -> str:
    """How the last attempt of a task went wrong; empty when it did not."""
    last = task.last_attempt_result
    if not last.status.code and not last.exit_code and not last.term_signal:
        return ""
    how = f"signal {last.term_signal}" if last.term_signal else f"exit code {last.exit_code}"
    said = f": {last.status.message}" if last.status.message else ""
    return f"task {task.index} ended with {how} in attempt {task.retried + 1}, the last one{said}"


@contextmanager
def _translated() -> Iterator[None]:
    """Say in the port's words that Cloud Run did not answer."""
    try:
        yield
    except exceptions.PermissionDenied as denied:
        text = f"Cloud Run refuses this account: {denied.message}; grant it roles/run.developer on its jobs"
        raise JobsUnavailable(text) from denied
    except (exceptions.GoogleAPICallError, exceptions.RetryError) as away:
        raise JobsUnavailable(f"Cloud Run did not answer about its jobs ({type(away).__name__}); try again") from away

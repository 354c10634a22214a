"""The port for jobs: long work in its own container or process, in one or more numbered tasks."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

JobState = Literal["running", "succeeded", "failed", "cancelled"]


class JobsUnavailable(Exception):
    """The execution could not be started now; nothing of it runs."""


class Jobs(Protocol):
    """Start, find and cancel executions. The key makes a start idempotent: one execution per key, ever."""

    def start(self, job: str, key: str, *, args: Sequence[str], env: Mapping[str, str], tasks: int = 1) -> None:
        """Start an execution unless one of that key exists. Tasks get CLOUD_RUN_TASK_INDEX, _COUNT, _ATTEMPT.

        A task that ends with another code than 0 is tried again a few times; when that does not help the execution
        has failed. JobsUnavailable, or ValueError for a job that does not exist.
        """

    def state(self, key: str) -> JobState | None:
        """State of the execution, or None when no such key was started."""

    def reason(self, key: str) -> str:
        """Why the execution failed, in words for an operator; empty when it did not, or nobody saw it."""

    def cancel(self, prefix: str) -> int:
        """Stop every execution whose key starts with the prefix, children included; how many were stopped.

        When it returns their state is `cancelled`, nothing of them runs, and nothing of them will start.
        """

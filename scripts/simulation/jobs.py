"""Cloud Run jobs in virtual time: executions by key, tried again when their task is killed."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.platform.jobs import JobState
from scripts.simulation.scheduler import Crash, Process

if TYPE_CHECKING:
    from scripts.simulation.world import World

RETRIES = 2
LIMIT_SECONDS = 3600.0


@dataclass
class Execution:
    """One execution: its task's arguments, and the process that runs it now."""

    key: str
    args: Sequence[str]
    state: JobState = "running"
    reason: str = ""
    process: Process | None = None
    attempts: int = 0


class SimulatedJobs:
    """Runs `main` with an execution's arguments on a host of its own."""

    def __init__(self, world: "World", main: Callable[..., int]):
        self.executions: dict[str, Execution] = {}
        self.queueing = (0.1, 500.0)  # seconds until an execution begins
        self._world = world
        self._main = main

    def start(self, job: str, key: str, *, args: Sequence[str], env: Mapping[str, str], tasks: int = 1) -> None:
        """Start an execution unless one of that key exists."""
        if key in self.executions:
            return
        execution = self.executions[key] = Execution(key, list(args))
        scarce = self._world.faults.strike("scarcity")
        wait = self._world.chance.spread(*((300.0, 3000.0) if scarce else self.queueing))
        self._world.scheduler.spawn(Process(f"jobs/{key}"), lambda: self._supervise(execution), after=wait)

    def state(self, key: str) -> JobState | None:
        """State of the execution, or None when no such key was started."""
        execution = self.executions.get(key)
        return execution.state if execution else None

    def reason(self, key: str) -> str:
        """Why the execution failed."""
        execution = self.executions.get(key)
        return execution.reason if execution else ""

    def cancel(self, prefix: str) -> int:
        """Stop every execution whose key starts with the prefix."""
        stopped = [one for key, one in self.executions.items() if key.startswith(prefix) and one.state == "running"]
        for execution in stopped:
            self._world.trace.note(self._world.scheduler.now, f"jobs/{execution.key}", "is cancelled")
            execution.state = "cancelled"
            if execution.process is not None:
                self._world.scheduler.kill(execution.process)
        return len(stopped)

    def _supervise(self, execution: Execution) -> None:
        scheduler = self._world.scheduler
        pipeline_id, key, epoch = execution.args
        while execution.state == "running":
            execution.attempts += 1
            host = self._world.hosts.add(f"job{len(self.executions)}.{execution.attempts}")
            label = f"{host.name}/{pipeline_id[:4]}:{key}"
            run = functools.partial(self._main, pipeline_id, key, int(epoch))
            actor = self._world.platform.start(host, label, run, (pipeline_id, key))
            execution.process = actor.process
            actor.process.epochs[pipeline_id, key] = int(epoch)
            if not scheduler.join(actor, LIMIT_SECONDS):
                scheduler.kill(actor.process)
                scheduler.join(actor)
            self._world.platform.ended(actor, job=True)
            if execution.state != "running":
                return
            if actor.error is None:
                execution.state = "succeeded"
            elif execution.attempts > RETRIES:
                execution.state = "failed"
                execution.reason = f"its task ended {execution.attempts} times: {_how(actor.error)}"
            else:
                scheduler.pause(self._world.chance.spread(0.5, 20.0))


def _how(error: BaseException) -> str:
    return "it was killed" if isinstance(error, Crash) else f"{type(error).__name__}: {error}"

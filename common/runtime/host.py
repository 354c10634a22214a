"""What a profile on one machine needs: a process by name, the programs of jobs, and what becomes of dead letters."""

import base64
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from common.domain.settings import Settings
from common.platform.clock import Clock
from common.platform.documents import Unavailable
from common.platform.embedded.delivery import Deliver, Limits
from common.platform.embedded.jobs import SubprocessJobs
from common.platform.embedded.processes import Process
from common.platform.embedded.tasks import DeadTask, InProcessTasks
from common.platform.tasks import Tasks

ROOT = Path(__file__).resolve().parents[2]
JOBS = {"render": "functions.render.job"}
JOB_RETRIES = 2
WEBHOOKS = 4  # messages that are sent at a time


class NoBus:
    """The bus of a process that hosts no functions: it takes nothing, so that the outbox keeps it for the host."""

    def publish(self, topic: str, data: Mapping[str, Any], *, message_id: str) -> None:
        """Refuse."""
        raise Unavailable(f"this process hosts no functions, so {topic} waits in the outbox")

    def enqueue(
        self, queue: str, function: str, data: Mapping[str, Any], *, name: str, not_before: datetime | None = None
    ) -> bool:
        """Refuse."""
        raise Unavailable(f"this process hosts no functions, so {function} waits in the outbox")


def own_name() -> str:
    """A name of this process that no later one of the same number has."""
    process = Process.of(os.getpid())
    return f"{process.pid}@{process.started.replace('/', '~')}"


def is_alive(name: str) -> bool | None:
    """Whether the process of that name still runs; None for a name that is not of this machine's kind."""
    number, _, started = name.partition("@")
    return Process(int(number), started.replace("~", "/")).alive() if number.isdigit() and started else None


def jobs(settings: Settings) -> SubprocessJobs:
    """Jobs as child processes with our settings."""
    environment = {**os.environ, **settings.environment()}
    return SubprocessJobs(settings.home / "jobs", JOBS, [ROOT], environment=environment, max_retries=JOB_RETRIES)


def tasks(settings: Settings, deliver: Deliver | None, clock: Clock) -> Tasks:
    """Task queues in this process; none where it hosts no functions."""
    if deliver is None:
        return NoBus()

    def dead_task(dead: DeadTask) -> None:
        bury(deliver, dead.name, dead.data, dead.reason)

    limits = {f"assets-{priority}": Limits(concurrency=settings.workers) for priority in ("low", "medium", "high")}
    limits["webhooks"] = Limits(concurrency=WEBHOOKS, own=WEBHOOKS)  # they wait for others, so no step waits for them
    return InProcessTasks(deliver, clock, dead_letter=dead_task, workers=settings.workers, limits=limits)


def bury(deliver: Deliver, name: str, data: Mapping[str, object], reason: str) -> None:
    """Hand a message that nobody took to the function that keeps such messages; a failure asks for it again."""
    payload = base64.b64encode(json.dumps(dict(data)).encode()).decode()
    message = {"data": payload, "messageId": name, "attributes": {"reason": reason}}
    status = deliver("dead_letter", json.dumps({"message": message}).encode(), {"Content-Type": "application/json"})
    if not 200 <= status < 300:
        raise Unavailable(f"the dead letter of {name} was not taken ({status})")

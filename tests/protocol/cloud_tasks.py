"""A Cloud Tasks of one process, as published: queues with a pace, delays, retries, names that stay taken, tokens.

Only CreateTask is served; anything else is unimplemented. Queues keep their pace and repeat calls by the embedded
dispatcher, whose longest pause and doublings stand for a queue's `retry_config`. Not kept: the back-pressure of a whole
queue after many 429 and 503, and the rare second call of a task.
"""

import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import grpc
from google.cloud.tasks_v2 import CreateTaskRequest, HttpMethod, Task

from common.platform.clock import Clock
from common.platform.embedded.delivery import Call, Dispatcher, Limits, Retries
from tests.protocol.grpc_service import Methods, Refused
from tests.protocol.http_call import post
from tests.protocol.tokens import Issuer

SERVICE = "google.cloud.tasks.v2.CloudTasks"
TAKEN_FOR = timedelta(hours=24)
LONGEST_DELAY = timedelta(days=30)
SHORTEST_DEADLINE, LONGEST_DEADLINE = timedelta(seconds=15), timedelta(minutes=30)
LARGEST_BODY = 1_000_000

_ID = re.compile(r"[A-Za-z0-9_-]{1,500}")


@dataclass
class _Kept:
    """A task that was created; `ended` is when it was taken or given up."""

    task: Task
    queue: str
    due: datetime
    ended: datetime | None = None
    previous: int | None = None
    answers: int = 0


class CloudTasksServer:
    """Queues by id under one location. Their tasks run when the dispatcher is driven or started.

    `refuse` answers the next calls with a status; the next `lost` answers do not arrive, though the task was created.
    """

    def __init__(
        self,
        location: str,
        clock: Clock,
        issuer: Issuer,
        *,
        queues: Mapping[str, Limits],
        retries: Retries,
    ) -> None:
        self._location = location
        self._clock = clock
        self._issuer = issuer
        self._queues = {f"{location}/queues/{name}": name for name in queues}
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()
        self.dispatcher = Dispatcher(self._deliver, clock, retries=retries, limits=queues, seed=1)
        self.refuse: list[grpc.StatusCode] = []
        self.lost = 0
        self.requests: list[CreateTaskRequest] = []

    def methods(self) -> Methods:
        return {"CreateTask": (CreateTaskRequest, self._create)}

    def _create(self, request: CreateTaskRequest) -> Task:
        with self._lock:
            self.requests.append(request)
            if self.refuse:
                raise Refused(self.refuse.pop(0), "refused by the test")
            queue = self._queues.get(request.parent)
            if queue is None:
                raise Refused(grpc.StatusCode.NOT_FOUND, "Queue does not exist.")
            task = Task(request.task)
            task.name = task.name or f"{request.parent}/tasks/{uuid.uuid4().hex}"
            now = self._clock.now()
            _check(request.parent, task, now)
            before = self._kept.get(task.name)
            if before is not None and (before.ended is None or now - before.ended < TAKEN_FOR):
                raise Refused(grpc.StatusCode.ALREADY_EXISTS, "The task cannot be created because its name is taken.")
            task.create_time = now
            due = task.schedule_time = max(now, _moment(task.schedule_time) or now)
            self._kept[task.name] = _Kept(task, queue, due)
            self._add(task.name)
            if self.lost:
                self.lost -= 1
                raise Refused(grpc.StatusCode.UNAVAILABLE, "the answer was lost")
            return Task(name=task.name, create_time=now, schedule_time=due, dispatch_deadline=task.dispatch_deadline)

    def _add(self, name: str) -> None:
        kept = self._kept[name]

        def request(attempt: int) -> tuple[bytes, Mapping[str, str]]:
            return kept.task.http_request.body, self._headers(kept, attempt)

        def gave_up(_attempts: int, _reason: str) -> None:
            kept.ended = self._clock.now()  # there are no dead letters

        self.dispatcher.add(kept.queue, Call(name, request, gave_up), kept.due)

    def _headers(self, kept: _Kept, attempt: int) -> dict[str, str]:
        headers = {
            "User-Agent": "Google-Cloud-Tasks",
            **kept.task.http_request.headers,
            "X-CloudTasks-QueueName": kept.queue,
            "X-CloudTasks-TaskName": kept.task.name.rpartition("/")[2],
            "X-CloudTasks-TaskRetryCount": str(attempt - 1),
            "X-CloudTasks-TaskExecutionCount": str(kept.answers),
            "X-CloudTasks-TaskETA": f"{kept.due.timestamp():.6f}",
        }
        if kept.previous is not None:
            headers["X-CloudTasks-TaskPreviousResponse"] = str(kept.previous)
        oidc = kept.task.http_request.oidc_token
        if oidc.service_account_email:
            audience = oidc.audience or kept.task.http_request.url
            headers["Authorization"] = f"Bearer {self._issuer.token(audience, oidc.service_account_email)}"
        return headers

    def _deliver(self, name: str, body: bytes, headers: Mapping[str, str]) -> int:
        kept = self._kept[name]
        seconds = kept.task.dispatch_deadline.total_seconds()
        kept.previous = post(kept.task.http_request.url, body, headers, seconds=seconds)
        kept.answers += 1
        if 200 <= kept.previous < 300:
            kept.ended = self._clock.now()
        return kept.previous


def _check(parent: str, task: Task, now: datetime) -> None:
    """What CreateTask refuses."""
    prefix, _, task_id = task.name.rpartition("/tasks/")
    if prefix != parent or not _ID.fullmatch(task_id):
        raise _invalid(f"Task name must be formatted as {parent}/tasks/TASK_ID.")
    call = task.http_request
    if not call.url.startswith(("http://", "https://")):
        raise _invalid("HttpRequest.url must start with 'http://' or 'https://'.")
    if call.http_method != HttpMethod.POST:
        raise _invalid("only POST is served here.")
    if len(call.body) > LARGEST_BODY:
        raise _invalid("Task size too large.")
    when = _moment(task.schedule_time)
    if when is not None and when - now > LONGEST_DELAY:
        raise _invalid("The task's schedule_time is too far in the future.")
    if task.dispatch_deadline and not SHORTEST_DEADLINE <= task.dispatch_deadline <= LONGEST_DEADLINE:
        raise _invalid("Task.dispatch_deadline must be between [15s, 30m].")
    task.dispatch_deadline = task.dispatch_deadline or timedelta(minutes=10)


def _moment(value: datetime | None) -> datetime | None:
    """A time of a message, or None where it was not set."""
    return value if value is not None and value.timestamp() > 0 else None


def _invalid(detail: str) -> Refused:
    return Refused(grpc.StatusCode.INVALID_ARGUMENT, detail)

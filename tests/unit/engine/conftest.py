"""A small world for the engine: real embedded adapters, a clock of its own, and steps that do as they are told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from common.domain.catalogue import Catalogue, parse
from common.domain.pipeline import Outcome, Pipeline, Step
from common.domain.request import PipelineRequest
from common.domain.settings import Settings
from common.engine import control, deliveries, store, worker
from common.engine.context import Context
from common.engine.push import parse as parse_push
from common.engine.task import Task
from common.platform import seal
from common.platform.embedded.cache import MemoryCache
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.delivery import Retries
from common.platform.embedded.documents import SqliteDocuments
from common.platform.embedded.identity import DevelopmentIdentity
from common.platform.embedded.messages import InProcessMessages
from common.platform.embedded.objects import FolderObjects
from common.platform.embedded.secrets import FolderSecrets
from common.platform.embedded.signed_urls import SignedUrls
from common.platform.embedded.tasks import InProcessTasks
from common.platform.jobs import JobState
from common.providers.registry import Registry
from functions.upkeep import announce, deliver_webhook

CATALOGUE = parse(
    """
defaults: {memory: 512Mi, cpu: 1, timeout: 60s, concurrency: 1, min: 0, max: 1}
functions:
  analyze: {summary: first, step: {lease: 60s, attempts: 3, deadline: 10m, progress: [0.0, 0.2]}}
  part: {summary: fan-out, step: {lease: 60s, attempts: 3, deadline: 10m, queue: assets, progress: [0.2, 0.6]}}
  long: {summary: a job, step: {lease: 60s, attempts: 3, deadline: 60m, job: render, progress: [0.2, 0.6]}}
  join: {summary: fan-in, step: {lease: 60s, attempts: 3, deadline: 10m, progress: [0.6, 1.0]}}
  announce: {summary: events, topic: announcements}
  deliver_webhook: {summary: messages, task: webhooks}
"""
)

UPKEEP = {"announce": announce.run, "deliver_webhook": deliver_webhook.run}


class NoJobs:
    """Remembers what was cancelled, and says what a test wrote down."""

    def __init__(self) -> None:
        self.cancelled: list[str] = []
        self.states: dict[str, JobState] = {}
        self.reasons: dict[str, str] = {}

    def start(self, job: str, key: str, *, args: Any, env: Any, tasks: int = 1) -> None:
        raise AssertionError("no step here starts a job")

    def state(self, key: str) -> JobState | None:
        return self.states.get(key)

    def reason(self, key: str) -> str:
        return self.reasons.get(key, "")

    def cancel(self, prefix: str) -> int:
        self.cancelled.append(prefix)
        return 0


@dataclass
class Bench:
    """Submit, deliver and look."""

    context: Context
    clock: VirtualClock
    handlers: dict[str, Callable[[Task], Outcome]] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    def deliver(self, function: str, body: bytes, headers: Any) -> int:
        delivery = parse_push(body, headers)
        if function in UPKEEP:
            UPKEEP[function](self.context, delivery)
            return 204
        data = delivery.data
        worker.deliver(self.context, self._recorded(self.handlers[function]), data["pipeline_id"], data["key"])
        return 204

    def _recorded(self, handler: Callable[[Task], Outcome]) -> Callable[[Task], Outcome]:
        def run(task: Task) -> Outcome:
            self.ran.append(task.step.key)
            return handler(task)

        return run

    def submit(self, **fields: Any) -> Pipeline:
        request = PipelineRequest(content="Ten characters at least", **fields)
        return control.submit(self.context, request, "ann")

    def drain(self, limit: int = 200) -> None:
        """Deliver everything that is due."""
        for _ in range(limit):
            if not any([self.messages.dispatcher.run_one(), self.tasks.dispatcher.run_one()]):
                return
        raise AssertionError("the queues never ran dry")

    def announce(self) -> None:
        """Let the announcer have what lies in the outbox for it."""
        for row in self.context.documents.query("outbox"):
            deliveries.fan_out(self.context, row.id)

    @property
    def messages(self) -> InProcessMessages:
        assert isinstance(self.context.messages, InProcessMessages)
        return self.context.messages

    @property
    def tasks(self) -> InProcessTasks:
        assert isinstance(self.context.tasks, InProcessTasks)
        return self.context.tasks

    def pipeline(self, pipeline_id: str) -> Pipeline:
        return control.load(self.context, pipeline_id)

    def step(self, pipeline_id: str, key: str) -> Step:
        found = store.read(self.context.documents, pipeline_id, key).step
        assert found is not None
        return found

    def events(self, pipeline_id: str) -> list[str]:
        return [event.type for event in store.events(self.context.documents, pipeline_id)]


@pytest.fixture
def catalogue() -> Catalogue:
    return CATALOGUE


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = bench_in(tmp_path / "bench")
    yield made
    made.context.documents.close()


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[Callable[[], Bench]]:
    """Makes benches, each with a state of its own."""
    made: list[Bench] = []

    def make() -> Bench:
        made.append(bench_in(tmp_path / str(len(made))))
        return made[-1]

    yield make
    for bench in made:
        bench.context.documents.close()


def bench_in(folder: Path) -> Bench:
    clock = VirtualClock()
    folder.mkdir()
    documents = SqliteDocuments(folder / "documents.sqlite3", clock)
    secrets = FolderSecrets(folder / "secrets")
    secrets.begin(seal.SECRET, "a key of some length that seals in tests")
    made: list[Bench] = []

    def deliver(function: str, body: bytes, headers: Any) -> int:
        return made[0].deliver(function, body, headers)

    retries = Retries(attempts=3)
    context = Context(
        settings=replace(Settings(), home=folder, poll_seconds=30.0),
        catalogue=CATALOGUE,
        documents=documents,
        objects=FolderObjects(folder / "objects", SignedUrls(b"0" * 32, clock)),
        messages=InProcessMessages(deliver, clock, consumers=CATALOGUE.topics(), retries=retries, seed=0),
        tasks=InProcessTasks(deliver, clock, retries=retries, seed=0),
        jobs=NoJobs(),
        identity=DevelopmentIdentity(secrets, clock),
        secrets=secrets,
        cache=MemoryCache(clock),
        clock=clock,
        registry=Registry(lambda name: None),
        owner="host-1",
    )
    made.append(Bench(context, clock))
    return made[0]

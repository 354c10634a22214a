"""Adapters under contract: every test of this folder runs once per adapter of its port."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from common.platform.cache import Cache
from common.platform.documents import Documents
from common.platform.embedded.cache import MemoryCache
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.delivery import Dispatcher, Retries
from common.platform.embedded.documents import SqliteDocuments
from common.platform.embedded.identity import DevelopmentIdentity
from common.platform.embedded.jobs import SubprocessJobs
from common.platform.embedded.messages import DeadMessage, InProcessMessages
from common.platform.embedded.objects import FolderObjects
from common.platform.embedded.schedules import InProcessSchedules
from common.platform.embedded.secrets import FolderSecrets
from common.platform.embedded.signed_urls import SignedUrls
from common.platform.embedded.tasks import InProcessTasks
from common.platform.identity import Identity, Role
from common.platform.jobs import Jobs, JobState
from common.platform.messages import Messages
from common.platform.objects import Objects
from common.platform.schedules import Schedules
from common.platform.secrets import Secrets
from common.platform.tasks import Tasks

ROOT = Path(__file__).parents[2]


class Inbox:
    """The functions that a bus calls: answers as told, 204 by default, and keeps every call."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.calls: list[tuple[str, bytes, dict[str, str]]] = []

    def __call__(self, function: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.calls.append((function, body, dict(headers)))
        return self.statuses.pop(0) if self.statuses else 204


@dataclass
class MessagesUnderTest:
    """A Messages adapter with five attempts; `drain` returns when everything is delivered or dead."""

    port: Messages
    drain: Callable[[], None]
    dead: list[tuple[str, str, dict[str, Any], str]] = field(default_factory=list)


@dataclass
class TasksUnderTest:
    """A Tasks adapter with five attempts; `drain` returns when everything is delivered or dead."""

    port: Tasks
    drain: Callable[[], None]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture(params=["embedded"])
def documents(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Documents]:
    store = SqliteDocuments(tmp_path / "store.db")
    yield store
    store.close()


@pytest.fixture(params=["embedded"])
def objects(request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock) -> Objects:
    return FolderObjects(tmp_path / "objects", SignedUrls(b"a secret of some length", clock))


@pytest.fixture(params=["embedded"])
def messages(request: pytest.FixtureRequest, inbox: Inbox, clock: VirtualClock) -> MessagesUnderTest:
    dead: list[tuple[str, str, dict[str, Any], str]] = []

    def bury(letter: DeadMessage) -> None:
        dead.append((letter.topic, letter.message_id, letter.data, letter.reason))

    port = InProcessMessages(inbox, clock, dead_letter=bury, retries=Retries(attempts=5))
    return MessagesUnderTest(port, lambda: drain(port.dispatcher, clock), dead)


@pytest.fixture(params=["embedded"])
def tasks(request: pytest.FixtureRequest, inbox: Inbox, clock: VirtualClock) -> TasksUnderTest:
    port = InProcessTasks(inbox, clock, retries=Retries(attempts=5))
    return TasksUnderTest(port, lambda: drain(port.dispatcher, clock))


def drain(dispatcher: Dispatcher, clock: VirtualClock) -> None:
    """Deliver everything in this thread, with the clock moved on whenever all is waiting."""
    while (due := dispatcher.next_due()) is not None:
        clock.advance((due - clock.now()).total_seconds())
        dispatcher.run_one()


@dataclass
class JobsUnderTest:
    """A Jobs adapter with two retries whose job `work` is job_program.py, and what its tasks wrote."""

    port: Jobs
    output: Path

    def wait(self, key: str) -> JobState | None:
        """The state in which an execution ends."""
        deadline = time.monotonic() + 30
        while (state := self.port.state(key)) == "running" and time.monotonic() < deadline:
            time.sleep(0.005)
        return state

    def written(self) -> list[str]:
        """What the tasks wrote, one line each, sorted."""
        return sorted(path.read_text() for path in self.output.iterdir())


@pytest.fixture(params=["embedded"])
def jobs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JobsUnderTest]:
    output = tmp_path / "output"
    output.mkdir()
    port = SubprocessJobs(
        tmp_path / "jobs",
        {"work": "job_program"},
        [ROOT, Path(__file__).parent],
        environment={"OUTPUT": str(output)},
        max_retries=2,
    )
    yield JobsUnderTest(port, output)
    port.close()


@pytest.fixture(params=["embedded"])
def secrets(request: pytest.FixtureRequest, tmp_path: Path) -> Secrets:
    return FolderSecrets(tmp_path / "secrets")


@pytest.fixture(params=["embedded"])
def cache(request: pytest.FixtureRequest, clock: VirtualClock) -> Cache:
    return MemoryCache(clock)


@dataclass
class IdentityUnderTest:
    """An Identity adapter, and its provider's way to issue a token."""

    port: Identity
    issue: Callable[[str, Role, timedelta], str]


@pytest.fixture(params=["embedded"])
def identity(request: pytest.FixtureRequest, tmp_path: Path, clock: VirtualClock) -> IdentityUnderTest:
    port = DevelopmentIdentity(FolderSecrets(tmp_path / "secrets"), clock)
    return IdentityUnderTest(port, port.issue)


@pytest.fixture(params=["embedded"])
def schedules(request: pytest.FixtureRequest, inbox: Inbox, clock: VirtualClock) -> Schedules:
    return InProcessSchedules({"sweep": "* * * * *", "rotate": "0 3 * * 0"}, inbox, clock)

"""Tasks adapters under contract."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.delivery import Retries
from common.platform.embedded.tasks import InProcessTasks
from common.platform.tasks import Tasks
from tests.contract.adapters.inbox import Inbox, drain


@dataclass
class TasksUnderTest:
    """A Tasks adapter with five attempts; `drain` returns when everything is delivered or dead."""

    port: Tasks
    drain: Callable[[], None]


@pytest.fixture(params=["embedded"])
def tasks(request: pytest.FixtureRequest, inbox: Inbox, clock: VirtualClock) -> TasksUnderTest:
    port = InProcessTasks(inbox, clock, retries=Retries(attempts=5))
    return TasksUnderTest(port, lambda: drain(port.dispatcher, clock))

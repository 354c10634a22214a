"""Tasks adapters under contract."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from google.cloud.tasks_v2 import CloudTasksClient
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.delivery import Limits, Retries
from common.platform.embedded.tasks import InProcessTasks
from common.platform.google.tasks import CloudTasks
from common.platform.tasks import Tasks
from tests.contract.adapters.inbox import Inbox, drain
from tests.protocol import cloud_tasks, grpc_service, push_endpoint
from tests.protocol.tokens import INVOKER, Issuer

ATTEMPTS = Retries(attempts=5)


@dataclass
class TasksUnderTest:
    """A Tasks adapter with five attempts; `drain` returns when everything is delivered or dead."""

    port: Tasks
    drain: Callable[[], None]


@pytest.fixture(params=["embedded", "google"])
def tasks(request: pytest.FixtureRequest, inbox: Inbox, clock: VirtualClock) -> Iterator[TasksUnderTest]:
    if request.param == "google":
        with _google(inbox, clock) as adapter:
            yield adapter
    else:
        port = InProcessTasks(inbox, clock, retries=ATTEMPTS)
        yield TasksUnderTest(port, lambda: drain(port.dispatcher, clock))


@contextmanager
def _google(inbox: Inbox, clock: VirtualClock) -> Iterator[TasksUnderTest]:
    queues = dict.fromkeys(("q", "other", "generate-high"), Limits())
    server = cloud_tasks.CloudTasksServer("projects/p/locations/r", clock, Issuer(), queues=queues, retries=ATTEMPTS)
    with push_endpoint.serving(inbox) as url, grpc_service.serving({cloud_tasks.SERVICE: server.methods()}) as channel:
        client = CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
        port = CloudTasks(client, "p", "r", url, INVOKER)
        yield TasksUnderTest(port, lambda: drain(server.dispatcher, clock))

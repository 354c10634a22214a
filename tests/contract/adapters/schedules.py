"""Schedules adapters under contract."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from google.cloud.scheduler_v1 import CloudSchedulerClient
from google.cloud.scheduler_v1.services.cloud_scheduler.transports import CloudSchedulerGrpcTransport

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.schedules import InProcessSchedules
from common.platform.google.schedules import CloudSchedules
from common.platform.schedules import Schedules
from tests.contract.adapters.inbox import Inbox
from tests.protocol import grpc_service, push_endpoint, scheduler
from tests.protocol.tokens import Issuer

ENTRIES = {"sweep": "* * * * *", "rotate": "0 3 * * 0"}


@dataclass
class SchedulesUnderTest:
    """A Schedules adapter with two functions; `drain` returns when what was asked for has been called."""

    port: Schedules
    drain: Callable[[], None]


@pytest.fixture(params=["embedded", "google"])
def schedules(request: pytest.FixtureRequest, inbox: Inbox, clock: VirtualClock) -> Iterator[SchedulesUnderTest]:
    if request.param == "google":
        with _google(inbox) as adapter:
            yield adapter
    else:
        yield SchedulesUnderTest(InProcessSchedules(ENTRIES, inbox, clock), lambda: None)


@contextmanager
def _google(inbox: Inbox) -> Iterator[SchedulesUnderTest]:
    server = scheduler.SchedulerServer("projects/p/locations/r", Issuer())
    with push_endpoint.serving(inbox) as url, grpc_service.serving({scheduler.SERVICE: server.methods()}) as channel:
        for function, cron in ENTRIES.items():
            server.add(function, cron, url.format(function=function))
        # A neighbour's job in the same project and region, of a name of ours, is not ours.
        server.add("direct", "5 * * * *", "https://elsewhere.example/direct")
        client = CloudSchedulerClient(transport=CloudSchedulerGrpcTransport(channel=channel))
        yield SchedulesUnderTest(CloudSchedules(client, "p", "r", url), server.drain)

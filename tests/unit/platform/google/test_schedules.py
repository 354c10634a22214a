"""What CloudSchedules does beyond the contract: pages, refusals, and no run that is asked for twice."""

from collections.abc import Iterator

import grpc
import pytest
from google.cloud.scheduler_v1 import CloudSchedulerClient
from google.cloud.scheduler_v1.services.cloud_scheduler.transports import CloudSchedulerGrpcTransport

from common.platform.documents import Unavailable
from common.platform.google.callers import GoogleCallers
from common.platform.google.schedules import CloudSchedules
from tests.contract.adapters.inbox import Inbox
from tests.protocol import grpc_service, push_endpoint
from tests.protocol.scheduler import PAGE, SERVICE, SchedulerServer
from tests.protocol.tokens import INVOKER, Issuer


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


class World:
    """A Cloud Scheduler with `sweep`, and an adapter to it."""

    def __init__(self, channel: grpc.Channel, server: SchedulerServer, url: str) -> None:
        self.server, self.url = server, url
        client = CloudSchedulerClient(transport=CloudSchedulerGrpcTransport(channel=channel))
        self.port = CloudSchedules(client, "p", "r", url, patience=0.5)
        self.add("sweep")

    def add(self, function: str) -> None:
        self.server.add(function, "* * * * *", self.url.format(function=function))


@pytest.fixture
def world(inbox: Inbox, issuer: Issuer) -> Iterator[World]:
    server = SchedulerServer("projects/p/locations/r", issuer)
    with push_endpoint.serving(inbox) as url, grpc_service.serving({SERVICE: server.methods()}) as channel:
        yield World(channel, server, url)


def test_more_jobs_than_a_page_are_all_listed(world: World) -> None:
    names = {f"f{number}" for number in range(2 * PAGE + 1)}
    for name in names:
        world.add(name)
    assert set(world.port.entries()) == names | {"sweep"}


def test_a_run_carries_a_token_for_its_function(world: World, inbox: Inbox, issuer: Issuer) -> None:
    world.port.run_now("sweep")
    world.server.drain()
    token = inbox.calls[0][2]["Authorization"].removeprefix("Bearer ")
    callers = GoogleCallers(lambda: (issuer.certificates, 3600.0))
    assert callers.verify(token, world.url.format(function="sweep")) == INVOKER


def test_a_list_that_fails_once_is_read_again(world: World) -> None:
    world.server.refuse = [grpc.StatusCode.UNAVAILABLE]
    assert set(world.port.entries()) == {"sweep"}


@pytest.mark.parametrize("status", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.PERMISSION_DENIED])
def test_a_service_that_refuses_is_unavailable(world: World, status: grpc.StatusCode) -> None:
    world.server.refuse = [status] * 100
    with pytest.raises(Unavailable, match="Cloud Scheduler"):
        world.port.entries()


def test_a_run_whose_answer_is_unknown_is_not_asked_for_again(
    world: World, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = world.port.entries()
    monkeypatch.setattr(world.port, "entries", lambda: entries)
    world.server.refuse = [grpc.StatusCode.UNAVAILABLE]
    with pytest.raises(Unavailable):
        world.port.run_now("sweep")
    world.server.drain()
    assert (world.server.refuse, inbox.calls) == ([], [])

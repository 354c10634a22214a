"""What CloudTasks does beyond the contract: tokens, hashed ids, answers that are lost, and refusals."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.cloud.tasks_v2 import CloudTasksClient
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from common.platform.documents import Unavailable
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.delivery import Limits, Retries
from common.platform.google.callers import GoogleCallers
from common.platform.google.tasks import CloudTasks, task_id
from tests.contract.adapters.inbox import Inbox, drain
from tests.protocol import grpc_service, push_endpoint
from tests.protocol.cloud_tasks import SERVICE, CloudTasksServer
from tests.protocol.tokens import INVOKER, Issuer


class World:
    """A Cloud Tasks with one queue, the functions it calls, and adapters to it."""

    def __init__(self, channel: grpc.Channel, server: CloudTasksServer, url: str, clock: VirtualClock) -> None:
        self.server, self.url, self.clock = server, url, clock
        self._client = CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))

    def port(self, invoker: str = INVOKER, **options: Any) -> CloudTasks:
        return CloudTasks(self._client, "p", "r", self.url, invoker, **options)

    def drain(self) -> None:
        drain(self.server.dispatcher, self.clock)


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def world(inbox: Inbox, issuer: Issuer) -> Iterator[World]:
    clock = VirtualClock()
    server = CloudTasksServer(
        "projects/p/locations/r", clock, issuer, queues={"q": Limits()}, retries=Retries(attempts=3)
    )
    with push_endpoint.serving(inbox) as url, grpc_service.serving({SERVICE: server.methods()}) as channel:
        yield World(channel, server, url, clock)


def test_a_call_carries_a_token_for_its_function(world: World, inbox: Inbox, issuer: Issuer) -> None:
    world.port().enqueue("q", "generate_visual", {}, name="a")
    world.drain()
    [(function, _, headers)] = inbox.calls
    assert function == "generate_visual"
    callers = GoogleCallers(lambda: (issuer.certificates, 3600.0))
    token = headers["Authorization"].removeprefix("Bearer ")
    assert callers.verify(token, world.url.format(function="generate_visual")) == INVOKER


def test_without_an_invoker_there_is_no_token(world: World, inbox: Inbox) -> None:
    world.port(invoker="").enqueue("q", "f", {}, name="a")
    world.drain()
    assert "Authorization" not in inbox.calls[0][2]


def test_ids_do_not_follow_one_another(world: World, inbox: Inbox) -> None:
    for number in range(3):
        world.port().enqueue("q", "f", {}, name=f"analyze-1-{number}")
    world.drain()
    ids = [headers["X-CloudTasks-TaskName"] for _, _, headers in inbox.calls]
    assert ids == [task_id(f"analyze-1-{number}") for number in range(3)]
    assert len({one[0] + one[1] for one in ids}) > 1


def test_a_task_says_when_and_how_long(world: World) -> None:
    due = world.clock.now() + datetime.timedelta(hours=1)
    world.port(dispatch_deadline=datetime.timedelta(minutes=7)).enqueue("q", "f", {}, name="a", not_before=due)
    [request] = world.server.requests
    assert request.task.schedule_time == due
    assert request.task.dispatch_deadline == datetime.timedelta(minutes=7)


def test_a_lost_answer_enqueues_once(world: World, inbox: Inbox) -> None:
    world.server.lost = 1
    assert not world.port().enqueue("q", "f", {}, name="a")  # the second attempt finds the first one's task
    world.drain()
    assert len(inbox.calls) == 1


@pytest.mark.parametrize(
    "status",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNKNOWN,
    ],
)
def test_what_may_pass_is_tried_again(world: World, status: grpc.StatusCode) -> None:
    world.server.refuse = [status]
    assert world.port().enqueue("q", "f", {}, name="a")
    assert len(world.server.requests) == 2


def test_what_does_not_pass_is_unavailable(world: World) -> None:
    world.server.refuse = [grpc.StatusCode.UNAVAILABLE] * 100
    with pytest.raises(Unavailable, match="Cloud Tasks"):
        world.port(patience=0.3).enqueue("q", "f", {}, name="a")


@pytest.mark.parametrize(
    "status",
    [grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNAUTHENTICATED],
)
def test_a_refusal_for_good_is_not_repeated(world: World, status: grpc.StatusCode) -> None:
    world.server.refuse = [status]
    with pytest.raises(Unavailable, match="Cloud Tasks"):
        world.port().enqueue("q", "f", {}, name="a")
    assert len(world.server.requests) == 1


def test_a_queue_that_does_not_exist_is_named(world: World) -> None:
    with pytest.raises(Unavailable, match=r"projects/p/locations/r/queues/nowhere.*terraform"):
        world.port().enqueue("nowhere", "f", {}, name="a")


def test_a_service_that_does_not_answer_is_unavailable(world: World) -> None:
    with grpc.insecure_channel("127.0.0.1:9") as channel:
        client = CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
        with pytest.raises(Unavailable):
            CloudTasks(client, "p", "r", world.url, INVOKER, patience=0.3).enqueue("q", "f", {}, name="a")


def test_a_name_is_free_again_a_day_after_its_task_ended(world: World) -> None:
    port = world.port()
    assert port.enqueue("q", "f", {}, name="a")
    world.clock.advance(2 * 86_400)
    assert not port.enqueue("q", "f", {}, name="a")  # still pending
    world.drain()
    world.clock.advance(86_399)
    assert not port.enqueue("q", "f", {}, name="a")
    world.clock.advance(1)
    assert port.enqueue("q", "f", {}, name="a")


def test_an_answer_is_told_to_the_next_attempt(world: World, inbox: Inbox) -> None:
    inbox.statuses = [503, 302]
    world.port().enqueue("q", "f", {}, name="a")
    world.drain()
    told = [headers.get("X-CloudTasks-TaskPreviousResponse") for _, _, headers in inbox.calls]
    assert told == [None, "503", "302"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda world: world.port(dispatch_deadline=datetime.timedelta(seconds=14)),
        lambda world: world.port(dispatch_deadline=datetime.timedelta(minutes=31)),
    ],
)
def test_a_deadline_that_cloud_tasks_does_not_take_is_refused(
    world: World, spoil: Callable[[World], CloudTasks]
) -> None:
    with pytest.raises(Unavailable, match="dispatch_deadline"):
        spoil(world).enqueue("q", "f", {}, name="a")

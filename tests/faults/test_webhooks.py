"""Row 23: a receiver of webhooks that is down for days, gone, slow, redirecting, or leads inside."""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from common.domain.webhooks import GRACE, JITTER, LEASE, PAUSES, Delivery
from common.engine import announce, deliveries, outbox, webhooks
from common.engine.context import Context
from common.platform.egress import EgressFailed, EgressReply
from common.platform.pinned_egress import PinnedEgress
from scripts.simulation.scheduler import SECOND
from tests.faults.stage import Fault, Stage, crash, repeat
from tests.http_world import clock, context, posted, routed
from tests.protocol import webhook_receiver
from tests.protocol.webhook_receiver import answer, receiving

__all__ = ["clock", "context", "posted"]

Make = Callable[..., Stage]
HOOK = "hook-client0"


class Server:
    """A receiver that says what a test has for it, at the time of the simulated world."""

    def __init__(self, says: Callable[[float], EgressReply]) -> None:
        self.says = says
        self.stage: Stage | None = None
        self.sent: list[tuple[str, float]] = []

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> EgressReply:
        assert self.stage is not None
        now = self.stage.scheduler.now / SECOND
        self.sent.append((headers["webhook-id"], now))
        return self.says(now)


def heard(stage: Make, says: Callable[[float], EgressReply], *faults: Fault, retries: int = 9) -> tuple[Stage, Server]:
    """A world whose client has a webhook, played to its end."""
    server = Server(says)
    world = stage(*faults, hook=server, retries=retries)
    server.stage = world
    return world.play(), server


def messages(world: Stage) -> list[Delivery]:
    return world.receivers.kept[HOOK][1]


def down_for(seconds: float) -> Callable[[float], EgressReply]:
    def says(now: float) -> EgressReply:
        if now < seconds:
            raise EgressFailed("The connection failed: Connection refused.")
        return EgressReply(200)

    return says


def test_row_23_a_receiver_that_is_down_for_three_days_gets_every_message_under_one_id(stage: Make) -> None:
    world, server = heard(stage, down_for(3 * 86_400))
    found = messages(world)
    assert {one.state for one in found} == {"delivered"}
    assert {ident for ident, _ in server.sent} == {one.id for one in found}
    assert len(found) == len({json.loads(one.body)["data"]["seq"] for one in found})
    for one in found:
        times = [at for ident, at in server.sent if ident == one.id]
        waits = [later - earlier for earlier, later in itertools.pairwise(times)]
        late = (GRACE + LEASE).total_seconds() + 60
        for wait, pause in zip(waits, (pause.total_seconds() for pause in PAUSES), strict=False):
            assert pause <= wait <= pause * (1 + JITTER) + late


@pytest.mark.parametrize("status", [301, 307, 400, 500])
def test_row_23_a_receiver_that_never_takes_anything_is_given_up_and_switched_off(stage: Make, status: int) -> None:
    world, server = heard(stage, lambda _now: EgressReply(status), retries=3)
    tries = Counter(ident for ident, _ in server.sent)
    assert {one.state for one in messages(world)} <= {"failed", "dropped"}
    assert max(tries.values()) == 4
    hook = world.receivers.kept[HOOK][0]
    assert hook.failures == len([one for one in messages(world) if one.state == "failed"])
    assert hook.enabled == (hook.failures < 10)


def test_row_23_a_receiver_that_is_gone_is_left_alone(stage: Make) -> None:
    world, server = heard(stage, lambda _now: EgressReply(410))
    assert not world.receivers.kept[HOOK][0].enabled
    tries = Counter(ident for ident, _ in server.sent)
    assert set(tries.values()) == {1}
    assert {one.state for one in messages(world)} <= {"failed", "dropped"}


SENDING = ["after_claim", "after_work", "after_commit"]


@pytest.mark.parametrize("point", SENDING)
def test_row_23_a_sender_that_dies_anywhere_loses_no_message(stage: Make, point: str) -> None:
    world, server = heard(stage, lambda _now: EgressReply(200), Fault(f"point:{point}", "deliver_webhook", crash))
    assert {one.state for one in messages(world)} == {"delivered"}
    again = [count for count in Counter(ident for ident, _ in server.sent).values() if count > 1]
    assert again == ([2] if point == "after_work" else [])


def test_row_23_an_announcer_that_dies_after_its_commit_loses_no_message(stage: Make) -> None:
    world, server = heard(stage, lambda _now: EgressReply(200), Fault("point:after_commit", "announce", crash))
    assert {one.state for one in messages(world)} == {"delivered"}
    assert set(Counter(ident for ident, _ in server.sent).values()) == {1}


@pytest.mark.parametrize("function", ["announce", "deliver_webhook"])
def test_row_23_what_is_delivered_twice_is_sent_once(stage: Make, function: str) -> None:
    twice = Fault("delivery", function, repeat(3), times=99)
    late = Fault("delivery", function, repeat(1, after=500.0), times=99)
    world, server = heard(stage, lambda _now: EgressReply(200), twice if function == "announce" else late)
    assert {one.state for one in messages(world)} == {"delivered"}
    assert set(Counter(ident for ident, _ in server.sent).values()) == {1}


def test_row_23_announcements_that_get_lost_are_made_all_the_same(stage: Make) -> None:
    world, _ = heard(stage, lambda _now: EgressReply(200), Fault("lost", "announcements", times=2))
    assert {one.state for one in messages(world)} == {"delivered"}
    kinds = {one.type for one in messages(world)}
    assert {"pipeline.started", "pipeline.completed"} <= kinds


def attempted(context: Context, url: str) -> dict[str, Any]:
    """One message to a URL over a real connection, cut off after half a second, as its owner sees it."""

    class Impatient(PinnedEgress):
        def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> EgressReply:
            assert timedelta(seconds=seconds) == timedelta(seconds=15)
            return super().post(url, body, headers, seconds=0.5)

    webhooks.create(context, "h1", "ann", url, ["*"], b"x" * 32, description="", retries=3)
    row = announce.dispatch("batch.completed", "b1", "ann", {"id": "b1"}, context.clock.now())
    context.documents.commit([outbox.row(row)])
    out = replace(context, egress=Impatient(loopback="127.0.0.1" in url))
    deliveries.fan_out(out, row.id)
    [found] = context.documents.query("webhooks/h1/deliveries")
    deliveries.attempt(out, "h1", found.id, 0)
    client = Client(routed(out), Response)
    answered = client.get("/webhooks/h1/deliveries", headers={"Authorization": "Bearer user:ann"}).json
    [shown] = answered["deliveries"]
    return dict(shown)


@pytest.mark.parametrize(
    "manner",
    [
        webhook_receiver.hang,
        webhook_receiver.hang_up,
        webhook_receiver.babble,
        webhook_receiver.drip(b"H"),
        answer(302),
    ],
    ids=["hangs", "hangs up", "babbles", "drips", "redirects"],
)
def test_row_23_a_receiver_that_misbehaves_is_tried_again(context: Context, manner: Any) -> None:
    with receiving(manner) as receiver:
        shown = attempted(context, receiver.url)
    assert shown["state"] == "waiting"
    [tried] = shown["attempts"]
    assert tried["error"]
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    "url", ["https://localhost/", "https://127.0.0.1.nip.io./", "https://169.254.169.254/", "https://[::ffff:7f00:1]/"]
)
def test_row_23_a_hook_that_leads_inside_reaches_nothing(context: Context, url: str) -> None:
    shown = attempted(context, url)
    [tried] = shown["attempts"]
    assert (shown["state"], tried["status"]) == ("waiting", None)
    assert tried["error"]

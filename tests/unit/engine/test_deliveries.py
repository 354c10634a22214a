"""A message is sent until somebody takes it, under one id, whatever dies on the way."""

import base64
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from common.domain import webhooks as rules
from common.domain.webhooks import Delivery, Hook
from common.engine import announce, deliveries, outbox, webhooks
from common.engine.context import Context
from common.engine.deliveries import NotNow, UnknownDelivery
from common.engine.sweep import sweep
from common.platform import seal
from common.platform.documents import Put, Unavailable, Write
from common.platform.egress import EgressFailed, EgressReply
from common.platform.secrets import SecretsUnavailable
from tests.unit.engine.conftest import Bench

SECRET = b"s" * 32


class Crash(BaseException):
    """The process that sends is dead."""


@dataclass
class Receiver:
    """Somebody else's server: says what it is told, and remembers what it was sent."""

    says: list[EgressReply | Exception | BaseException] = field(default_factory=list)
    always: EgressReply | Exception = field(default_factory=lambda: EgressReply(200))
    received: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> EgressReply:
        assert seconds == 15
        self.received.append((url, body, headers))
        said = self.says.pop(0) if self.says else self.always
        if isinstance(said, BaseException):
            raise said
        return said

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for _, _, headers in self.received]


@pytest.fixture
def receiver(bench: Bench) -> Receiver:
    made = Receiver()
    bench.context = replace(bench.context, egress=made)
    return made


def hook(bench: Bench, hook_id: str = "hook1", retries: int = 3) -> Hook:
    return webhooks.create(
        bench.context,
        hook_id,
        "ann",
        "https://hooks.example.com/x",
        ["*"],
        SECRET,
        description="",
        retries=retries,
    )


def happen(bench: Bench, subject: str = "b1") -> None:
    """Something to tell of happens."""
    row = announce.dispatch("batch.completed", subject, "ann", {"id": subject, "title": "Bücher"}, bench.clock.now())
    bench.context.documents.commit([outbox.row(row)])
    outbox.relay(bench.context, [row])


def only(bench: Bench, hook_id: str = "hook1") -> Delivery:
    [row] = bench.context.documents.query(f"webhooks/{hook_id}/deliveries")
    return Delivery.model_validate(row.data)


def known(bench: Bench, hook_id: str = "hook1") -> Hook:
    return webhooks.load(bench.context.documents, hook_id)


def let_pass(bench: Bench, time: timedelta, step: timedelta = timedelta(seconds=60)) -> None:
    """Time goes by, with a sweep every minute."""
    end = bench.clock.now() + time
    while bench.clock.now() < end:
        bench.drain()
        sweep(bench.context)
        bench.drain()
        bench.clock.advance(step.total_seconds())
    bench.drain()


def test_a_message_arrives_signed_as_the_standard_says(bench: Bench, receiver: Receiver) -> None:
    bench.clock.advance((datetime.now(UTC) - bench.clock.now()).total_seconds())  # the library knows the real time
    hook(bench)
    happen(bench)
    bench.drain()
    [(url, body, headers)] = receiver.received
    assert url == "https://hooks.example.com/x"
    told = Webhook("whsec_" + base64.b64encode(SECRET).decode()).verify(body, dict(headers))
    assert told == json.loads(body)
    assert told.keys() == {"type", "timestamp", "data"}
    assert (told["type"], told["data"]["title"]) == ("batch.completed", "Bücher")
    assert headers["Content-Type"] == "application/json"
    assert len(body) < 20_000
    found = only(bench)
    assert (found.state, [one.status for one in found.attempts], found.look_at) == ("delivered", [200], None)
    assert found.expires_at - found.created_at == rules.KEPT


def test_retries_keep_the_id_and_the_body_and_have_a_time_of_their_own(bench: Bench, receiver: Receiver) -> None:
    hook(bench)
    receiver.says = [EgressReply(500), EgressFailed("No whole answer came."), EgressReply(302)]
    happen(bench)
    let_pass(bench, timedelta(hours=1))
    assert len(receiver.received) == 4
    assert len(set(receiver.ids)) == 1
    assert len({body for _, body, _ in receiver.received}) == 1
    times = [int(headers["webhook-timestamp"]) for _, _, headers in receiver.received]
    assert [late - early >= pause for early, late, pause in zip(times, times[1:], (5, 300, 1800), strict=False)] == [
        True
    ] * 3
    found = only(bench)
    assert found.state == "delivered"
    assert [(one.number, one.status) for one in found.attempts] == [(1, 500), (2, None), (3, 302), (4, 200)]
    assert "redirects are not followed" in found.attempts[2].error
    assert known(bench).failures == 0


def test_a_receiver_that_is_down_for_three_days_gets_a_message_that_may_be_tried_so_long(
    bench: Bench, receiver: Receiver
) -> None:
    hook(bench, retries=9)
    receiver.always = EgressFailed("The connection failed.")
    happen(bench)
    let_pass(bench, timedelta(days=3), timedelta(minutes=10))
    assert only(bench).state == "waiting"
    receiver.always = EgressReply(200)
    let_pass(bench, timedelta(days=2), timedelta(minutes=10))
    assert only(bench).state == "delivered"
    assert len(set(receiver.ids)) == 1


@pytest.mark.parametrize("times", [2, 10])
def test_a_task_that_comes_more_than_once_sends_once(bench: Bench, receiver: Receiver, times: int) -> None:
    hook(bench)
    receiver.says = [EgressReply(500)]
    happen(bench)
    bench.drain()
    delivery = only(bench)
    for _ in range(times):
        assert deliveries.attempt(bench.context, "hook1", delivery.id, 0).startswith("nothing")
        assert deliveries.attempt(bench.context, "hook1", delivery.id, 1).startswith("nothing: it is put off")
    bench.clock.advance(8)
    for _ in range(times):
        deliveries.attempt(bench.context, "hook1", delivery.id, 1)
    assert len(receiver.received) == 2
    assert len(only(bench).attempts) == 2


def test_410_switches_the_hook_off(bench: Bench, receiver: Receiver) -> None:
    hook(bench)
    receiver.always = EgressReply(410)
    happen(bench)
    happen(bench, "b2")
    while bench.messages.dispatcher.run_one():  # both are written before one is sent
        pass
    bench.drain()
    assert (known(bench).enabled, "410" in known(bench).reason) == (False, True)
    states = [row.data["state"] for row in bench.context.documents.query("webhooks/hook1/deliveries")]
    assert sorted(states) == ["dropped", "failed"]
    happen(bench, "b3")
    bench.drain()
    assert len(receiver.received) == 1


def test_ten_messages_in_a_row_switch_the_hook_off_and_one_that_arrives_between_does_not(
    bench: Bench, receiver: Receiver
) -> None:
    hook(bench, retries=0)
    receiver.says = [*[EgressReply(500)] * 9, EgressReply(200), *[EgressReply(500)] * 10]
    for number in range(19):
        happen(bench, f"b{number}")
        bench.drain()
        assert known(bench).enabled
    happen(bench, "last")
    bench.drain()
    assert (known(bench).enabled, known(bench).failures) == (False, 10)


@pytest.mark.parametrize(("header", "seconds"), [("120", 120), ("999999", 3600), ("x", 5), ("-1", 5), ("", 5)])
def test_a_busy_receiver_is_left_alone_as_long_as_it_asks(
    bench: Bench, receiver: Receiver, header: str, seconds: int
) -> None:
    hook(bench)
    receiver.says = [EgressReply(429, header)]
    happen(bench)
    bench.drain()
    assert only(bench).due_at - bench.clock.now() >= timedelta(seconds=seconds)
    assert only(bench).due_at - bench.clock.now() <= timedelta(seconds=max(seconds * 1.2, 6) + 1)


def test_a_date_says_when_to_come_back_too(bench: Bench, receiver: Receiver) -> None:
    hook(bench)
    at = bench.clock.now() + timedelta(seconds=90)
    receiver.says = [EgressReply(503, at.strftime("%a, %d %b %Y %H:%M:%S GMT"))]
    happen(bench)
    bench.drain()
    assert only(bench).due_at - bench.clock.now() >= timedelta(seconds=89)


@pytest.mark.parametrize("header", ["Mon, 99999999999999999999 Jan 2024 00:00:00 GMT", "9" * 400, "²", "\x00", "Mon"])
@pytest.mark.parametrize(("status", "state", "enabled"), [(200, "delivered", True), (410, "failed", False)])
def test_when_to_come_back_matters_to_no_answer_that_ends_a_message(
    bench: Bench, receiver: Receiver, status: int, state: str, header: str, *, enabled: bool
) -> None:
    hook(bench)
    receiver.says = [EgressReply(status, header)]
    happen(bench)
    let_pass(bench, timedelta(minutes=3))
    assert (only(bench).state, known(bench).enabled, len(receiver.received)) == (state, enabled, 1)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("date", ["Mon, 99999999999999999999 Jan 2024 00:00:00 GMT", "Mon, 1 Jan 0001 00:00:00 +9999"])
def test_a_date_that_there_is_not_is_as_good_as_none(bench: Bench, receiver: Receiver, status: int, date: str) -> None:
    hook(bench)
    receiver.says = [EgressReply(status, date)]
    happen(bench)
    bench.drain()
    found = only(bench)
    assert (found.state, [one.status for one in found.attempts]) == ("waiting", [status])
    assert timedelta(seconds=5) <= found.due_at - bench.clock.now() <= timedelta(seconds=6)


def test_what_waits_for_a_deleted_hook_is_dropped(bench: Bench, receiver: Receiver) -> None:
    hook(bench)
    receiver.says = [EgressReply(500)]
    happen(bench)
    bench.drain()
    webhooks.delete(bench.context, "hook1")
    let_pass(bench, timedelta(minutes=3))
    assert only(bench).state == "dropped"
    assert len(receiver.received) == 1


class Dying:
    """A store whose client dies at its so-manyeth commit, before it or after it."""

    def __init__(self, inner: Any, number: int, *, after: bool) -> None:
        self.inner = inner
        self.number = number
        self.after = after
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def commit(self, writes: Sequence[Write]) -> None:
        self.count += 1
        if self.count == self.number and not self.after:
            raise Crash
        self.inner.commit(writes)
        if self.count == self.number:
            raise Crash


def work_until_dead(bench: Bench, context: Context) -> bool:
    """Handle everything that lies in the queues with a context that may die; whether it did."""
    alive, bench.context = bench.context, context
    try:
        bench.drain()
    except Crash:
        return True
    finally:
        bench.context = alive
    return False


@pytest.mark.parametrize("says", [[], [500], [500, 500, 500, 500], [410]], ids=["taken", "retried", "failed", "gone"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, 5))
def test_a_crash_at_any_commit_loses_no_message_and_changes_no_id(
    bench: Bench, receiver: Receiver, number: int, after: bool, says: list[int]
) -> None:
    hook(bench)
    happen(bench)
    receiver.says = [EgressReply(status) for status in says]
    store = Dying(bench.context.documents, number, after=after)
    died = work_until_dead(bench, replace(bench.context, documents=store))
    assert died or store.count < number
    let_pass(bench, timedelta(hours=2))
    found = only(bench)
    expected = "failed" if says[-1:] == [410] or len(says) == 4 else "delivered"
    lost = [one for one in found.attempts if one.status is None]
    assert found.state == expected or (lost and found.state in ("delivered", "failed"))
    assert len(set(receiver.ids)) == 1
    assert len(receiver.received) <= len(found.attempts) <= 4
    assert bench.context.documents.query("outbox") == []
    assert known(bench).failures <= 1


def test_a_sender_that_dies_after_the_post_leads_to_one_more_of_the_same_id(bench: Bench, receiver: Receiver) -> None:
    hook(bench)
    receiver.says = [Crash()]
    happen(bench)
    assert work_until_dead(bench, bench.context)
    let_pass(bench, timedelta(minutes=5))
    assert len(receiver.received) == 2
    assert len(set(receiver.ids)) == 1
    found = only(bench)
    assert found.state == "delivered"
    assert "did not come back" in found.attempts[0].error


def test_a_message_whose_every_sender_dies_has_failed(bench: Bench, receiver: Receiver) -> None:
    hook(bench)
    receiver.says = [Crash() for _ in range(9)]
    happen(bench)
    for _ in range(9):
        work_until_dead(bench, bench.context)
        bench.clock.advance(100)
        sweep(bench.context)
    found = only(bench)
    assert (found.state, len(found.attempts), known(bench).failures) == ("failed", 4, 1)


@pytest.mark.parametrize("number", range(1, 4))
def test_a_store_whose_answer_is_lost_counts_nothing_twice(
    bench: Bench, receiver: Receiver, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(bench, retries=0)
    receiver.always = EgressReply(500)
    happen(bench)
    commit, count = bench.context.documents.commit, iter(range(1, 99))

    def deaf(writes: Sequence[Write]) -> None:
        commit(writes)
        if next(count) == number:
            raise Unavailable("no answer")

    monkeypatch.setattr(bench.context.documents, "commit", deaf)
    bench.drain()
    found = only(bench)
    assert (found.state, len(found.attempts), known(bench).failures) == ("failed", 1, 1)
    assert len(receiver.received) == 1


def test_a_sender_that_slept_through_its_time_changes_nothing(bench: Bench, receiver: Receiver) -> None:
    hook(bench)

    def sleep_and_be_overtaken(*_args: Any, **_more: Any) -> EgressReply:
        bench.clock.advance(rules.LEASE.total_seconds() + 1)
        bench.context = replace(bench.context, egress=receiver)
        sweep(bench.context)
        bench.drain()
        return EgressReply(500)

    happen(bench)
    bench.messages.dispatcher.run_one()
    delivery = only(bench)
    slow = replace(bench.context, egress=type("Slow", (), {"post": staticmethod(sleep_and_be_overtaken)})())
    assert deliveries.attempt(slow, "hook1", delivery.id, 0).startswith("superseded")
    found = only(bench)
    assert (found.state, [one.status for one in found.attempts]) == ("delivered", [None, 200])


def test_a_task_that_got_lost_is_sent_for_by_the_sweep_and_not_by_every_sweep(bench: Bench, receiver: Receiver) -> None:
    class Lost:
        asked = 0

        def enqueue(self, *_args: Any, **_more: Any) -> bool:
            self.asked += 1
            return True

    lost, working = Lost(), bench.context
    bench.context = replace(working, tasks=lost)
    hook(bench)
    happen(bench)
    while working.messages.dispatcher.run_one():  # type: ignore[attr-defined]
        pass
    assert lost.asked == 1
    for _ in range(40):
        sweep(bench.context)
        bench.clock.advance(1)
    assert lost.asked == 2
    bench.context = working
    let_pass(bench, timedelta(minutes=3))
    assert only(bench).state == "delivered"


def test_a_hook_whose_secret_cannot_be_opened_fails_its_messages_and_says_why(
    bench: Bench, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    hook(bench, retries=0)
    bench.context.secrets.add(seal.SECRET, "another key of some length, which did not seal it")
    bench.context.secrets.disable(seal.SECRET, "1")
    bench.context = replace(bench.context)  # another process
    happen(bench)
    with caplog.at_level(logging.ERROR):
        bench.drain()
    assert receiver.received == []
    assert "rotate the secret" in only(bench).attempts[0].error
    assert "sssss" not in caplog.text
    webhooks.rotate(bench.context, "hook1", b"n" * 32)
    deliveries.replay(bench.context, "hook1", only(bench).id)
    bench.drain()
    assert only(bench).state == "delivered"
    assert len(receiver.received[0][2]["webhook-signature"].split()) == 1


def test_a_store_of_secrets_that_is_away_spends_no_attempt(bench: Bench, receiver: Receiver) -> None:
    class Away:
        def versions(self, name: str) -> list[str]:
            raise SecretsUnavailable("away")

    hook(bench)
    happen(bench)
    bench.messages.dispatcher.run_one()
    delivery, working = only(bench), bench.context
    with pytest.raises(SecretsUnavailable):
        deliveries.attempt(replace(working, secrets=Away()), "hook1", delivery.id, 0)  # type: ignore[arg-type]
    assert only(bench).turn == 0
    deliveries.attempt(working, "hook1", delivery.id, 0)
    assert only(bench).state == "delivered"


def test_a_delivery_is_sent_once_more_under_its_id(bench: Bench, receiver: Receiver) -> None:
    hook(bench, retries=0)
    receiver.says = [EgressReply(500)]
    happen(bench)
    bench.drain()
    delivery = only(bench)
    again = deliveries.replay(bench.context, "hook1", delivery.id)
    assert again.state == "waiting"
    with pytest.raises(NotNow):
        deliveries.replay(bench.context, "hook1", delivery.id)
    bench.drain()
    assert only(bench).state == "delivered"
    assert len(set(receiver.ids)) == 1
    assert known(bench).failures == 0
    with pytest.raises(UnknownDelivery):
        deliveries.replay(bench.context, "hook1", "msg_nothing")


def test_a_broken_delivery_keeps_no_other_from_being_swept(
    bench: Bench, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    hook(bench)
    happen(bench)
    while bench.messages.dispatcher.run_one():
        pass
    found = bench.context.documents.get(deliveries.path("hook1", only(bench).id))
    assert found is not None
    bench.context.documents.commit([Put("webhooks/hook0/deliveries/x", {"look_at": "2025-01-01T00:00:00Z"})])
    bench.clock.advance(60)
    with caplog.at_level(logging.ERROR):
        assert deliveries.send_again(bench.context) == 1
    assert "could not be swept" in caplog.text


@pytest.mark.parametrize("edit", [lambda found, _now: found.but(enabled=False), None], ids=["off", "deleted"])
def test_a_hook_that_is_off_or_gone_is_not_tested(
    bench: Bench, receiver: Receiver, edit: Callable[[Hook, datetime], Hook] | None
) -> None:
    hook(bench)
    if edit is None:
        webhooks.delete(bench.context, "hook1")
    else:
        webhooks.change(bench.context, "hook1", edit)
    with pytest.raises((NotNow, webhooks.UnknownHook)):
        deliveries.ping(bench.context, "hook1", "msg_t")
    assert receiver.received == []


def test_a_host_whose_clock_is_wrong_signs_with_the_right_time(bench: Bench, receiver: Receiver) -> None:
    class Ahead:
        def now(self) -> datetime:
            return bench.clock.now() + timedelta(minutes=5)

        def sleep(self, seconds: float) -> None:
            bench.clock.sleep(seconds)

    hook(bench)
    skewed = replace(bench.context, clock=Ahead())
    deliveries.ping(skewed, "hook1", "msg_t")
    assert int(receiver.received[0][2]["webhook-timestamp"]) == int(bench.clock.now().timestamp())

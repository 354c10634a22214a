"""How an attempt's end is judged, and what that means for the hook."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain import webhooks as rules
from common.domain.events import EVENTS, heard
from common.domain.webhooks import Answer, Attempt, Delivery, Hook

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOOK = Hook(id="h1", owner="ann", url="https://hooks.example.com/", events=("*",), created_at=NOW, updated_at=NOW)


def message(retries: int = 3) -> Delivery:
    return rules.message("msg_1", HOOK, "pipeline.completed", "{}", NOW, retries)


def attempt(delivery: Delivery, status: int | None, error: str = "no") -> Attempt:
    return Attempt(number=delivery.turn, at=NOW, seconds=0.1, status=status, error=error)


def tried(delivery: Delivery, status: int | None, now: datetime = NOW, asked: float | None = None) -> Delivery:
    begun = rules.begun(delivery, "host/1", now)
    answer = None if status is None else Answer(status=status, retry_after=asked)
    error = rules.fault(status) if status is not None else "The connection failed."
    return rules.ended(begun, attempt(begun, status, error), answer, now, 0.0)


def test_the_schedule_is_the_one_of_standard_webhooks() -> None:
    assert sum(rules.PAUSES, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    assert len(rules.PAUSES) == rules.MOST_RETRIES


@pytest.mark.parametrize("retries", [0, 1, 3, 9])
def test_a_message_that_nobody_takes_is_tried_so_often_and_then_failed(retries: int) -> None:
    delivery, now, pauses = message(retries), NOW, []
    while delivery.state == "waiting":
        delivery = tried(delivery, 500, now)
        if delivery.state == "waiting":
            pauses.append(delivery.due_at - now)
            assert delivery.look_at == delivery.due_at + rules.GRACE
            now = delivery.due_at
    assert (delivery.state, len(delivery.attempts)) == ("failed", retries + 1)
    assert tuple(pauses) == rules.PAUSES[:retries]
    assert (delivery.look_at, delivery.finished_at) == (None, now)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_success(status: int) -> None:
    delivery = tried(message(), status)
    assert (delivery.state, delivery.look_at) == ("delivered", None)


@pytest.mark.parametrize("status", [None, 301, 307, 308, 400, 401, 404, 408, 429, 500, 503])
def test_anything_else_is_tried_again(status: int | None) -> None:
    assert tried(message(), status).state == "waiting"


def test_410_ends_the_message_and_its_hook() -> None:
    delivery = tried(message(), 410)
    assert delivery.state == "failed"
    off = rules.judged(HOOK.but(hears_progress=True), delivery, NOW)
    assert (off.enabled, off.hears_progress) == (False, False)
    assert "410" in off.reason


@pytest.mark.parametrize("status", sorted(rules.BUSY))
@pytest.mark.parametrize(("asked", "pause"), [(1, 5), (60, 60), (1e9, 3600), (-7, 5), (None, 5)])
def test_a_busy_receiver_says_when_to_come_back_within_bounds(status: int, asked: float | None, pause: float) -> None:
    assert tried(message(), status, asked=asked).due_at == NOW + timedelta(seconds=pause)


@pytest.mark.parametrize("status", [301, 400, 500])
def test_a_receiver_that_is_not_busy_is_not_asked_when(status: int) -> None:
    assert tried(message(), status, asked=600).due_at == NOW + rules.PAUSES[0]


@given(chance=st.floats(0, 1))
def test_chance_spreads_the_retries_a_little(chance: float) -> None:
    begun = rules.begun(message(), "host/1", NOW)
    ended = rules.ended(begun, attempt(begun, 500), Answer(status=500), NOW, chance)
    assert rules.PAUSES[0] <= ended.due_at - NOW <= rules.PAUSES[0] * 1.21


def failed(count: int, hook: Hook = HOOK) -> Hook:
    for _ in range(count):
        hook = rules.judged(hook, tried(message(0), 500), NOW)
    return hook


def test_ten_messages_in_a_row_that_nobody_took_switch_a_hook_off() -> None:
    assert failed(9).enabled
    off = failed(10)
    assert (off.enabled, off.failures, bool(off.reason)) == (False, 10, True)


def test_success_wipes_out_what_failed_before() -> None:
    hook = rules.judged(failed(9), tried(message(), 200), NOW)
    assert hook.failures == 0
    assert failed(9, hook).enabled


def test_a_test_counts_for_nothing() -> None:
    test = rules.message("msg_t", HOOK, rules.TEST, "{}", NOW, 0)
    assert rules.judged(HOOK, tried(test, 500), NOW) == HOOK
    assert rules.judged(HOOK, tried(test, 410), NOW) == HOOK


def test_an_attempt_whose_sender_did_not_come_back_is_noted_and_counted() -> None:
    lost = rules.begun(message(1), "host/1", NOW)
    again = rules.begun(lost, "host/2", NOW + rules.LEASE)
    [noted] = again.attempts
    assert (noted.number, noted.at, noted.status) == (1, NOW, None)
    assert again.spent
    over = rules.given_up(again, NOW + 2 * rules.LEASE)
    assert [one.number for one in over.attempts] == [1, 2]


def test_a_message_that_is_sent_once_more_has_all_its_retries_and_its_id() -> None:
    once = tried(message(0), 500)
    more = rules.again(once, HOOK.but(retries=2), NOW)
    assert (more.id, more.state, more.turn) == (once.id, "waiting", 1)
    for _ in range(3):
        assert more.state == "waiting"
        more = tried(more, 500)
    assert (more.state, more.turn, len(more.attempts)) == ("failed", 4, 4)


def test_of_many_attempts_the_newest_are_kept() -> None:
    delivery = message(0)
    for _ in range(rules.ATTEMPTS_KEPT + 10):
        delivery = tried(rules.again(delivery, HOOK.but(retries=0), NOW), 500)
    assert len(delivery.attempts) == rules.ATTEMPTS_KEPT
    assert delivery.attempts[-1].number == rules.ATTEMPTS_KEPT + 10


def test_a_hook_hears_what_it_asked_for() -> None:
    assert all(heard(["*"], kind) for kind in EVENTS)
    assert heard(["pipeline.failed", "batch.created"], "batch.created")
    assert not heard(["pipeline.failed"], "pipeline.completed")


@pytest.mark.parametrize(
    ("events", "enabled", "hears"),
    [
        (("*",), True, True),
        (("pipeline.progress",), True, True),
        (("pipeline.failed",), True, False),
        (("*",), False, False),
    ],
)
def test_whether_a_hook_hears_progress_follows_from_its_events(
    events: tuple[str, ...], enabled: bool, hears: bool
) -> None:
    assert HOOK.but(events=events, enabled=enabled).hears_progress is hears

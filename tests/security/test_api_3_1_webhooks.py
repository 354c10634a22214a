"""API-3.1: webhooks with HMAC signatures, three retries with backoff, a log of deliveries, and a test delivery."""

import base64
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook
from werkzeug.test import Client
from werkzeug.wrappers import Response

from common.domain.events import EVENTS
from common.domain.webhooks import MOST_HOOKS
from common.engine import announce, deliveries, outbox, webhooks
from common.engine.context import Context
from common.engine.records import Dispatch
from common.http.idempotency import Record
from common.platform.egress import EgressReply
from common.platform.pinned_egress import PinnedEgress
from tests.http_world import routed
from tests.protocol.webhook_receiver import Receiver, answer, receiving

URL = "https://hooks.example.com/aiprod"
GIVEN = "whsec_" + base64.b64encode(b"g" * 32).decode()
Send = Callable[..., Any]


class Told:
    """Somebody else's server, which answers what it is told."""

    def __init__(self) -> None:
        self.status = 200
        self.received: list[tuple[str, bytes, Mapping[str, str]]] = []

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> EgressReply:
        self.received.append((url, body, headers))
        return EgressReply(self.status, text="ok")


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def outside(context: Context, told: Told) -> Context:
    """The context of the service, whose way out leads to `told`, at today's time."""
    context.clock.advance((datetime.now(UTC) - context.clock.now()).total_seconds())  # type: ignore[attr-defined]
    return replace(context, egress=told)


@pytest.fixture
def call(outside: Context) -> Send:
    return caller(outside)


def caller(context: Context) -> Send:
    client = Client(routed(context), Response, use_cookies=False)

    def send(method: str, path: str, token: str = "user:ann", **more: Any) -> Any:
        return client.open(path, method=method, headers={"Authorization": f"Bearer {token}"}, **more)

    return send


def made(call: Send, token: str = "user:ann", **body: Any) -> Any:
    found = call("POST", "/webhooks", token, json={"event_type": "*", "url": URL, **body})
    assert found.status_code == 201, found.text
    return found.json


def happen(context: Context, owner: str = "ann", subject: str = "p1") -> None:
    """A pipeline of somebody completes."""
    row: Dispatch = announce.dispatch("pipeline.completed", subject, owner, {"id": subject}, context.clock.now())
    context.documents.commit([outbox.row(row)])
    deliveries.fan_out(context, row.id)


def deliver(context: Context) -> None:
    """Make every attempt that is due."""
    for row in context.documents.query_group("deliveries"):
        data = row.data
        if data["state"] == "waiting":
            deliveries.attempt(context, data["hook"], data["id"], data["turn"])


def log(call: Send, hook: Any, token: str = "user:ann") -> list[Any]:
    return list(call("GET", f"/webhooks/{hook['id']}/deliveries", token).json["deliveries"])


def test_api_3_1_a_webhook_is_made_as_asked_and_its_secret_is_shown_once(call: Send) -> None:
    hook = made(call, event_type="pipeline.completed")
    assert hook["event_type"] == ["pipeline.completed"]
    assert (hook["url"], hook["enabled"], hook["retries"], hook["failures"]) == (URL, True, 3, 0)
    assert len(base64.b64decode(hook["secret"].removeprefix("whsec_"))) == 32
    for found in (
        call("GET", f"/webhooks/{hook['id']}"),
        call("GET", "/webhooks"),
        call("GET", "/webhooks", "admin:ann"),
    ):
        assert found.status_code == 200
        assert "secret" not in found.text
    assert call("GET", f"/webhooks/{hook['id']}").json == {name: hook[name] for name in hook if name != "secret"}


def test_api_3_1_a_secret_that_the_user_gives_is_not_sent_back(call: Send) -> None:
    assert made(call, secret=GIVEN)["secret"] is None
    assert made(call, secret="a phrase of more than twenty-four bytes")["secret"] is None


def test_api_3_1_no_secret_stands_in_the_store_or_the_log(
    call: Send, outside: Context, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        hook = made(call)
        phrase = "a phrase of more than twenty-four bytes"
        other = made(call, secret=phrase)
        call("POST", f"/webhooks/{hook['id']}/test")
        call("POST", f"/webhooks/{other['id']}/rotate-secret", json={"secret": GIVEN})
        happen(outside)
        deliver(outside)
    rows = [
        *outside.documents.query("webhooks"),
        *outside.documents.query_group("deliveries"),
        *outside.documents.query("audit"),
        *outside.documents.query("idempotency"),
    ]
    kept = json.dumps([row.data for row in rows]) + caplog.text + str([vars(record) for record in caplog.records])
    for secret in (hook["secret"], phrase, GIVEN):
        assert secret not in kept
        assert base64.b64encode(secret.encode()).decode() not in kept
        assert secret.removeprefix("whsec_") not in kept
    assert rows


def test_api_3_1_a_delivery_verifies_with_an_independent_library(call: Send, outside: Context, told: Told) -> None:
    hook = made(call)
    happen(outside)
    deliver(outside)
    [(url, body, headers)] = told.received
    assert url == URL
    event = Webhook(hook["secret"]).verify(body, dict(headers))
    assert (event["type"], event["data"]["id"]) == ("pipeline.completed", "p1")
    assert event["data"]["links"] == {"self": "http://api.test/pipeline/p1"}
    [delivery] = log(call, hook)
    assert (delivery["id"], delivery["state"]) == (headers["webhook-id"], "delivered")
    assert delivery["payload"] == event
    assert [(one["number"], one["status"], one["answer"]) for one in delivery["attempts"]] == [(1, 200, "ok")]


def test_api_3_1_a_phrase_signs_as_its_bytes(call: Send, outside: Context, told: Told) -> None:
    phrase = "a phrase of more than twenty-four bytes"
    made(call, secret=phrase)
    happen(outside)
    deliver(outside)
    [(_, body, headers)] = told.received
    assert Webhook(base64.b64encode(phrase.encode()).decode()).verify(body, dict(headers))


def test_api_3_1_after_a_rotation_both_secrets_verify_for_a_day(call: Send, outside: Context, told: Told) -> None:
    hook = made(call)
    turned = call("POST", f"/webhooks/{hook['id']}/rotate-secret", json={}).json
    call("POST", f"/webhooks/{hook['id']}/test")
    [(_, body, headers)] = told.received
    assert Webhook(hook["secret"]).verify(body, dict(headers)) == Webhook(turned["secret"]).verify(body, dict(headers))
    assert len(headers["webhook-signature"].split()) == 2
    outside.clock.advance(24 * 3600 + 1)  # type: ignore[attr-defined]
    call("POST", f"/webhooks/{hook['id']}/test")
    assert len(told.received[-1][2]["webhook-signature"].split()) == 1


def test_api_3_1_three_retries_follow_the_first_attempt(call: Send, outside: Context, told: Told) -> None:
    hook = made(call)
    told.status = 500
    happen(outside)
    pauses = []
    for _ in range(6):
        deliver(outside)
        [delivery] = log(call, hook)
        if delivery["state"] == "waiting":
            due = datetime.fromisoformat(delivery["next_attempt_at"])
            pauses.append((due - outside.clock.now()).total_seconds())
            outside.clock.advance(pauses[-1] + 1)  # type: ignore[attr-defined]
    assert len(told.received) == len(delivery["attempts"]) == 4
    assert delivery["state"] == "failed"
    assert pauses == sorted(pauses)
    assert [round(pause / base, 3) >= 0.999 for pause, base in zip(pauses, (5, 300, 1800), strict=True)] == [True] * 3
    assert len({headers["webhook-id"] for _, _, headers in told.received}) == 1
    assert call("GET", f"/webhooks/{hook['id']}").json["failures"] == 1


def test_api_3_1_a_test_is_delivered_now_and_its_result_is_shown(call: Send, told: Told) -> None:
    hook = made(call, event_type="pipeline.failed")
    good = call("POST", f"/webhooks/{hook['id']}/test")
    assert (good.status_code, good.json["state"], good.json["event_type"]) == (200, "delivered", "webhook.test")
    assert Webhook(hook["secret"]).verify(told.received[0][1], dict(told.received[0][2]))["type"] == "webhook.test"
    told.status = 404
    bad = call("POST", f"/webhooks/{hook['id']}/test").json
    assert (bad["state"], bad["attempts"][0]["status"], bad["next_attempt_at"]) == ("failed", 404, None)
    assert call("GET", f"/webhooks/{hook['id']}").json["failures"] == 0
    assert len(log(call, hook)) == 2


def test_api_3_1_a_failed_delivery_is_replayed_under_its_id(call: Send, outside: Context, told: Told) -> None:
    hook = made(call, retries=0)
    told.status = 500
    happen(outside)
    deliver(outside)
    [delivery] = log(call, hook)
    told.status = 200
    path = f"/webhooks/{hook['id']}/deliveries/{delivery['id']}/replay"
    again = call("POST", path)
    assert (again.status_code, again.json["state"]) == (202, "waiting")
    assert call("POST", path).json["code"] == "delivery_waiting"
    deliver(outside)
    assert log(call, hook)[0]["state"] == "delivered"
    assert len({headers["webhook-id"] for _, _, headers in told.received}) == 1
    for unknown in ("msg_nothing", "..", "a%2fb", "x" * 65):
        assert call("POST", f"/webhooks/{hook['id']}/deliveries/{unknown}/replay").status_code == 404


def test_api_3_1_the_log_comes_in_pages_newest_first(call: Send, outside: Context) -> None:
    hook = made(call)
    for number in range(7):
        happen(outside, subject=f"p{number}")
        outside.clock.advance(1)  # type: ignore[attr-defined]
    seen, token = [], ""
    for _ in range(9):
        page = call("GET", f"/webhooks/{hook['id']}/deliveries?page_size=3&page_token={token}").json
        seen += [one["payload"]["data"]["id"] for one in page["deliveries"]]
        token = page["next_page_token"]
        if not token:
            break
    assert seen == [f"p{number}" for number in reversed(range(7))]
    other = made(call)
    page = call("GET", f"/webhooks/{hook['id']}/deliveries?page_size=3").json
    refused = call("GET", f"/webhooks/{other['id']}/deliveries?page_size=3&page_token={page['next_page_token']}")
    assert (refused.status_code, refused.json["code"]) == (400, "invalid_page_token")


def test_api_3_1_a_webhook_is_changed_switched_off_and_on_and_deleted(call: Send, outside: Context, told: Told) -> None:
    hook = made(call)
    path = f"/webhooks/{hook['id']}"
    changed = call(
        "PATCH", path, json={"event_type": ["batch.created"], "retries": 9, "description": "x", "url": URL + "2"}
    )
    assert (changed.json["event_type"], changed.json["retries"], changed.json["url"]) == (
        ["batch.created"],
        9,
        URL + "2",
    )
    off = call("PATCH", path, json={"enabled": False, "event_type": "*"}).json
    assert (off["enabled"], bool(off["reason"])) == (False, True)
    happen(outside)
    assert log(call, hook) == []
    assert call("POST", f"{path}/test").json["code"] == "webhook_off"
    on = call("PATCH", path, json={"enabled": True}).json
    assert (on["enabled"], on["reason"], on["failures"]) == (True, "", 0)
    happen(outside)
    gone = call("DELETE", path)
    assert (gone.status_code, gone.data) == (204, b"")
    deliver(outside)
    assert told.received == []
    for method, where in (("GET", path), ("PATCH", path), ("DELETE", path), ("GET", f"{path}/deliveries")):
        assert call(method, where, json={} if method == "PATCH" else None).status_code == 404


OPERATIONS = [
    ("GET", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("POST", "/test"),
    ("POST", "/rotate-secret"),
    ("GET", "/deliveries"),
    ("POST", "/deliveries/msg_x/replay"),
]


@pytest.mark.parametrize(("method", "rest"), OPERATIONS)
def test_api_3_1_a_webhook_of_somebody_else_is_unknown(call: Send, method: str, rest: str) -> None:
    hook = made(call)
    foreign = call(method, f"/webhooks/{hook['id']}{rest}", "user:bob", json={} if method == "PATCH" else None)
    missing = call(method, f"/webhooks/{'0' * 20}{rest}", "user:bob", json={} if method == "PATCH" else None)
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.json["detail"].replace(hook["id"], "X") == missing.json["detail"].replace("0" * 20, "X")
    assert call("GET", "/webhooks", "user:bob").json == {"webhooks": []}


@pytest.mark.parametrize("role", ["viewer", "service"])
@pytest.mark.parametrize(("method", "rest"), OPERATIONS)
def test_api_3_1_a_role_that_may_not_write_does_not(call: Send, role: str, method: str, rest: str) -> None:
    hook = made(call)
    answered = call(method, f"/webhooks/{hook['id']}{rest}", f"{role}:ann", json={} if method == "PATCH" else None)
    assert answered.status_code == (200 if method == "GET" else 403)
    assert call("POST", "/webhooks", f"{role}:ann", json={"event_type": "*", "url": URL}).status_code == (
        201 if role == "service" else 403
    )


def test_api_3_1_events_of_others_are_not_delivered(call: Send, outside: Context, told: Told) -> None:
    made(call)
    made(call, "admin:root")
    happen(outside, owner="bob")
    deliver(outside)
    assert told.received == []


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com",
        "https://localhost/x",
        "https://127.0.0.1/",
        "https://10.0.0.5",
        "https://169.254.169.254/",
        "https://[::1]/",
        "https://2130706433/",
        "https://user:pass@hooks.example.com/",
        "https://hooks.example.com:22/",
        "x",
        "https://metadata.google.internal/",
        "ftp://hooks.example.com/",
    ],
)
def test_api_3_1_a_url_that_leads_inside_is_refused(call: Send, url: str) -> None:
    refused = call("POST", "/webhooks", json={"event_type": "*", "url": url})
    assert (refused.status_code, refused.json["code"]) == (422, "url_refused")
    assert refused.json["errors"][0]["pointer"] == "#/url"
    hook = made(call)
    assert call("PATCH", f"/webhooks/{hook['id']}", json={"url": url}).json["code"] == "url_refused"


WRONG = [
    {},
    {"url": URL},
    {"event_type": "*"},
    {"event_type": "pipeline.exploded", "url": URL},
    {"event_type": [], "url": URL},
    {"event_type": ["*"] * 20, "url": URL},
    {"event_type": 7, "url": URL},
    {"event_type": "*", "url": ""},
    {"event_type": "*", "url": URL, "secret": "short"},
    {"event_type": "*", "url": URL, "secret": "whsec_"},
    {"event_type": "*", "url": URL, "secret": "whsec_###"},
    {"event_type": "*", "url": URL, "secret": "whsec_" + base64.b64encode(b"x" * 23).decode()},
    {"event_type": "*", "url": URL, "secret": "whsec_" + base64.b64encode(b"x" * 65).decode()},
    {"event_type": "*", "url": URL, "secret": "x" * 65},
    {"event_type": "*", "url": URL, "retries": 10},
    {"event_type": "*", "url": URL, "retries": -1},
    {"event_type": "*", "url": URL, "retries": "3"},
    {"event_type": "*", "url": URL, "enabled": "yes"},
    {"event_type": "*", "url": URL, "owner": "bob"},
]


@pytest.mark.parametrize("body", WRONG, ids=lambda body: json.dumps(body)[:60])
def test_api_3_1_what_does_not_fit_is_a_422_that_says_why_and_repeats_no_secret(call: Send, body: Any) -> None:
    refused = call("POST", "/webhooks", json=body)
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_request")
    assert refused.json["errors"]
    assert not body.get("secret") or len(body["secret"]) < 10 or body["secret"] not in refused.text


@pytest.mark.parametrize("kind", EVENTS)
def test_api_3_1_every_event_can_be_heard_alone(call: Send, kind: str) -> None:
    assert made(call, event_type=kind)["event_type"] == made(call, event_type=[kind, kind])["event_type"] == [kind]


def test_api_3_1_a_user_has_so_many_webhooks_and_no_more(call: Send, outside: Context) -> None:
    for number in range(MOST_HOOKS):
        webhooks.create(outside, f"h{number}", "ann", URL, ["*"], b"x" * 32, description="", retries=3)
    refused = call("POST", "/webhooks", json={"event_type": "*", "url": URL})
    assert (refused.status_code, refused.json["code"]) == (409, "too_many_webhooks")
    made(call, "user:bob")
    call("DELETE", "/webhooks/h0")
    made(call)


def test_api_3_1_a_replay_with_one_idempotency_key_is_one(outside: Context, told: Told) -> None:
    client = Client(routed(outside), Response, use_cookies=False)
    hook = made(caller(outside), retries=0)
    told.status = 500
    happen(outside)
    deliver(outside)
    [delivery] = log(caller(outside), hook)
    headers = {"Authorization": "Bearer user:ann", "Idempotency-Key": "k1"}
    path = f"/webhooks/{hook['id']}/deliveries/{delivery['id']}/replay"
    first, second = (client.post(path, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code, first.json) == (202, 202, second.json)
    [record] = outside.documents.query("idempotency")
    assert Record.model_validate(record.data).status == 202


def test_api_3_1_a_test_with_one_idempotency_key_is_sent_once(outside: Context, told: Told) -> None:
    client = Client(routed(outside), Response, use_cookies=False)
    hook = made(caller(outside))
    headers = {"Authorization": "Bearer user:ann", "Idempotency-Key": "k1"}
    first, second = (client.post(f"/webhooks/{hook['id']}/test", headers=headers) for _ in range(2))
    assert (first.status_code, first.json) == (200, second.json)
    assert len(told.received) == 1


@pytest.mark.parametrize("path", ["/webhooks", "/webhooks/{id}/rotate-secret"])
def test_api_3_1_what_answers_a_secret_refuses_an_idempotency_key(outside: Context, path: str) -> None:
    client = Client(routed(outside), Response, use_cookies=False)
    hook = made(caller(outside))
    before = outside.documents.query("webhooks")
    headers = {"Authorization": "Bearer user:ann", "Idempotency-Key": "k1"}
    body = {"event_type": "*", "url": URL} if path == "/webhooks" else {}
    refused = client.post(path.format(**hook), headers=headers, json=body)
    assert (refused.status_code, refused.json["code"]) == (400, "idempotency_key_refused")
    assert outside.documents.query("webhooks") == before


@pytest.fixture
def real(outside: Context) -> Context:
    """The service with its real way out, which may reach this machine."""
    settings = replace(outside.settings, webhook_loopback=1)
    return replace(outside, settings=settings, egress=PinnedEgress(loopback=True))


def checked(context: Context, receiver: Receiver) -> Any:
    call = caller(context)
    hook = made(call, url=receiver.url)
    result = call("POST", f"/webhooks/{hook['id']}/test").json
    if receiver.received:
        received = receiver.received[0]
        assert Webhook(hook["secret"]).verify(received.body, dict(received.headers))
        assert received.headers["webhook-id"] == result["id"]
    return result


def test_api_3_1_over_a_real_connection_a_receiver_gets_what_it_can_verify(real: Context) -> None:
    with receiving(answer(200, b"thanks")) as receiver:
        result = checked(real, receiver)
    assert result["attempts"][0]["answer"] == "thanks"
    assert len(receiver.received) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_api_3_1_over_a_real_connection_a_redirect_is_a_failure_and_not_followed(real: Context, status: int) -> None:
    with receiving(answer(200)) as other, receiving(answer(status, b"", Location=other.url)) as receiver:
        result = checked(real, receiver)
    assert (result["state"], result["attempts"][0]["status"]) == ("failed", status)
    assert other.connections == 0


def test_api_3_1_without_the_setting_this_machine_is_out_of_reach(outside: Context) -> None:
    with receiving(answer(200)) as receiver:
        refused = caller(outside)("POST", "/webhooks", json={"event_type": "*", "url": receiver.url})
        assert refused.json["code"] == "url_refused"
        webhooks.create(outside, "h1", "ann", receiver.url, ["*"], b"x" * 32, description="", retries=0)
        context = replace(outside, egress=PinnedEgress())
        result = caller(context)("POST", "/webhooks/h1/test").json
    assert (result["state"], result["attempts"][0]["status"]) == ("failed", None)
    assert receiver.connections == 0

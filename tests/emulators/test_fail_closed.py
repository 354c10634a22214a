"""What is away is said, and nothing is let through, lost or made up; what comes back is used without being told to.

Stopped by SIGSTOP an emulator is silent and keeps its state, as a real outage does; one that ended would forget.
"""

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx
import pytest
from google.auth.credentials import AnonymousCredentials
from werkzeug.test import Client

from common import runtime
from common.engine import control, invariants
from common.engine.context import Context
from common.platform.clock import SystemClock
from common.platform.google.identity import FirebaseIdentity, connect
from functions.catalogue import CATALOGUE
from scripts.local.emulators import Emulators, Running
from scripts.local.gateway import Gateway
from scripts.local.token import issue
from tests.e2e.conftest import Server
from tests.emulators.conftest import EmulatedMachine
from tests.protocol.firebase import PROJECT, Firebase, serving

pytestmark = pytest.mark.emulators

BODY = {"content": "Why cats purr when they are happy", "duration_sec": 5, "resolution": "480p"}


@pytest.fixture(scope="module")
def emulators() -> Iterator[Emulators]:
    """Emulators of this module's own, for it stops them; the others are those that everybody uses."""
    with Emulators(["firestore", "redis"]) as found:
        # The first requests of a fresh Java take long: have them behind us before an outage is timed.
        host = (
            f"http://{found.variables['FIRESTORE_EMULATOR_HOST']}/v1/projects/demo-warm/databases/(default)/documents"
        )
        for _ in range(5):
            httpx.post(f"{host}/warm", json={"fields": {}}, timeout=60).raise_for_status()
            httpx.get(f"{host}/warm", timeout=60).raise_for_status()
        yield found


@pytest.fixture
def firestore(emulators: Emulators) -> Iterator[Running]:
    yield emulators.running["firestore"]
    emulators.running["firestore"].resume()


@pytest.fixture
def redis(emulators: Emulators) -> Iterator[Running]:
    yield emulators.running["redis"]
    emulators.running["redis"].resume()


@pytest.fixture
def machine(machine: EmulatedMachine, emulators: Emulators) -> EmulatedMachine:
    return dataclasses.replace(machine, emulators=emulators.variables)


@pytest.fixture
def context(machine: EmulatedMachine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """The outside world of a process of that machine, in this one; what it enqueues is only accepted."""
    for name, value in machine.emulators.items():
        monkeypatch.setenv(name, value)
    made = runtime.build(CATALOGUE, machine.settings(), lambda *_: 204)
    runtime.prepare(CATALOGUE, dataclasses.replace(made.settings, functions_url="http://127.0.0.1:9/{function}"))
    monkeypatch.setattr(runtime, "_current", made)
    yield made
    made.documents.close()  # type: ignore[attr-defined]


@pytest.fixture
def client(context: Context) -> Client:
    return Client(Gateway(context))


def signed_in(context: Context, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue('ann', 'user', context.settings)}", **more}


@contextmanager
def silence(running: Running, context: Context) -> Iterator[None]:
    """An outage while the block runs, with less patience for what is known not to come."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(context.documents._options, "timeout", 1.0)  # type: ignore[attr-defined]
        running.pause()
        yield
        running.resume()


class Hurried(SystemClock):
    """Time runs twentyfold, so that a worker's patience with a silent store is soon over."""

    def __init__(self) -> None:
        self._start = super().now()

    def now(self) -> datetime:
        return self._start + 20 * (super().now() - self._start)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / 20)


def refused(response: Any) -> None:
    assert (response.status_code, response.content_type) == (503, "application/problem+json"), response.get_data()
    assert response.json["code"] == "unavailable"
    assert int(response.headers["Retry-After"]) >= 1


def test_with_firestore_away_every_endpoint_answers_503_and_goes_on_afterwards(
    context: Context, client: Client, firestore: Running
) -> None:
    headers = signed_in(context)
    made = client.post("/pipeline/run", json=BODY, headers=headers).json
    with silence(firestore, context):
        refused(client.get(f"/pipeline/{made['id']}", headers=headers))
        refused(client.get(f"/pipeline/{made['id']}/result", headers=headers))
        refused(client.post("/pipeline/run", json=BODY, headers=headers))
        refused(client.post(f"/pipeline/{made['id']}/cancel", headers=headers))
        assert client.get("/health").status_code == 200  # asks nobody
    assert client.get(f"/pipeline/{made['id']}", headers=headers).status_code == 200


def test_with_firestore_away_deliveries_are_put_off_and_change_nothing(
    context: Context, firestore: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Client(Gateway(context)).post("/pipeline/run", json=BODY, headers=signed_in(context)).json
    before = control.load(context, made["id"])
    data = {"pipeline_id": made["id"], "step": "analyze", "key": "analyze"}
    deliveries = {"analyze": json.dumps(data).encode(), "sweep": b"{}", "dead_letter": b"not JSON"}
    with silence(firestore, context), monkeypatch.context() as patch:
        hurried = dataclasses.replace(context, clock=Hurried())
        patch.setattr(runtime, "_current", hurried)
        for function, body in deliveries.items():
            assert Gateway(hurried).deliver(function, body, {"Content-Type": "application/json"}) == 503, function
    assert control.load(context, made["id"]) == before
    assert Gateway(context).deliver("analyze", deliveries["analyze"], {"Content-Type": "application/json"}) == 204
    assert control.load(context, made["id"]).stage == "direct"


def test_what_a_client_asked_for_during_the_outage_is_made_once_when_it_asks_again(
    context: Context, client: Client, firestore: Running
) -> None:
    headers = signed_in(context, **{"Idempotency-Key": "tea-1"})
    before = context.documents.count("pipelines")
    with silence(firestore, context):
        refused(client.post("/pipeline/run", json=BODY, headers=headers))
    first = client.post("/pipeline/run", json=BODY, headers=headers)
    again = client.post("/pipeline/run", json=BODY, headers=headers)
    assert (first.status_code, again.status_code) == (202, 202), (first.json, again.json)
    assert first.json["id"] == again.json["id"]
    assert context.documents.count("pipelines") == before + 1


def test_a_pipeline_in_progress_outlives_an_outage_of_firestore(
    machine: EmulatedMachine, servers: list[Server], firestore: Running
) -> None:
    server = machine.serve(AIPROD_SWEEP_SECONDS="1")
    servers.append(server)
    _, view = server.request("POST", "/pipeline/run", BODY)
    server.wait(view["id"], "processing")
    firestore.pause()
    status, problem = server.request("GET", f"/pipeline/{view['id']}")
    assert (status, problem["code"]) == (503, "unavailable"), problem
    firestore.resume()
    assert server.wait(view["id"], "completed", "failed")["status"] == "completed"
    documents = machine.documents()
    server.stop()
    assert [found for found in invariants.audit(documents, CATALOGUE) if found.pipeline_id == view["id"]] == []
    documents.close()  # type: ignore[attr-defined]


def test_with_redis_away_requests_go_on_and_are_counted_in_the_process(
    context: Context, client: Client, redis: Running
) -> None:
    headers = signed_in(context)
    assert context.cache.increment("calls", seconds=600) == 1
    redis.pause()
    assert client.post("/pipeline/run", json=BODY, headers=headers).status_code == 202
    assert [context.cache.increment("calls", seconds=600) for _ in range(3)] == [1, 2, 3]
    redis.resume()


def test_with_the_identity_provider_away_nobody_is_let_in(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    firebase = Firebase(SystemClock())
    with serving(firebase):
        identity = FirebaseIdentity(connect(PROJECT, AnonymousCredentials()))
        ours = dataclasses.replace(context, identity=identity)
        monkeypatch.setattr(runtime, "_current", ours)
        client = Client(Gateway(ours))
        firebase.claim("ann", role="user")
        headers = {"Authorization": f"Bearer {firebase.sign_in('ann')}"}
        firebase.refuse = 503
        before = context.documents.count("pipelines")
        refused(client.post("/pipeline/run", json=BODY, headers=headers))
        assert context.documents.count("pipelines") == before
        firebase.refuse = 0
        assert client.post("/pipeline/run", json=BODY, headers=headers).status_code == 202
        identity.close()

"""Messages travel through Pub/Sub and by push: what is counted on both sides of the emulator is what was done."""

import json
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from common.engine import store
from common.platform.google import clients
from functions.catalogue import CATALOGUE
from scripts.local.pushes import Pushes
from tests.e2e.conftest import Server
from tests.emulators.conftest import EmulatedMachine

pytestmark = pytest.mark.emulators

PUSHED = {entry.name for entry in CATALOGUE.steps() if entry.step and not entry.step.queue}


def test_every_message_of_a_video_goes_through_pubsub_and_is_pushed_back(machine: EmulatedMachine) -> None:
    machine = replace(machine, project=f"{machine.project}-push")  # nothing was sent or made in it before
    settings = machine.settings()
    publisher, subscriber = clients.publisher(settings), clients.subscriber(settings)
    copies = {}
    for name in PUSHED:  # a second subscription to each topic hears what is published, whoever hears it, too
        topic = f"projects/{machine.project}/topics/{name}"
        copies[name] = f"projects/{machine.project}/subscriptions/copy-{name}"
        publisher.create_topic(name=topic)
        subscriber.create_subscription(name=copies[name], topic=topic)
    report = machine.make("Why cats purr when they are happy", "--duration", "5", "--output", "cats.mp4")
    assert (machine.folder / "cats.mp4").stat().st_size == report["size"]
    assert all(where.startswith(f"gs://{machine.project}/") for where in report["files"].values())

    published: Counter[str] = Counter()
    for name, subscription in copies.items():
        answer = subscriber.pull(subscription=subscription, max_messages=100)
        published.update(f"{name} {found.message.attributes['message_id']}" for found in answer.received_messages)
    logged = [json.loads(line) for line in (machine.home / "aiprod.log").read_text().splitlines()]
    pushed = Counter(f"{line['function']} {line['message_id']}" for line in logged if line.get("function") in PUSHED)
    assert set(published) == set(pushed)
    assert all(pushed[one] >= published[one] for one in published)

    documents = machine.documents()
    steps = [step for step in store.steps(documents, report["id"]) if step.step in PUSHED]
    documents.close()  # type: ignore[attr-defined]
    assert {step.step for step in steps} == PUSHED
    assert len(published) >= len(steps)


def test_a_push_needs_the_secret_of_the_process() -> None:
    heard: list[str] = []

    def deliver(function: str, *_: object) -> int:
        heard.append(function)
        return 204

    pushes = Pushes(deliver, workers=1)
    try:
        client = Client(pushes, Response)
        path = pushes.url[pushes.url.index("/_push") :]
        assert client.post(path.format(function="analyze"), json={}).status_code == 204
        assert client.post(path.partition("?")[0].format(function="analyze"), json={}).status_code == 403
        assert client.post(f"{path[:-1]}!".format(function="analyze"), json={}).status_code == 403
        assert client.get(path.format(function="analyze")).status_code == 404
        assert client.post("/_push/", json={}).status_code == 404
        assert heard == ["analyze"]
    finally:
        pushes.stop()


def test_nothing_of_a_push_is_on_the_port_of_the_clients(machine: EmulatedMachine, servers: list[Server]) -> None:
    server = machine.serve()
    servers.append(server)
    status, problem = server.request("POST", "/_push/analyze", {})
    assert (status, problem["code"]) == (404, "not_found")
    assert not list(Path(machine.folder).glob("*.mp4"))


def test_a_process_gets_its_messages_back_when_a_later_one_has_gone(
    machine: EmulatedMachine, servers: list[Server]
) -> None:
    first = machine.serve(AIPROD_SWEEP_SECONDS="0.5")
    servers.append(first)
    settings = machine.settings()
    ours = clients.pushed_to(settings, "analyze")
    later = machine.serve()
    servers.append(later)
    assert clients.pushed_to(settings, "analyze") != ours
    later.process.kill()
    until = time.monotonic() + 60
    while clients.pushed_to(settings, "analyze") != ours and time.monotonic() < until:
        time.sleep(0.1)
    assert clients.pushed_to(settings, "analyze") == ours

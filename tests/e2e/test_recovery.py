"""`kill -9` in the middle of every step, and a cancel in the middle of the render."""

import json
import os
import signal
import time
from collections import Counter

import pytest

from common.engine import store
from common.platform.embedded.documents import SqliteDocuments
from functions.catalogue import CATALOGUE
from tests.e2e.conftest import Machine, Server, alive

pytestmark = pytest.mark.slow

BODY = {"content": "Why cats purr when they are happy", "duration_sec": 5, "resolution": "480p", "budget": 0.1}
STEPS = [entry.name for entry in CATALOGUE.steps()]


def submit(server: Server, key: str = "", **other: object) -> str:
    status, view = server.request("POST", "/pipeline/run", {**BODY, **other}, key)
    assert status == 202, view
    return str(view["id"])


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("point", ["after_claim", "after_commit"])
def test_a_server_killed_in_any_step_completes_the_pipeline_after_a_restart(
    machine: Machine, servers: list[Server], step: str, point: str
) -> None:
    doomed = machine.serve(AIPROD_FAIL_AT=f"{point}:{step}")
    servers.append(doomed)
    doomed.send("/pipeline/run", BODY, "one-film")
    if (step, point) == ("render", "after_commit"):
        healthy = doomed  # the render's outcome is committed by its job, so it is the job that dies
    else:
        assert doomed.process.wait(120) == -signal.SIGKILL
        healthy = machine.serve()
        servers.append(healthy)
    pipeline = submit(healthy, "one-film")  # the same that the dead server took
    view = healthy.wait(pipeline, "completed", "failed")
    assert view["status"] == "completed", view
    assert view["cost"]["spent"] == 0
    audit(machine, pipeline)


def audit(machine: Machine, pipeline: str) -> None:
    """Nothing was done twice: one outcome and one event per step run, no row left, no money held."""
    documents = SqliteDocuments(machine.home / "documents.sqlite3")
    try:
        events = store.events(documents, pipeline)
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        finished = Counter(event.data["key"] for event in events if "key" in event.data and "progress" in event.data)
        steps = store.steps(documents, pipeline)
        assert all(step.state == "done" for step in steps)
        assert Counter(event.type for event in events)["pipeline.completed"] == 1
        assert all(finished[step.key] >= 1 for step in steps if step.step != "deliver")
        until = time.monotonic() + 30  # `announce` takes its row after the commit that a client may have read already
        while documents.count("outbox") and time.monotonic() < until:
            time.sleep(0.05)
        assert documents.count("outbox") == 0
        rows = store.reservations(documents, pipeline)
        assert len({row.key for row in rows}) == len(rows)
        assert sum(row.amount for row in rows) == 0
    finally:
        documents.close()


def test_a_kill_of_server_and_job_in_the_middle_of_the_render_keeps_finished_segments(
    machine: Machine, servers: list[Server]
) -> None:
    doomed = machine.serve()
    servers.append(doomed)
    pipeline = submit(doomed)
    segments = machine.home / "objects" / "data" / "segments"
    until = time.monotonic() + 60
    while not list(segments.rglob("*.mp4")) and time.monotonic() < until:
        time.sleep(0.02)
    kept = {path: path.stat().st_mtime_ns for path in segments.rglob("*.mp4")}
    family = doomed.descendants()
    os.kill(doomed.process.pid, signal.SIGKILL)
    doomed.process.wait()
    time.sleep(1)
    assert alive(family) == []
    healthy = machine.serve()
    servers.append(healthy)
    assert healthy.wait(pipeline, "completed", "failed")["status"] == "completed"
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())
    audit(machine, pipeline)


def test_cancel_stops_every_process_within_two_seconds_and_nothing_happens_after_it(
    machine: Machine, servers: list[Server]
) -> None:
    server = machine.serve()
    servers.append(server)
    pipeline = submit(server)
    server.wait(pipeline, "processing")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        _, view = server.request("GET", f"/pipeline/{pipeline}")
        if view["stage"] == "render" and len(server.descendants()) >= 2:
            break
        time.sleep(0.05)
    family = server.descendants()
    assert family
    status, view = server.request("POST", f"/pipeline/{pipeline}/cancel")
    assert (status, view["status"]) == (200, "cancelled")
    time.sleep(2)
    assert alive(family) == []
    documents = SqliteDocuments(machine.home / "documents.sqlite3")
    try:
        before = documents.get(f"pipelines/{pipeline}")
        time.sleep(1.5)
        assert documents.get(f"pipelines/{pipeline}") == before
    finally:
        documents.close()
    status, problem = server.request("GET", f"/pipeline/{pipeline}/result")
    assert (status, problem["code"]) == (409, "pipeline_cancelled")


def test_ctrl_c_cancels_the_command(machine: Machine) -> None:
    import subprocess

    process = subprocess.Popen(
        machine.command("run", "Why cats purr when they are happy", "--output", "cats.mp4"),
        cwd=machine.folder,
        env=machine.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    while "drawing scenes" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "cancelled" in said
    assert "Traceback" not in said
    assert not (machine.folder / "cats.mp4").exists()


def test_a_gated_pipeline_waits_over_a_restart_and_is_approved_with_an_edit(
    machine: Machine, servers: list[Server]
) -> None:
    first = machine.serve()
    servers.append(first)
    status, view = first.request("POST", "/pipeline/run", {**BODY, "approve": "force"})
    assert status == 202
    waiting = first.wait(view["id"], "awaiting_approval")
    first.stop()
    second = machine.serve()
    servers.append(second)
    plan = json.loads(json.dumps(waiting["plan"]))
    plan["scenes"][0]["headline"] = "A purring secret"
    status, moved = second.request("POST", f"/pipeline/{view['id']}/approve", {"plan": plan})
    assert status == 200, moved
    assert second.wait(view["id"], "completed", "failed")["status"] == "completed"
    status, _ = second.request("GET", f"/pipeline/{view['id']}/result")
    assert status == 200

"""A paid engine behind its own protocol: refused by a budget of nothing, called once, billed once, never twice."""

import json
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.e2e.conftest import Machine, Server
from tests.protocol.runway import KEY, Runway

pytestmark = pytest.mark.slow

SCENES = [
    {"kind": "title", "narration": "Cats purr.", "headline": "Cats purr", "mood": "warm", "idea": "cat"},
    {"kind": "closing", "narration": "Listen closely.", "headline": "Listen", "mood": "warm", "idea": "ear"},
]
PLAN = json.dumps({"title": "Why cats purr", "mood": "warm", "scenes": SCENES})
ANSWER = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": PLAN}]}, "finishReason": "STOP"}],
    "usageMetadata": {"promptTokenCount": 900, "candidatesTokenCount": 600, "totalTokenCount": 1500},
}
PRICE = 0.00021  # 900 tokens in and 600 out, by the price table
WORDS = ("Why cats purr when they are happy", "--duration", "5", "--output", "cats.mp4")


class Gemini:
    """A local server that speaks the provider's protocol and counts its calls."""

    def __init__(self) -> None:
        self.calls = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                assert self.headers["x-goog-api-key"] == "the-key"
                outer.calls += 1
                data = json.dumps(ANSWER).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        return {"AIPROD_GEMINI_URL": f"http://127.0.0.1:{self.http.server_port}"}


@pytest.fixture
def gemini(machine: Machine) -> Iterator[Gemini]:
    kept = machine.call("secret", "gemini-api-key", stdin="the-key\n")
    assert kept.returncode == 0, kept.stderr
    found = Gemini()
    yield found
    found.http.shutdown()
    found.http.server_close()


def test_a_budget_of_nothing_calls_nobody_and_says_what_ran_instead(machine: Machine, gemini: Gemini) -> None:
    report = machine.make(*WORDS, "--budget", "0", **gemini.environment)
    assert gemini.calls == 0
    assert report["cost"] == 0
    assert any("the budget leaves $0.0000" in note and "local-planner ran instead" in note for note in report["notes"])


def test_a_paid_plan_is_billed_once_and_reused_for_nothing(machine: Machine, gemini: Gemini) -> None:
    first = machine.make(*WORDS, **gemini.environment)
    assert (gemini.calls, first["title"]) == (1, "Why cats purr")
    assert first["cost"] == pytest.approx(PRICE)
    manifest = json.loads(Path(first["files"]["manifest.json"]).read_text())
    assert [row["dollars"] for row in manifest["cost"]["ledger"] if row["engine"] == "gemini-planner"] == [PRICE]
    second = machine.make(*WORDS, **gemini.environment)
    assert (gemini.calls, second["cost"], second["rendered"]) == (1, 0, 0)


def test_a_crash_before_the_call_pays_nothing_twice(machine: Machine, servers: list[Server], gemini: Gemini) -> None:
    doomed = machine.serve(AIPROD_FAIL_AT="after_intent:direct", **gemini.environment)
    servers.append(doomed)
    body = {"content": WORDS[0], "duration_sec": 5, "resolution": "480p"}
    doomed.send("/pipeline/run", body, "one-film")
    assert doomed.process.wait(60) == -signal.SIGKILL
    assert gemini.calls == 0
    healthy = machine.serve(**gemini.environment)
    servers.append(healthy)
    _, view = healthy.request("POST", "/pipeline/run", body, "one-film")
    done = healthy.wait(view["id"], "completed", "failed")
    assert (done["status"], gemini.calls) == ("completed", 1)
    assert done["cost"]["spent"] == pytest.approx(PRICE)
    assert done["cost"]["reserved"] == 0


@pytest.mark.parametrize("step", ["generate_visual", "render", "deliver"])
def test_a_crash_after_the_paid_step_leaves_the_cost_as_it_is(
    machine: Machine, servers: list[Server], gemini: Gemini, step: str
) -> None:
    doomed = machine.serve(AIPROD_FAIL_AT=f"after_claim:{step}", **gemini.environment)
    servers.append(doomed)
    body = {"content": WORDS[0], "duration_sec": 5, "resolution": "480p"}
    doomed.send("/pipeline/run", body, "one-film")
    assert doomed.process.wait(60) == -signal.SIGKILL
    healthy = machine.serve(**gemini.environment)
    servers.append(healthy)
    _, view = healthy.request("POST", "/pipeline/run", body, "one-film")
    done = healthy.wait(view["id"], "completed", "failed")
    assert (done["status"], gemini.calls) == ("completed", 1)
    assert done["cost"]["spent"] == pytest.approx(PRICE)


@pytest.fixture
def runway(machine: Machine) -> Iterator[Runway]:
    kept = machine.call("secret", "runway-api-key", stdin=f"{KEY}\n")
    assert kept.returncode == 0, kept.stderr
    found = Runway(looks=1)
    yield found
    found.close()


SCRIPT = "Cats purr when they are happy. Listen closely at night. Every purr is a small engine."
FILM = (SCRIPT, "--duration", "12", "--preset", "brand_campaign")


def billed(runway: Runway) -> float:
    """Dollars for every clip that was ordered, by the price table."""
    return sum(float(task.asked["duration"]) * 0.008 for task in runway.tasks.values())


def test_a_film_of_paid_clips_is_billed_by_the_second_and_reused_for_nothing(machine: Machine, runway: Runway) -> None:
    environment = {"AIPROD_RUNWAY_URL": runway.base}
    first = machine.make(*FILM, "--output", "cats.mp4", **environment)
    manifest = json.loads(Path(first["files"]["manifest.json"]).read_text())
    scenes = manifest["plan"]["scenes"]
    assert len(runway.tasks) == len(scenes) > 1
    assert manifest["engines"]["visuals"] == "runway-fast"
    assert first["cost"] == pytest.approx(billed(runway))
    ledger = [row["dollars"] for row in manifest["cost"]["ledger"] if row["engine"] == "runway-fast"]
    assert sum(ledger) == pytest.approx(billed(runway))
    assert not [note for note in first["notes"] if "runway" in note]
    second = machine.make(*FILM, "--output", "again.mp4", **environment)
    assert (len(runway.tasks), second["cost"], second["rendered"]) == (len(scenes), 0, 0)


def test_clips_that_run_when_their_worker_dies_are_gone_on_with(
    machine: Machine, servers: list[Server], runway: Runway
) -> None:
    # One worker: with two, the other one may die between its intent and its call, which counts and is never billed.
    environment = {"AIPROD_RUNWAY_URL": runway.base, "AIPROD_WORKERS": "1"}
    doomed = machine.serve(AIPROD_FAIL_AT="after_submit:generate_visual", **environment)
    servers.append(doomed)
    body = {"content": SCRIPT, "duration_sec": 12, "resolution": "480p", "preset": "brand_campaign"}
    _, view = doomed.request("POST", "/pipeline/run", body)
    doomed.wait(view["id"], "awaiting_approval")
    doomed.send(f"/pipeline/{view['id']}/approve", {})
    assert doomed.process.wait(60) == -signal.SIGKILL
    before = len(runway.tasks)
    assert before >= 1
    healthy = machine.serve(**environment)
    servers.append(healthy)
    done = healthy.wait(view["id"], "completed", "failed", seconds=240)
    assert done["status"] == "completed"
    # Runway cannot be asked what became of a call: that one is counted, and asked for again; no other is.
    scenes = {task.asked["seed"] for task in runway.tasks.values()}
    assert len(runway.tasks) <= len(scenes) + before
    assert done["cost"]["spent"] == pytest.approx(billed(runway))
    assert done["cost"]["reserved"] == 0

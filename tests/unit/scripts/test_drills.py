"""What a drill reports, how its clients are balanced and kept waiting, and that the network it makes fails as meant."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scripts.drills import __main__ as drill
from scripts.drills.report import Finding, lines
from scripts.drills.service import FAILURES, Answer, Service
from scripts.drills.traffic import Job, Traffic
from scripts.drills.wire import Wire

ROOT = Path(__file__).parents[3]


def good(**fields: object) -> Finding:
    found = {"noticed": 0.5, "served": 1.0, "done": 9.0, "failed": 2, "requests": 40, "pipelines": 3, **fields}
    return Finding("region", "a server killed", **found)  # type: ignore[arg-type]


def test_a_drill_within_its_targets_is_one_row_and_misses_nothing() -> None:
    found = good(note="all well.", seconds=30.0)
    assert found.misses == []
    said = lines([found])
    assert said[1].split("  ")[0] == "region"
    assert "2 of 40" in said[1]
    assert said[1].endswith("none")
    assert said[2].split() == ["target", "15", "min", "15", "min", "1", "min"]
    assert "region: all well." in said
    assert "every one ended once" in said[-1]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"noticed": None}, "nobody noticed"),
        ({"served": None}, "never came to it that the service answered again"),
        ({"done": 901.0}, "the work was done after 901 s; the target is 900 s"),
        ({"lost": 61.0}, "accepted work of the last 61 s was lost; the target is 60 s"),
        ({"complaints": ["twice"]}, "twice"),
    ],
)
def test_a_missed_promise_is_said_under_the_table(fields: dict[str, object], words: str) -> None:
    found = good(**fields)
    assert [miss for miss in found.misses if words in miss]
    assert lines([found])[-1].startswith("MISSED region: ")


class Region(ThreadingHTTPServer):
    """A server that answers with one status."""

    def __init__(self, status: int) -> None:
        region = self
        self.status = status

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(region.status)
                self.send_header("Retry-After", "2")
                self.end_headers()
                self.wfile.write(json.dumps({"code": "unavailable"}).encode())

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def regions() -> Iterator[list[Region]]:
    made = [Region(200), Region(503)]
    for region in made:
        threading.Thread(target=region.serve_forever, daemon=True).start()
    yield made
    for region in made:
        region.shutdown()
        region.server_close()


def asked(service: Service, times: int) -> list[Answer]:
    return [service.ask("GET", "/") for _ in range(times)]


def test_a_server_that_fails_in_a_row_is_left_alone(regions: list[Region]) -> None:
    service = Service(regions)  # type: ignore[arg-type]
    answers = asked(service, 20)
    failed = [answer for answer in answers if answer.failed]
    assert len(failed) == FAILURES
    assert all(answer.put_off and answer.server == 1 for answer in failed)
    assert service.answers() == answers
    assert service.answers(since=answers[-1].at) == answers[-1:]


def test_one_of_two_servers_is_always_asked(regions: list[Region]) -> None:
    service = Service(regions)  # type: ignore[arg-type]
    regions[0].status = 503
    assert all(answer.failed for answer in asked(service, 20))
    assert len({answer.server for answer in asked(service, 1)}) == 1


def test_a_server_that_is_replaced_is_asked_nothing(regions: list[Region]) -> None:
    service = Service(regions)  # type: ignore[arg-type]
    asked(service, 10)  # the other one is left alone by now, and has to do all the same
    with service.without(0):
        assert {answer.server for answer in asked(service, 6)} == {1}
    assert 0 in {answer.server for answer in asked(service, 6)}


def test_a_server_that_is_gone_is_a_failure_and_no_exception() -> None:
    with Region(200) as region:
        pass
    answer = Service([region]).ask("GET", "/health")  # type: ignore[list-item]
    assert (answer.status, answer.failed, answer.put_off) == (0, True, False)
    assert str(answer) == "GET /health was answered not at all (ConnectError) by server 0"


class Forgetful(Service):
    """A service that loses a pipeline and a login after it took both."""

    def __init__(self) -> None:
        self.script = [
            (202, {"id": "a"}),
            (503, {"code": "unavailable"}),
            (401, {}),
            (404, {}),
            (202, {"id": "b"}),
            (200, {"status": "processing"}),
            (200, {"status": "completed"}),
        ]
        self.asked: list[tuple[str, object]] = []

    def ask(self, method: str, path: str, body: object = None, headers: object = None) -> Answer:
        self.asked.append((f"{method} {path}", headers))
        status, said = self.script.pop(0)
        return Answer(f"{method} {path}", 0, 1.0, 2.0 + len(self.asked), status, said, 0.01)


def test_a_client_asks_again_for_what_the_service_has_forgotten_under_the_same_key() -> None:
    service, logins = Forgetful(), iter(["first", "second"])
    traffic = Traffic(service, [], lambda _user: next(logins), until=float("inf"))
    job = traffic.order("ann")
    for thread in traffic._threads:
        thread.join(20)
    assert (job.followed.ended, job.followed.problem, job.followed.ids) == ("completed", "", {"b"})
    assert job.gone == [("a", 3.0)]
    posts = [headers for call, headers in service.asked if call.startswith("POST")]
    assert [headers["Idempotency-Key"] for headers in posts] == ["drill-0", "drill-0"]  # type: ignore[index]
    assert posts[-1]["Authorization"] == "Bearer second"  # type: ignore[index]
    assert traffic.followed == [job.followed]


def test_what_is_under_way_was_accepted_before_and_ends_later() -> None:
    assert not Job(followed=None).under_way(5.0)  # type: ignore[arg-type]
    job = Job(followed=None, id="b", accepted=6.0, gone=[("a", 2.0)])  # type: ignore[arg-type]
    assert [job.under_way(moment) for moment in (1.0, 3.0, 9.0)] == [False, True, True]
    job.ended = 8.0
    assert [job.under_way(moment) for moment in (7.0, 9.0)] == [True, False]


def test_what_a_wire_holds_arrives_when_it_is_mended() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Wire(f"127.0.0.1:{server.getsockname()[1]}") as wire:
        host, port = wire.address.split(":")
        with socket.create_connection((host, int(port)), timeout=20) as client, server.accept()[0] as taken:
            taken.settimeout(0.3)
            wire.hold()
            client.sendall(b"held")
            with pytest.raises(TimeoutError):
                taken.recv(4)
            taken.settimeout(20)
            wire.mend()
            assert taken.recv(4) == b"held"


def test_a_wire_outlives_the_server_at_its_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with Wire(f"127.0.0.1:{port}") as wire:
        host, at = wire.address.split(":")
        with socket.create_connection((host, int(at)), timeout=20) as client, contextlib.suppress(ConnectionError):
            assert client.recv(1) == b""
        with (
            socket.create_server(("127.0.0.1", port)) as server,
            socket.create_connection((host, int(at)), timeout=20) as client,
            server.accept()[0] as taken,
        ):
            client.sendall(b"back")
            assert taken.recv(4) == b"back"


def test_help_names_every_drill_and_an_unknown_one_is_refused() -> None:
    command = [sys.executable, "-P", "-m", "scripts.drills"]
    said = subprocess.run([*command, "--help"], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert said.returncode == 0
    assert all(f"  {name} " in said.stdout for name in drill.DRILLS)
    with pytest.raises(SystemExit, match="2"):
        drill.main(["flood"])


def test_the_five_failures_of_the_requirements_are_drilled() -> None:
    assert set(drill.DRILLS) == {"region", "database", "identity", "cache", "partition"}

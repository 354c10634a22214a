"""The server as a process: it says that it is ready, answers, and stops when told."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from common.domain.settings import Settings
from scripts.local.token import issue
from tests.live_world import dial, hear, hear_out


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    begun: list[subprocess.Popen[str]] = []

    def launch(port: int) -> subprocess.Popen[str]:
        environment = {**os.environ, "AIPROD_HOME": str(tmp_path / "state")}
        command = [sys.executable, "-m", "scripts.local.cli", "serve", "--port", str(port)]
        server = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[4],
        )
        begun.append(server)
        return server

    yield launch
    for server in begun:
        server.kill()
        server.communicate()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_is_ready_in_one_line_answers_and_stops(start, sign):
    server = start(0)
    line = server.stdout.readline()
    assert line.startswith("AIPROD is ready at http://127.0.0.1:")
    assert "(profile embedded, state in " in line
    with urlopen(line.split()[4] + "/health", timeout=20) as answer:
        assert answer.status == 200
    server.send_signal(sign)
    rest, _log = server.communicate(timeout=20)
    assert (server.returncode, rest) == (0, "")


def test_a_port_in_use_is_one_sentence(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = start(taken.getsockname()[1])
        out, said = server.communicate(timeout=20)
    assert (server.returncode, out) == (1, "")
    assert said.startswith("aiprod: cannot listen on 127.0.0.1 port ")
    assert "address already in use" in said
    assert said.count("\n") == 1


def test_http_and_live_endpoints_share_the_port_and_listeners_are_told_when_it_stops(start, tmp_path):
    server = start(0)
    where = server.stdout.readline().split()[4].removeprefix("http://")
    bearer = issue("ann", "user", Settings(home=tmp_path / "state"))
    body = json.dumps({"content": "Why cats purr when they are happy", "approve": "force"}).encode()
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    with urlopen(Request(f"http://{where}/pipeline/run", body, headers), timeout=20) as answer:
        made = json.load(answer)["id"]
    with dial(where, f"/ws/pipeline/{made}?after=0", subprotocols=["aiprod.v1", f"bearer.{bearer}"]) as live:
        told = hear(live, lambda said: said["type"] == "pipeline.awaiting_approval")
        assert told[0]["type"] == "snapshot"
        assert [said["seq"] for said in told[1:]] == [*range(1, len(told))]
        server.send_signal(signal.SIGTERM)
        assert hear_out(live)[1:] == (1001, "going away")
    assert server.wait(20) == 0


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_is_none_is_one_sentence(start, port):
    server = start(port)
    out, said = server.communicate(timeout=20)
    assert (server.returncode, out) == (1, "")
    assert said == f"aiprod: {port} is no port; use --port with 1 to 65535.\n"

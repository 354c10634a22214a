"""The server as a process: it says that it is ready, answers, and stops when told."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest


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


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_is_none_is_one_sentence(start, port):
    server = start(port)
    out, said = server.communicate(timeout=20)
    assert (server.returncode, out) == (1, "")
    assert said == f"aiprod: {port} is no port; use --port with 1 to 65535.\n"

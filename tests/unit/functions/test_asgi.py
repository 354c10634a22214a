"""The process of a live function on Cloud Run: it serves what FUNCTION_TARGET names, and ends when it is told."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from common.domain.settings import Settings
from scripts.local.token import issue
from tests.live_world import dial, hear_out

ROOT = Path(__file__).parents[3]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PORT": str(port),
        "FUNCTION_TARGET": "live_socket",
        "AIPROD_HOME": str(tmp_path),
    }
    with subprocess.Popen([sys.executable, "-m", "functions.asgi"], env=environment, cwd=ROOT) as begun:
        where, until = f"127.0.0.1:{port}", time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield begun, where
        begun.kill()


def test_it_serves_its_function_and_nothing_else_until_it_is_told_to_end(process, tmp_path):
    begun, where = process
    bearer = issue("ann", "user", Settings(home=tmp_path))
    with dial(where, "/ws/pipeline/nothing", token=bearer) as connection:
        assert hear_out(connection)[1:] == (4404, "not_found")
    for path in ("/pipeline/nothing/events/stream", "/health", "/"):
        answer = httpx.get(f"http://{where}{path}", headers={"Authorization": f"Bearer {bearer}"})
        assert answer.status_code in (404, 405), path
        assert answer.headers["Content-Type"] == "application/problem+json"
    begun.send_signal(signal.SIGTERM)
    assert begun.wait(20) == -signal.SIGTERM

"""The product as a person uses it: real processes, a state folder of their own, small and short videos."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--resolution", "480p")


@dataclass
class Machine:
    """A machine with its own state; `environment` is all that its processes see."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "state"

    def environment(self, **extra: str) -> dict[str, str]:
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder / "empty"),
            "PYTHONPATH": str(ROOT),
            "AIPROD_HOME": str(self.home),
            **extra,
        }

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-P", "-m", "scripts.local.cli", *words]

    def call(
        self, *words: str, timeout: float = 240, stdin: str = "", **extra: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words),
            cwd=self.folder,
            env=self.environment(**extra),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def make(self, *words: str, **extra: str) -> dict[str, Any]:
        """Run to success; the JSON report."""
        done = self.call("run", *words, *SMALL, "--json", **extra)
        assert done.returncode == 0, done.stderr + done.stdout
        report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return report

    def serve(self, **extra: str) -> "Server":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen(
            self.command("serve", "--port", str(port)),
            cwd=self.folder,
            env=self.environment(**extra),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert "ready" in ready, ready
        token = self.call("token").stdout.strip()
        return Server(process, f"http://127.0.0.1:{port}", token)


@dataclass
class Server:
    process: subprocess.Popen[str]
    url: str
    token: str

    def request(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        call = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(call, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)

    def send(self, path: str, body: Any, key: str = "") -> None:
        """POST to a server that may die of it before it has answered; who needs the answer asks again with the key."""
        with suppress(OSError, http.client.HTTPException):
            self.request("POST", path, body, key)

    def wait(self, pipeline_id: str, *statuses: str, seconds: float = 120) -> dict[str, Any]:
        """Follow a pipeline until it is in one of the states."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            _, view = self.request("GET", f"/pipeline/{pipeline_id}")
            if view["status"] in statuses:
                return dict(view)
            time.sleep(0.1)
        raise AssertionError(f"still {view['status']} at {view['stage']}")

    def descendants(self) -> list[int]:
        """Processes that this server, and what it started, started."""
        found: list[int] = []
        wanted = [self.process.pid]
        while wanted:
            parent = wanted.pop()
            for task in Path(f"/proc/{parent}/task").glob("*/children"):
                children = [int(number) for number in task.read_text().split()]
                found += children
                wanted += children
        return found

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "empty").mkdir()
    return Machine(tmp_path)


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    started: list[Server] = []
    yield started
    for server in started:
        server.stop()


def alive(pids: Sequence[int]) -> list[int]:
    """Those that still run; zombies do not."""
    running = []
    for pid in pids:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                running.append(pid)
        except OSError:
            continue
    return running

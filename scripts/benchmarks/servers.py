"""Processes that answer HTTP on this machine, and the processor time and memory that they take for it."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAIN = ROOT / "functions" / "main.py"
ANSWERS = "BENCH_ANSWERS"  # names the file with what ours answered, by function
TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds: what processor time is counted in
PATIENCE = 60.0  # seconds for a server to come up

_PAGE = os.sysconf("SC_PAGE_SIZE")


class ServerFailed(Exception):
    """A server did not come up or answered what it should not; the text says which and how."""


@dataclass(frozen=True)
class Ask:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True)
class Server:
    """A running server; with a master and workers, all of them count."""

    name: str
    port: int
    pid: int

    def send(self, asks: Iterable[Ask], expected: int) -> bytes:
        """Send requests over one connection, one after the other; the last answer. ServerFailed for another status."""
        said = b""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            for ask in asks:
                connection.request(ask.method, ask.path, body=ask.body, headers=dict(ask.headers))
                answer = connection.getresponse()
                said = answer.read()
                if answer.status != expected:
                    raise ServerFailed(f"{self.name} answered {ask.method} {ask.path} with {answer.status}: {said!r}")
        return said

    def seconds(self) -> float:
        """Processor time that it has taken so far, in user and system mode."""
        return sum(int(fields[11]) + int(fields[12]) for fields in self._stats()) * TICK

    def bytes(self) -> int:
        """Memory of its largest process, as resident pages."""
        return max(int(fields[21]) for fields in self._stats()) * _PAGE

    def _stats(self) -> Iterator[list[str]]:
        family = [self.pid]
        for pid in family:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                yield Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                family += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


@contextlib.contextmanager
def function(name: str, environment: Mapping[str, str], source: Path = MAIN) -> Iterator[Server]:
    """One function, of ours unless another source is named, served as on Cloud Run: by functions-framework."""
    words = ["functions-framework", "--target", name, "--source", str(source), "--host", "127.0.0.1", "--port"]
    with _running(name, words, environment) as server:
        yield server


@contextlib.contextmanager
def asgi(name: str, application: str, environment: Mapping[str, str]) -> Iterator[Server]:
    """An ASGI application, MODULE:NAME, served by uvicorn without an access log."""
    words = ["uvicorn", application, "--host", "127.0.0.1", "--log-level", "warning", "--port"]
    with _running(name, words, environment) as server:
        yield server


@contextlib.contextmanager
def serve(environment: Mapping[str, str]) -> Iterator[Server]:
    """The whole service on one port, as `aiprod serve` hosts it."""
    with _running(
        "aiprod serve", ["python", "-P", "-m", "scripts.local.cli", "serve", "--port"], environment
    ) as server:
        yield server


@contextlib.contextmanager
def _running(name: str, words: Sequence[str], environment: Mapping[str, str]) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name(words[0])), *words[1:], str(port)]
    variables = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=variables, cwd=ROOT, stdout=quiet, stderr=quiet)
    try:
        _wait(name, process, port)
        yield Server(name, port, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _wait(name: str, process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.01)
    raise ServerFailed(f"{name} does not listen on port {port}; start it by hand to see why.")

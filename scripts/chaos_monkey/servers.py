"""The processes under attack: `aiprod serve` several times over one home, with the jobs they start."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from common.platform import launch

ROOT = Path(__file__).resolve().parents[2]
JOB = b"functions.render.job"
STOP_SECONDS = 5.0


class Server:
    """One server on a port of its own. To be started by the main thread: it dies with the thread that started it."""

    def __init__(self, home: Path, environment: dict[str, str], log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.starts = 0
        self.due = 0.0  # when it is to be started again
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "MALLOC_ARENA_MAX": "2",
            "AIPROD_HOME": str(home),
            **environment,
        }

    @property
    def url(self) -> str:
        """Where it is reached when it is up."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """Its process while it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start it; `up` tells when it answers."""
        python = [sys.executable, "-P", "-m", "scripts.local.cli", "serve", "--port", str(self.port)]
        tied = [sys.executable, "-I", "-S", str(Path(launch.__file__)), str(os.getpid())]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*tied, *python],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.starts += 1

    def up(self) -> bool:
        """Whether it answers."""
        if self.pid is None:
            return False
        try:
            return httpx.get(f"{self.url}/health", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None and self.pid is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it as an operator would."""
        if self._process is None or self.pid is None:
            return
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        self.kill()

    def jobs(self) -> list[int]:
        """The render jobs it runs now."""
        return [pid for pid in children(self.pid or 0) if JOB in _read(Path(f"/proc/{pid}/cmdline"))]


def start(servers: list[Server], seconds: float = 60.0) -> None:
    """Start servers and wait until they answer; RuntimeError when one does not."""
    for server in servers:
        server.start()
    until = time.monotonic() + seconds
    while not all(server.up() for server in servers):
        if time.monotonic() > until:
            raise RuntimeError(f"a server did not start within {seconds:.0f} seconds; its log says why")
        time.sleep(0.1)


def children(pid: int) -> list[int]:
    """Processes that a process started and that still run."""
    found: list[int] = []
    with contextlib.suppress(FileNotFoundError):  # it may end while it is looked at
        for thread in Path(f"/proc/{pid}/task").glob("*/children"):
            found += [int(number) for number in _read(thread).split()]
    return found


def family(pid: int) -> list[int]:
    """A process with everything it started, directly or not."""
    found = [pid]
    for member in found:
        found += [child for child in children(member) if child not in found]
    return found


def alive(pids: list[int]) -> list[int]:
    """Those that still run; zombies do not."""
    states = {pid: _read(Path(f"/proc/{pid}/stat")).rpartition(b")")[2].split()[:1] for pid in pids}
    return [pid for pid, state in states.items() if state not in ([], [b"Z"], [b"X"])]


def outlived(pids: list[int], seconds: float = 3.0) -> list[int]:
    """Those that still run after a moment to end in."""
    until = time.monotonic() + seconds
    while (left := alive(pids)) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def rendered_by(pid: int) -> tuple[str, str] | None:
    """Pipeline and step run that a process renders, if it is a render job."""
    words = _read(Path(f"/proc/{pid}/cmdline")).split(b"\0")
    if JOB not in words[:-2]:
        return None
    pipeline, key = words[words.index(JOB) + 1 :][:2]
    return pipeline.decode(), key.decode()


def sigkill(pid: int) -> bool:
    """Kill one process; False when it was gone."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _read(path: Path) -> bytes:
    """What a file of /proc says; nothing when its process is gone."""
    try:
        return path.read_bytes()
    except OSError:
        return b""

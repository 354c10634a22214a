"""Google's emulators, a storage emulator and Redis on free ports of this machine, for as long as somebody needs them.

`scripts/emulators [NAME...] [-- COMMAND...]` runs a command with the variables that lead to them, or prints the
variables and waits for Ctrl-C. Nothing of them is kept, and nothing of them outlives the process that started them.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from common.domain.settings import Settings
from scripts.local import keep, tools
from scripts.local.refusal import Refusal

READY_SECONDS = 90.0
STOP_SECONDS = 10.0
ATTEMPTS = 3  # a free port may be taken by somebody else before the emulator listens on it
SAID_BYTES = 600
PROJECT = "demo-aiprod"
BUCKET = "aiprod"


@dataclass(frozen=True)
class Emulator:
    """One emulator: how it is started on a port, with a folder of its own, and which variable leads to it."""

    variable: str
    command: Callable[[int, Path], list[str]]
    address: str = "127.0.0.1:{port}"
    ready: Callable[[int], bool] = lambda port: _answers_http(port)


def _firestore(port: int, _folder: Path) -> list[str]:
    return [tools.gcloud(), "emulators", "firestore", "start", f"--host-port=127.0.0.1:{port}"]


def _pubsub(port: int, folder: Path) -> list[str]:
    words = ["beta", "emulators", "pubsub", "start", f"--host-port=127.0.0.1:{port}"]
    return [tools.gcloud(), *words, f"--data-dir={folder}", f"--project={PROJECT}"]


def _storage(port: int, _folder: Path) -> list[str]:
    words = ["start", "--host=127.0.0.1", f"--port={port}", "--in-memory", f"--default-bucket={BUCKET}", "--quiet"]
    return [tools.storage(), *words]


def _auth(port: int, folder: Path) -> list[str]:
    parts = {"auth": port, "hub": free_port(), "logging": free_port()}
    emulators = {name: {"host": "127.0.0.1", "port": number} for name, number in parts.items()}
    config = folder / "firebase.json"
    config.write_text(json.dumps({"emulators": {**emulators, "ui": {"enabled": False}}}), encoding="utf-8")
    return [tools.firebase(), "emulators:start", "--only=auth", f"--project={PROJECT}", f"--config={config}"]


def _redis(port: int, folder: Path) -> list[str]:
    words = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--save", "", "--appendonly", "no"]
    return [tools.redis(), *words]


def _answers_http(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _answers_redis(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(7) == b"+PONG\r\n"
    return False


EMULATORS = {
    "firestore": Emulator("FIRESTORE_EMULATOR_HOST", _firestore),
    "pubsub": Emulator("PUBSUB_EMULATOR_HOST", _pubsub),
    "storage": Emulator("STORAGE_EMULATOR_HOST", _storage, "http://127.0.0.1:{port}"),
    "auth": Emulator("FIREBASE_AUTH_EMULATOR_HOST", _auth),
    "redis": Emulator("AIPROD_REDIS_URL", _redis, "redis://127.0.0.1:{port}", _answers_redis),
}
NEEDED = ("firestore", "pubsub", "storage")  # by the emulators profile; the others have a substitute


class Running:
    """One emulator that was started; it is asked for its readiness and stopped by its own process alone."""

    def __init__(self, name: str, folder: Path):
        self.name = name
        self.emulator = EMULATORS[name]
        self._folder = folder / name
        self._folder.mkdir(exist_ok=True)
        self._log = self._folder / "log"
        self._launch()

    @property
    def address(self) -> str:
        """What the variable says."""
        return self.emulator.address.format(port=self.port)

    def wait(self) -> None:
        """Return when it answers; Refusal, with its last words, when it does not."""
        until, attempt = time.monotonic() + READY_SECONDS, 1
        while True:
            over = self._process.poll() is not None
            if (over and attempt == ATTEMPTS) or time.monotonic() > until:
                raise Refusal(f"the {self.name} emulator did not start. It said: {self._said()}", code=1)
            if over:
                attempt += 1
                self._launch()
            elif self.emulator.ready(self.port):
                return
            time.sleep(0.05)

    def pause(self) -> None:
        """Have it answer nobody from now on, with its state kept."""
        self._signal(signal.SIGSTOP)
        while not all(keep.stopped(pid) for pid in keep.descendants(self._process.pid)):
            time.sleep(0.001)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def restart(self) -> None:
        """Start it again after `stop`, empty and where it was; Refusal when somebody else has taken its port."""
        port = self.port
        self._launch(port)
        self.wait()
        if self.port != port:
            self.stop()
            raise Refusal(f"port {port}, where the {self.name} emulator was, is taken by another process.", code=1)

    def stop(self) -> None:
        """End it and everything that it started."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.kill()
            self._process.wait()

    def _launch(self, port: int | None = None) -> None:
        self.port = port or free_port()
        command = self.emulator.command(self.port, self._folder)
        keeper = [sys.executable, "-I", "-S", keep.__file__, str(os.getpid()), *command]
        environment = {
            **os.environ,
            "TMPDIR": str(self._folder),
            "CLOUDSDK_CONFIG": str(self._folder / "gcloud"),
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
            "XDG_CONFIG_HOME": str(self._folder / "config"),
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                keeper,
                cwd=self._folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us: what we started ends when we say so
            )

    def _signal(self, number: int) -> None:
        for pid in keep.descendants(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _said(self) -> str:
        words = self._log.read_bytes()[-SAID_BYTES:].decode(errors="replace")
        return " ".join(words.split()) or "nothing"


class Emulators:
    """The named emulators, ready between `start` and `stop`; they end with the thread that started them."""

    def __init__(self, names: Sequence[str] = tuple(EMULATORS)):
        unknown = [name for name in names if name not in EMULATORS]
        if unknown:
            raise Refusal(f"there is no emulator {unknown[0]!r}; known ones are {', '.join(EMULATORS)}.")
        self._names = list(dict.fromkeys(names))
        self.running: dict[str, Running] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="aiprod-emulators-", ignore_cleanup_errors=True)

    def __enter__(self) -> "Emulators":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start all of them at once and wait until each answers."""
        try:
            for name in self._names:
                self.running[name] = Running(name, Path(self._folder.name))
            for running in self.running.values():
                running.wait()
        except BaseException:
            self.stop()
            raise

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that lead to them."""
        return {running.emulator.variable: running.address for running in self.running.values()}

    def stop(self) -> None:
        """End all of them."""
        for running in self.running.values():
            running.stop()
        self.running.clear()
        self._folder.cleanup()


@contextlib.contextmanager
def beside(settings: Settings) -> Iterator[Settings]:
    """The settings of a process that has the emulators its profile needs: those of the environment, else its own."""
    wanted = [name for name in NEEDED if not os.environ.get(EMULATORS[name].variable)]
    if settings.profile != "emulators" or not wanted:
        yield settings
        return
    if not settings.redis_url and shutil.which("redis-server"):
        wanted.append("redis")
    print(f"Starting emulators ({', '.join(wanted)}); what they hold ends with this process.", file=sys.stderr)
    with Emulators(wanted) as emulators:
        os.environ.update(emulators.variables)  # which Google's clients read, and jobs inherit
        yield replace(settings, redis_url=emulators.variables.get("AIPROD_REDIS_URL", settings.redis_url))


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(arguments: Sequence[str]) -> int:
    """Run a command beside emulators, or keep them until Ctrl-C; the command's exit code."""
    words = list(arguments)
    cut = words.index("--") if "--" in words else len(words)
    names, command = words[:cut] or list(EMULATORS), words[cut + 1 :]
    if names[0] in ("-h", "--help"):
        print(f"{__doc__}\nNames: {', '.join(EMULATORS)}; default: all of them.")
        return 0
    try:
        with ended_by_signals(), Emulators(names) as emulators:
            if command:
                return _run(command, emulators.variables)
            for name, value in emulators.variables.items():
                print(f"export {name}={value}", flush=True)
            print("The emulators run until Ctrl-C.", file=sys.stderr, flush=True)
            while True:
                signal.pause()
    except Refusal as refusal:
        print(f"emulators: {refusal}", file=sys.stderr)
        return refusal.code
    except KeyboardInterrupt:
        return 130 if command else 0


def _run(command: Sequence[str], variables: dict[str, str]) -> int:
    """Run a command to its end; a signal that ends us ends it first."""
    process = subprocess.Popen(command, env={**os.environ, **variables})
    try:
        return process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Take every signal that asks this process to end for Ctrl-C, so that what it started ends with it."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

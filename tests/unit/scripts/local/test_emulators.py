"""Emulators are started on free ports, waited for, and gone with the process that wanted them, however it ended."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from common.domain.settings import Settings, read
from scripts.local import emulators, keep, tools
from scripts.local.emulators import Emulator, Emulators
from scripts.local.refusal import Refusal

ROOT = Path(keep.__file__).parents[2]


def _server(port: int, _folder: Path) -> list[str]:
    # Through a shell and in the background, as gcloud starts its Java.
    return ["/bin/sh", "-c", f"'{sys.executable}' -I -m http.server --bind 127.0.0.1 {port} & wait"]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> dict[str, Emulator]:
    """Small servers in the place of emulators."""
    known = {
        "firestore": Emulator("FIRESTORE_EMULATOR_HOST", _server),
        "pubsub": Emulator("PUBSUB_EMULATOR_HOST", _server),
        "storage": Emulator("STORAGE_EMULATOR_HOST", _server, "http://127.0.0.1:{port}"),
        "broken": Emulator("BROKEN_EMULATOR_HOST", lambda *_: ["/bin/sh", "-c", "echo no licence here; exit 3"]),
    }
    monkeypatch.setattr(emulators, "EMULATORS", known)
    for name in [name for name in os.environ if name.endswith("_EMULATOR_HOST")]:
        monkeypatch.delenv(name)
    return known


def _processor_ticks(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]


def _gone(pids: list[int]) -> bool:
    until = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < until:
        time.sleep(0.01)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_what_was_started_answers_and_is_gone_afterwards(fake: dict[str, Emulator]) -> None:
    with Emulators(["firestore", "storage"]) as running:
        firestore = running.variables["FIRESTORE_EMULATOR_HOST"]
        for url in (f"http://{firestore}/", f"{running.variables['STORAGE_EMULATOR_HOST']}/"):
            with urllib.request.urlopen(url, timeout=10) as answer:
                assert answer.status == 200
        pids = [pid for pid in keep.descendants(os.getpid()) if "http.server" in _command(pid)]
        assert len(pids) >= 2
    assert _gone(pids)


def test_a_paused_emulator_is_silent_and_keeps_its_port(fake: dict[str, Emulator]) -> None:
    with Emulators(["firestore"]) as running:
        address = f"http://{running.variables['FIRESTORE_EMULATOR_HOST']}/"
        running.running["firestore"].pause()
        with pytest.raises(OSError, match="timed out"), urllib.request.urlopen(address, timeout=0.3):
            pass
        running.running["firestore"].resume()
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert answer.status == 200


def test_a_process_is_stopped_when_none_of_its_threads_runs_any_more() -> None:
    busy = (
        "import threading\n"
        "def turn():\n"
        "    while True: pass\n"
        "for _ in range(3): threading.Thread(target=turn).start()\n"
        "print('ready', flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", busy], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert not keep.stopped(process.pid)
        process.send_signal(signal.SIGSTOP)
        until = time.monotonic() + 30
        while not keep.stopped(process.pid) and time.monotonic() < until:
            time.sleep(0.001)
        before = _processor_ticks(process.pid)
        time.sleep(0.2)
        assert _processor_ticks(process.pid) == before
        process.send_signal(signal.SIGCONT)
        assert not keep.stopped(process.pid)
    finally:
        process.kill()
        process.communicate()


def test_one_that_does_not_start_is_named_with_its_last_words(fake: dict[str, Emulator]) -> None:
    with pytest.raises(Refusal, match=r"the broken emulator did not start\. It said: .*no licence here"):
        Emulators(["broken"]).start()


def test_an_unknown_name_is_refused_with_the_known_ones(fake: dict[str, Emulator]) -> None:
    with pytest.raises(Refusal, match="no emulator 'bigtable'; known ones are firestore"):
        Emulators(["bigtable"])


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_the_process_that_wanted_it(ending: int, tmp_path: Path) -> None:
    parent = (
        "import os, subprocess, sys, time\n"
        f"words = ['/bin/sh', '-c', 'setsid sleep 600 & sleep 600']\n"
        f"subprocess.Popen([sys.executable, '-I', '-S', {keep.__file__!r}, str(os.getpid()), *words])\n"
        "print('ready', flush=True); time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    until = time.monotonic() + 10
    while (pids := keep.descendants(process.pid)) and len(pids) < 4 and time.monotonic() < until:
        time.sleep(0.01)
    assert sum("sleep" in _command(pid) for pid in pids) >= 2
    process.send_signal(ending)
    process.wait(10)
    process.stdout.close()
    assert _gone(pids)


def test_a_keeper_ends_with_its_program_and_says_its_code() -> None:
    words = [sys.executable, "-I", "-S", keep.__file__, str(os.getpid()), "/bin/sh", "-c", "setsid sleep 600 & exit 7"]
    assert subprocess.run(words, timeout=20).returncode == 7


def test_a_command_runs_beside_emulators_and_its_code_is_ours(
    fake: dict[str, Emulator], capfd: pytest.CaptureFixture[str]
) -> None:
    code = emulators.main(["firestore", "--", "/bin/sh", "-c", "echo $FIRESTORE_EMULATOR_HOST; exit 5"])
    assert code == 5
    assert capfd.readouterr().out.startswith("127.0.0.1:")


def test_a_process_has_its_own_emulators_only_where_none_are_named(
    fake: dict[str, Emulator], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(emulators.shutil, "which", lambda _name: None)
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", "127.0.0.1:1")
    for name in ("FIRESTORE_EMULATOR_HOST", "STORAGE_EMULATOR_HOST"):
        monkeypatch.setenv(name, "")  # so that what is set in the block is taken back
    with emulators.beside(read({"AIPROD_PROFILE": "emulators"})) as settings:
        assert settings.profile == "emulators"
        assert os.environ["PUBSUB_EMULATOR_HOST"] == "127.0.0.1:1"
        assert os.environ["FIRESTORE_EMULATOR_HOST"].startswith("127.0.0.1:")
    assert "Starting emulators (firestore, storage); what they hold ends" in capsys.readouterr().err


def test_other_profiles_start_none(fake: dict[str, Emulator], capsys: pytest.CaptureFixture[str]) -> None:
    with emulators.beside(Settings()) as settings:
        assert settings == Settings()
    assert "FIRESTORE_EMULATOR_HOST" not in os.environ
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("find", "missing"), [(tools.gcloud, "java is missing; install Java"), (tools.redis, "redis-server is missing")]
)
def test_a_missing_tool_is_named_with_what_to_install(
    find: Callable[[], str], missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refusal, match=missing):
        find()


def test_a_tool_that_cannot_be_installed_is_said_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho the registry is away >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setattr(tools, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for _ in range(2):
        with pytest.raises(Refusal, match=r"firebase-tools.* could not be installed .* the registry is away"):
            tools.firebase()
    npm.write_text(f"#!/bin/sh\necho once >> {tmp_path}/count\n")
    assert tools.firebase() == tools.firebase()
    assert (tmp_path / "count").read_text() == "once\n"


def test_free_ports_can_be_listened_on() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", emulators.free_port()))


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""

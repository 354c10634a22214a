"""The programs that emulators are: found on this machine, or installed where that surprises nobody."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.local.refusal import Refusal

# What we install for emulators: nothing of it is part of the product, and all of it may be deleted at any time.
CACHE = Path(__file__).resolve().parents[2] / ".emulators"
STORAGE = "gcp-storage-emulator==2026.7.19"
FIREBASE = "firebase-tools@15.34.2"
SAID_CHARACTERS = 500


def gcloud() -> str:
    """Google's command, with Java for the emulators that it starts."""
    _find("java", "Java", "17 or newer, for example Debian's openjdk-17-jre-headless")
    return _find("gcloud", "the Google Cloud SDK", "with its Firestore and Pub/Sub emulators and the component beta")


def storage() -> str:
    """gcp-storage-emulator, in a virtual environment of its own: its pins are not ours."""
    folder = CACHE / "python"
    program = folder / "bin" / "gcp-storage-emulator"
    with _once(folder, STORAGE) as wanted:
        if wanted:
            _install([sys.executable, "-m", "venv", "--clear", str(folder)], STORAGE)
            _install([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", STORAGE], STORAGE)
    return str(program)


def firebase() -> str:
    """firebase-tools, from npm, without its native extras: the Auth emulator needs none."""
    folder = CACHE / "node"
    program = folder / "node_modules" / ".bin" / "firebase"
    with _once(folder, FIREBASE) as wanted:
        if wanted:
            npm = _find("npm", "Node.js", "18 or newer with npm")
            words = ["install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", FIREBASE]
            _install([npm, *words], FIREBASE)
    return str(program)


def redis() -> str:
    """A Redis server of the system; Debian's, where we may install it."""
    found = shutil.which("redis-server")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        with _once(CACHE / "apt", "redis-server"):
            _install(["apt-get", "update", "-qq"], "redis-server")
            _install(["apt-get", "install", "-y", "-qq", "redis-server"], "redis-server")
    return _find("redis-server", "Redis", "for example Debian's redis-server")


def _find(program: str, name: str, what: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise Refusal(f"{program} is missing; install {name} ({what}) and put it on the PATH.", code=1)
    return found


@contextlib.contextmanager
def _once(folder: Path, version: str) -> Iterator[bool]:
    """Whether that version is still to be installed into the folder; one process at a time does it."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder.with_suffix(".installed")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text(encoding="utf-8") == version:
            yield False
            return
        yield True
        stamp.write_text(version, encoding="utf-8")


def _install(command: Sequence[str], what: str) -> None:
    print(f"Installing {what} for the emulators (once) ...", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-SAID_CHARACTERS:]
        raise Refusal(f"{what} could not be installed by `{' '.join(command)}`: {said}", code=1)

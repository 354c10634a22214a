"""The one place that starts FFmpeg.

Every child reads no input but ours, dies when we die, stops within a second of a cancel, and turns a failure into one
clear sentence.
"""

import errno
import os
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

import ffmpeg
import imageio_ffmpeg

from common.platform import launch

Cancelled = Callable[[], bool]
LogLevel = Literal["error", "info"]

_POLL_SECONDS = 0.1
# Else glibc gives each frame's memory back and asks for it anew, which costs the system some time for every frame.
_KEEPING_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(256 << 20)}
_LAST_LINES = 400  # enough for every report a filter prints at its end


class FFmpegFailed(Exception):
    """FFmpeg ended with an error; the text says what was being made and what FFmpeg said."""


class DiskFull(Exception):
    """There was no space left for the output."""


class RenderCancelled(Exception):
    """The work was called off while FFmpeg ran."""


def never() -> bool:
    """The cancel question of work that cannot be cancelled."""
    return False


def executable() -> str:
    """Path of the FFmpeg program that ships with the installation."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


@cache
def version() -> str:
    """FFmpeg's own version word, such as `n9.0.2`; part of every key whose bytes FFmpeg makes."""
    said = subprocess.run([executable(), "-version"], stdin=subprocess.DEVNULL, capture_output=True, check=True)
    found = re.match(rb"ffmpeg version (\S+)", said.stdout)
    return found[1].decode() if found else "unknown"


def run(stream: Any, purpose: str, *, cancelled: Cancelled = never, loglevel: LogLevel = "error") -> str:
    """Run an ffmpeg-python graph to its end and return what it wrote to standard error.

    `purpose` completes the sentence "FFmpeg could not ...". Raises FFmpegFailed, DiskFull, RenderCancelled.
    """
    with _Child(stream, purpose, cancelled, loglevel) as child:
        return child.wait()


def command(stream: Any, loglevel: LogLevel = "error") -> list[str]:
    """The argument list for a graph, program first, with the options every run of ours shares."""
    built = ffmpeg.compile(stream, cmd=executable(), overwrite_output=True)
    return [built[0], "-nostdin", "-hide_banner", "-nostats", "-loglevel", loglevel, *built[1:]]


@contextmanager
def naming_a_full_disk(purpose: str) -> Iterator[None]:
    """Raise DiskFull where our own writing in the block finds no space, as FFmpeg's does."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(f"we could not {purpose}") from error
        raise


def _full(failure: str) -> DiskFull:
    return DiskFull(f"The disk is full, so {failure}. Free some space and run again.")


class _Child:
    """One running FFmpeg, killed when its block ends early."""

    def __init__(self, stream: Any, purpose: str, cancelled: Cancelled, loglevel: LogLevel) -> None:
        self._purpose, self._cancelled = purpose, cancelled
        launcher = [sys.executable, "-I", "-S", str(Path(launch.__file__)), str(os.getpid())]
        self._process = subprocess.Popen(
            [*launcher, *command(stream, loglevel)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, **_KEEPING_MEMORY},
        )
        self._said: deque[bytes] = deque(maxlen=_LAST_LINES)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "_Child":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def wait(self) -> str:
        """Wait for the end and return standard error."""
        while self._reader.is_alive():  # its end is the child's: sooner noticed than by asking for the exit code
            self._reader.join(_POLL_SECONDS)
            self._stop_if_cancelled()
        code = self._process.wait()
        said = b"".join(self._said).decode(errors="replace").strip()
        if code != 0:
            self._fail(code, said)
        return said

    def _fail(self, code: int, said: str) -> None:
        if os.strerror(errno.ENOSPC) in said:
            raise _full(f"FFmpeg could not {self._purpose}")
        last = " | ".join(said.splitlines()[-4:]) or "it gave no reason"
        raise FFmpegFailed(f"FFmpeg could not {self._purpose} (exit code {code}): {last}")

    def _stop_if_cancelled(self) -> None:
        if self._cancelled():
            raise RenderCancelled(f"Cancelled: FFmpeg was stopped before it could {self._purpose}.")

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._said.append(line)

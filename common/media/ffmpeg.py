"""The one place that starts FFmpeg.

Every child reads no input but ours, dies when we die, stops within a second of a cancel, and turns a failure into one
clear sentence.
"""

import errno
import fcntl
import os
import re
import select
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Literal

import ffmpeg
import imageio_ffmpeg

from common.platform import launch

Cancelled = Callable[[], bool]
LogLevel = Literal["error", "info"]

_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031
_STALL_SECONDS = 120.0  # a child that takes no byte for so long is hung, not slow
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
    with _Child(stream, purpose, cancelled, loglevel, piped=False) as child:
        return child.wait()


@contextmanager
def pipe_in(stream: Any, purpose: str, *, cancelled: Cancelled = never) -> Iterator[Callable[[Any], None]]:
    """Run a graph whose input is `pipe:`; yields `write(buffer)`, and leaving the block waits for a clean end.

    The buffer is any contiguous bytes-like object. An exception in the block stops FFmpeg at once.
    Raises FFmpegFailed, DiskFull, RenderCancelled.
    """
    with _Child(stream, purpose, cancelled, "error", piped=True) as child:
        yield child.write
        child.wait()


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

    def __init__(self, stream: Any, purpose: str, cancelled: Cancelled, loglevel: LogLevel, *, piped: bool) -> None:
        self._purpose, self._cancelled = purpose, cancelled
        launcher = [sys.executable, "-I", "-S", str(Path(launch.__file__)), str(os.getpid())]
        self._process = subprocess.Popen(
            [*launcher, *command(stream, loglevel)],
            stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, **_KEEPING_MEMORY},
        )
        self._said: deque[bytes] = deque(maxlen=_LAST_LINES)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if self._process.stdin is not None:
            self._pipe = self._process.stdin.fileno()
            os.set_blocking(self._pipe, False)
            with suppress(OSError):  # an unprivileged user may be over the limit of pipe memory
                fcntl.fcntl(self._pipe, _F_SETPIPE_SZ, _PIPE_BYTES)

    def __enter__(self) -> "_Child":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._end_input()
        self._process.wait()
        self._reader.join()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def write(self, buffer: Any) -> None:
        """Hand over a whole buffer, in pieces, so that a cancel or a hung child is seen between them."""
        left = memoryview(buffer).cast("B")
        ready = select.poll()
        ready.register(self._pipe, select.POLLOUT)
        last = time.monotonic()
        while left:
            self._stop_if_cancelled()
            if not ready.poll(_POLL_SECONDS * 1000):
                if time.monotonic() - last > _STALL_SECONDS:
                    raise FFmpegFailed(
                        f"FFmpeg could not {self._purpose}: it took no input for {_STALL_SECONDS:.0f} s."
                    )
                continue
            try:
                left = left[os.write(self._pipe, left) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:  # it ended early, and its exit code says why
                self.wait()
                raise FFmpegFailed(f"FFmpeg could not {self._purpose}: it ended before the last frame.") from None
            last = time.monotonic()

    def wait(self) -> str:
        """Close the input, wait for the end and return standard error."""
        self._end_input()
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

    def _end_input(self) -> None:
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._said.append(line)

"""One task attempt as a process group of its own, whose end is noticed and whose output is kept."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from common.platform.embedded.job_records import JobLog
from common.platform.embedded.processes import Process

LAST_BREATH = 0.2  # seconds a killed process may take to be gone


class JobChild:
    """A running process group; `ended` hears the exit code when all of it is gone.

    To be made by a thread that lives as long as the process does: the kernel kills the child with that thread.
    """

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], log: JobLog, ended: Callable[[int], None]
    ) -> None:
        self._log = log
        self._ended = ended
        self._reaped = False
        self._gone = threading.Event()
        self._signalling = threading.Lock()
        self._process = subprocess.Popen(
            list(command),
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.process = Process.of(self._process.pid)
        self._reader = threading.Thread(target=self._read, name=f"job-log-{self._process.pid}", daemon=True)
        self._reader.start()
        threading.Thread(target=self._wait, name=f"job-wait-{self._process.pid}", daemon=True).start()

    def signal(self, number: int) -> None:
        """Signal the whole group; fine when it is gone."""
        with self._signalling:
            if not self._reaped:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, number)

    def wait(self, timeout: float) -> bool:
        """Wait until the group is gone; False when it is not by then."""
        return self._gone.wait(max(0.0, timeout))

    def _wait(self) -> None:
        # As long as the leader is not reaped its number, and so its group's, cannot be given to anybody else.
        os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        self.signal(signal.SIGKILL)  # what the leader left behind
        with self._signalling:
            code = self._process.wait()
            self._reaped = True
        self._await_the_rest()
        self._gone.set()
        # Somebody outside the group may hold the pipe open; the last words are not worth waiting for that.
        self._reader.join(0.5)
        self._ended(code)

    def _await_the_rest(self) -> None:
        """Wait until the killed group is empty, but not for zombies that nobody reaps, as in a bare container."""
        deadline = time.monotonic() + LAST_BREATH
        with contextlib.suppress(ProcessLookupError, PermissionError):
            while time.monotonic() < deadline:
                os.killpg(self._process.pid, 0)  # asks, and harms nobody
                time.sleep(0.002)

    def _read(self) -> None:
        stream = self._process.stdout
        if stream is None:
            return
        with stream, contextlib.suppress(OSError):  # a full disk costs the log, not the work
            while block := os.read(stream.fileno(), 1 << 16):
                with contextlib.suppress(OSError):
                    self._log.append(block)

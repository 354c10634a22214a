"""Run a program that ends, with everything it started, when the process that wanted it ends, however that happens.

Run as a script: `python -I -S keep.py PARENT_PID PROGRAM ARGUMENT...`. It stays between the two, because a program such
as gcloud starts its server through a shell, and the kernel tells a grandchild nothing of its grandparent's death.
"""

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_ENDING = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


def main(arguments: list[str]) -> int:
    """Run the program to its end, or to ours; its exit code."""
    parent, program = int(arguments[0]), arguments[1:]
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING | {signal.SIGCHLD})
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)  # orphans of the program become ours, so that none is lost
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        return 1
    child = os.posix_spawnp(program[0], program, os.environ, setsigmask=())
    try:
        while True:
            if signal.sigwait(_ENDING | {signal.SIGCHLD}) in _ENDING:
                return 0
            for pid, status in _reaped():
                if pid == child:
                    return os.waitstatus_to_exitcode(status)
    finally:
        _end_all(child)


def descendants(pid: int) -> list[int]:
    """Every process that a process started, directly or not."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(number) for number in task.read_text().split()]
        except OSError:  # it has just ended
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


def stopped(pid: int) -> bool:
    """Whether no thread of a process runs: SIGSTOP reaches them one after another, and some milliseconds late."""
    for state in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            if state.read_text().rpartition(")")[2].split()[0] not in "TtZX":
                return False
        except OSError:  # it has just ended
            continue
    return True


def _reaped() -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        found.append((pid, status))


def _end_all(child: int) -> None:
    """Kill until nothing is left: what is killed may have started something a moment before."""
    while True:
        for pid in descendants(os.getpid()) or [child]:  # without /proc the child is all that we know
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

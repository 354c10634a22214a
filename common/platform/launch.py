"""Become another program that the kernel kills when the process that wanted it dies.

Run as a script: `python -I -S launch.py PARENT_PID PROGRAM ARGUMENT...`. A fork hook could ask the same of the kernel,
but a fork hook is unsafe in a process with threads, and a renderer has several.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie our life to the parent's, then replace ourselves by the program; never returns."""
    parent, program = int(arguments[0]), arguments[1]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)
    os.execv(program, arguments[1:])  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])

"""Become another program that the kernel kills when the process that wanted it dies, and that cannot rise above others.

Run as a script: `python -I -S launch.py PARENT_PID PROGRAM ARGUMENT...`. A fork hook could ask the same of the kernel,
but a fork hook is unsafe in a process with threads, and a renderer has several. What root starts may make itself a
real-time process, as SVT-AV1 does, and nothing else on the machine would get its turn; without a capability it may not.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_DROP = 24
_CAP_SYS_NICE = 23


def main(arguments: list[str]) -> None:
    """Tie our life to the parent's, then replace ourselves by the program; never returns."""
    parent, program = int(arguments[0]), arguments[1]
    if sys.platform == "linux":
        kernel = ctypes.CDLL(None)
        kernel.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        kernel.prctl(_PR_CAPBSET_DROP, _CAP_SYS_NICE)  # refused to all but root, who alone has it
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)
    os.execv(program, arguments[1:])  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])

"""Run a module as the main program, in a process that the kernel kills when its parent dies.

`python -P -m common.platform.embedded.deathsig PARENT_PID MODULE ARGUMENT...`. The child asks for it itself, because a
fork hook in the parent is unsafe in a process with threads. The kernel watches the thread that started the child.
"""

import ctypes
import os
import runpy
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie this process's life to its parent's, then be the module."""
    parent, module = int(arguments[0]), arguments[1]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)
    sys.argv = [module, *arguments[2:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])

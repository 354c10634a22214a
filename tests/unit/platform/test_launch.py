import os
import subprocess
import sys
from pathlib import Path

import pytest

from common.platform import launch

_RISE = """
import os
try:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
except PermissionError:
    print("refused")
else:
    print("risen")
"""


def test_the_child_dies_with_its_parent() -> None:
    """A parent that is killed leaves no orphan: the child's end of the pipe closes without the child being asked."""
    script = (
        "import os, subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-I', '-S', {launch.__file__!r}, str(os.getpid()), '/bin/sleep', '60'])\n"
        "sys.stdin.readline()\n"
        "os.kill(os.getpid(), 9)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(b"die\n")
        parent.stdin.flush()
        assert parent.stdout.read() == b""  # both writers are gone: the parent, and the sleep that inherited it
    assert parent.returncode == -9


def launched(*program: str, parent: int) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-I", "-S", str(Path(launch.__file__)), str(parent), *program]
    return subprocess.run(words, capture_output=True, text=True, timeout=30)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these priorities")
def test_a_program_cannot_make_itself_a_real_time_one_whoever_starts_it():
    assert launched(sys.executable, "-c", _RISE, parent=os.getpid()).stdout == "refused\n"


def test_a_program_whose_parent_is_gone_does_not_start():
    done = launched(sys.executable, "-c", "print('started')", parent=os.getppid())
    assert (done.returncode, done.stdout) == (1, "")

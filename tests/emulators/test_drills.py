"""Every drill meets its targets on this machine, and leaves nothing behind, also when it is stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.drills.__main__ import DRILLS
from scripts.local import keep
from tests.e2e.conftest import ROOT, alive

pytestmark = pytest.mark.emulators


def begin(folder: Path, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "scripts.drills", name, "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


# The others take a minute or two each.
QUICK = ("cache",)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.deep) for name in DRILLS]
)
def test_a_drill_meets_its_targets(tmp_path: Path, name: str) -> None:
    with begin(tmp_path, name) as process:
        said, complained = process.communicate(timeout=600)
    assert process.returncode == 0, said + complained
    [finding] = json.loads(said)
    assert (finding["drill"], finding["misses"]) == (name, [])
    assert finding["requests"] > finding["failed"]
    assert (finding["lost"] > 0) == (name == "database"), "an order was accepted after the backup"
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_everything_that_a_drill_started(tmp_path: Path) -> None:
    with begin(tmp_path, "region") as process:
        until = time.monotonic() + 120
        while not list(tmp_path.glob("drill-region-*/server-1.log")) and time.monotonic() < until:
            time.sleep(0.2)
        started = keep.descendants(process.pid)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert said.endswith("drill: stopped.\n")
    assert started
    assert alive(started) == []
    assert list(tmp_path.iterdir()) == []

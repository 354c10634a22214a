"""DOC-4.2: every example of the guide does what it says, against a server as anybody would start it."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / ".github" / "docs" / "examples"
pytestmark = pytest.mark.slow


def run(machine: Any, server: Any, name: str) -> str:
    program = {".sh": "bash", ".py": sys.executable, ".mjs": "node"}[Path(name).suffix]
    if shutil.which(program) is None:
        pytest.skip(f"needs {program}")
    token = machine.call("token", "--role", "user").stdout.strip()
    environment = {**machine.environment(), "API_URL": server.url, "API_TOKEN": token}
    done = subprocess.run(
        [program, str(EXAMPLES / name)],
        cwd=machine.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_doc_4_2_the_first_job_makes_a_video_in_every_language(machine):
    server = machine.serve()
    try:
        for name in ("first_job.sh", "first_job.py", "first_job.mjs"):
            said = run(machine, server, name)
            video = machine.folder / "video.mp4"
            assert f"video.mp4: {video.stat().st_size} bytes" in said, name
            assert video.read_bytes()[4:8] == b"ftyp", name
            video.unlink()
    finally:
        server.stop()


def test_doc_4_2_logging_in_and_handling_errors_go_as_told(machine):
    server = machine.serve()
    try:
        assert run(machine, server, "login.py").splitlines() == [
            "access for 900 seconds",
            "called as user",
            "ended: unauthenticated",
        ]
        said = run(machine, server, "errors.py")
        assert said.startswith("422 invalid_request as ")
        assert "#/preset" in said
        assert "Did you mean quick_social?" in said
    finally:
        server.stop()

"""The images install what requirements.txt names and what that needs, each file by its hash."""

import re
from typing import Any

import pytest

from scripts.delivery import lock
from tests.infrastructure.test_build import ROOT, instructions

LOCK = (ROOT / "functions" / "requirements.lock").read_text()


def report(**changes: Any) -> dict[str, Any]:
    """What pip says of one package."""
    origin = {"url": "https://files.example/a.whl", "archive_info": {"hashes": {"sha256": "0" * 64}}}
    return {
        "environment": lock.PLATFORM | {"os_name": "posix"},
        "install": [{"metadata": {"name": "A_package", "version": "1.0"}, "download_info": origin | changes}],
    }


def test_each_package_has_the_hash_of_its_file():
    assert lock.locked(report()) == f"{lock.HEAD}a-package==1.0 --hash=sha256:{'0' * 64}\n"


@pytest.mark.parametrize("changes", [{"archive_info": {}}, {"url": "file:///a.whl"}])
def test_what_no_index_vouches_for_is_refused(changes: dict[str, Any]):
    with pytest.raises(ValueError, match=r"a-package 1.0 came from .*, of which the index told no hash"):
        lock.locked(report(**changes))


def test_another_platform_than_the_images_is_refused():
    with pytest.raises(ValueError, match="run scripts/lock there"):
        lock.locked(report() | {"environment": lock.PLATFORM | {"platform_machine": "aarch64"}})


def test_every_requirement_is_locked_at_its_version_and_by_hash():
    first, *lines = LOCK.splitlines(keepends=True)
    assert first == lock.HEAD
    assert all(re.fullmatch(r"[a-z0-9-]+==\S+ --hash=sha256:[0-9a-f]{64}\n", line) for line in lines)
    assert lines == sorted(lines)
    wanted = re.findall(r"^([\w-]+==[\w.]+)", (ROOT / "functions" / "requirements.txt").read_text(), re.MULTILINE)
    missing = {one.lower() for one in wanted} - {line.split()[0] for line in lines}
    assert not missing, f"run scripts/lock: functions/requirements.lock has another version of {missing}"


def test_the_image_installs_by_hash_alone():
    [install] = [what for word, what in instructions("functions") if word == "RUN" and "pip install" in what]
    assert "--require-hashes --requirement /tmp/requirements.lock" in install

"""The fault matrix is whole: every row has its tests, every fail-point its use, every step its faults."""

import re
from pathlib import Path

from common.engine.failpoints import POINTS
from functions.catalogue import CATALOGUE
from tests.faults.stage import STEPS, calm

ROOT = Path(__file__).parents[2]
ROWS = range(1, 28)


def sources(*folders: str) -> str:
    """The text of all Python files in folders of the repository."""
    files = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_every_row_has_its_test() -> None:
    rows = {int(number) for number in re.findall(r"^def test_row_(\d\d)_", sources("tests/faults"), re.MULTILINE)}
    assert rows == set(ROWS)


def test_every_fail_point_is_reached_in_the_product_and_used_by_a_row_and_there_are_no_others() -> None:
    reached = re.findall(r"failpoints\.reach\(\s*\"(\w+)\"", sources("common", "functions"))
    used = re.findall(r"\"(?:point:)?(\w+)\"", sources("tests/faults"))
    assert set(reached) == set(POINTS)
    assert set(POINTS) <= set(used)
    named = set(re.findall(r"\"point:(\w+)\"", sources("tests/faults")))
    assert named <= set(POINTS)


def test_every_step_of_the_catalogue_meets_the_faults_of_every_step() -> None:
    """A step that no simulated pipeline reaches would be tested by nothing: teach the simulation to ask for it."""
    assert [entry.name for entry in CATALOGUE.steps()] == STEPS
    for point in ("before_claim", "after_claim", "after_work", "after_commit", "after_publish"):
        assert calm().meeting(f"point:{point}") == STEPS

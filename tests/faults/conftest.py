"""What the tests of the fault matrix share."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.stage import Fault, Stage

MEMORY = Path("/dev/shm")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a world keeps its state: in memory where there is such a place, for nobody reads it afterwards."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture
def stage(folder: Path) -> Callable[..., Stage]:
    """stage(fault, ..., option=...) makes the world in which these faults happen; `play` runs it."""

    def make(*faults: Fault, **options: Any) -> Stage:
        return Stage(folder, *faults, **options)

    return make

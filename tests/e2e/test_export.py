"""An archive of a large result, sent by the function's own process as on Cloud Run."""

import json
import subprocess
from pathlib import Path

import pytest

from scripts.benchmarks.export import measure

ROOT = Path(__file__).parents[2]
MEGABYTE = 1_000_000


@pytest.mark.slow
def test_the_memory_of_an_export_does_not_grow_with_the_result(tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    (tmp_path / "more").mkdir()
    some = measure(60 * MEGABYTE, tmp_path / "some", sparse=True)
    more = measure(300 * MEGABYTE, tmp_path / "more", sparse=True)
    assert more.growth_megabytes < 100
    assert more.growth_megabytes - some.growth_megabytes < 20


@pytest.mark.slow
def test_the_command_prints_its_figures() -> None:
    words = ["export", "--json", "--megabytes", "5"]
    done = subprocess.run([ROOT / "scripts" / "bench", *words], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["megabytes"] == 5.0
    assert figures["growth_megabytes"] < 100
    assert figures["ratio"] > 0

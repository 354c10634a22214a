"""The engine's benchmark measures what it says: all commits of the run, and the same documents without the engine."""

import json
import sqlite3
import subprocess
from pathlib import Path

import pytest

from common.platform.embedded.documents import SqliteDocuments
from scripts.benchmarks.engine import Size, run
from scripts.benchmarks.recorded import RecordedDocuments, bare

ROOT = Path(__file__).parents[3]
SIZE = Size(pipelines=2, parts=3, links=2)


def rows(path: Path) -> list[tuple[str, str]]:
    """Every document of a store."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT path, data FROM documents ORDER BY path").fetchall()
    finally:
        connection.close()


def test_the_commits_written_again_make_the_same_store(tmp_path: Path) -> None:
    store, again = SqliteDocuments(tmp_path / "engine"), SqliteDocuments(tmp_path / "bare")
    recorded = RecordedDocuments(store)
    assert run(recorded, SIZE) > 0
    for writes in bare(recorded.commits):
        again.commit(writes)
    assert len(recorded.commits) == store._commits == again._commits
    store.close()
    again.close()
    written = rows(tmp_path / "engine")
    assert written == rows(tmp_path / "bare")
    assert sum("/steps/" in path for path, _ in written) == SIZE.steps == 14


def test_the_command_prints_its_figures() -> None:
    words = ["engine", "--json", "--pipelines", "1", "--parts", "2", "--links", "1", "--rounds", "1"]
    done = subprocess.run([ROOT / "scripts" / "bench", *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["steps"] == 5
    assert figures["commits"] == round(figures["commits_per_step"] * figures["steps"])
    assert figures["ratio"] > 0


def test_a_wrong_call_is_a_sentence() -> None:
    done = subprocess.run([ROOT / "scripts" / "bench", "nothing"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (
        2,
        "usage: scripts/bench engine|api|start|search|load|render|edit|memory|export [OPTIONS]\n",
    )


@pytest.mark.slow
def test_every_benchmark_of_the_api_prints_its_figures() -> None:
    few = ["api", "--json", "--rounds", "1", "--requests", "20"]
    done = subprocess.run([ROOT / "scripts" / "bench", *few], capture_output=True, text=True, timeout=120)
    found = {one["endpoint"]: one for one in json.loads(done.stdout)}
    assert list(found) == ["GET health", "GET presets", "GET pipeline", "POST pipeline"]
    assert all(one["ours_ms"] >= 0 and one["most"] > 0 for one in found.values())


@pytest.mark.slow
def test_the_start_of_a_function_is_measured_with_its_imports() -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "bench", "start", "--json", "--rounds", "1"], capture_output=True, text=True, timeout=120
    )
    found = json.loads(done.stdout)
    assert 0 < found["nothing"] < found["ours"]
    assert {"common", "functions", "pydantic"} <= found["imports"].keys()
    assert not {"cv2", "numpy", "google", "firebase_admin", "av"} & found["imports"].keys()


@pytest.mark.slow
def test_a_minute_of_film_is_measured_beside_its_encoder_alone() -> None:
    words = ["render", "--json", "--rounds", "1", "--resolution", "480p", "--without-moviepy"]
    done = subprocess.run([ROOT / "scripts" / "bench", *words], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert min(found["floor_cpu_s"], found["ours_cpu_s"]) > 0
    assert found["ours_peak_mb"] > 50
    parts = found["ours_parts_s"]
    assert {"encode", "paint", "captions", "mix sound", "imports"} < parts.keys()
    assert sum(parts.values()) == pytest.approx(found["ours_cpu_s"], rel=0.4)
    assert abs(found["ours_vmaf"] - found["floor_vmaf"]) < 1  # the same frames, as well encoded


@pytest.mark.slow
def test_other_versions_of_the_film_are_measured_beside_it() -> None:
    words = ["edit", "--json", "--resolution", "480p"]
    done = subprocess.run([ROOT / "scripts" / "bench", *words], capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    whole, written, spoken, music, shape = json.loads(done.stdout)["versions"]
    assert min(one["cpu"] - one["render"] for one in (whole, written, spoken, music, shape)) > 0
    assert (whole["encoded"], whole["frames"]) == (whole["segments"], 1800)
    for scene in (written, spoken):
        assert 1800 / 20 < scene["frames"] < 1800 / 4
        assert 0 < scene["render"] < whole["render"]
    assert (music["encoded"], music["frames"]) == (0, 0)
    assert shape["frames"] == 1800
    assert shape["shared"] > 0


@pytest.mark.deep
def test_a_long_film_and_a_large_one_stay_within_two_gigabytes_and_a_bounded_disk() -> None:
    done = subprocess.run([ROOT / "scripts" / "bench", "memory", "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    long, large = json.loads(done.stdout)
    assert (long["seconds"] >= 600, large["seconds"] >= 29) == (True, True)
    for one in (long, large):
        assert 100 < one["peak"] < 2000
        wav, aac = one["seconds"] * 0.192, one["seconds"] * 0.024
        assert one["render"]["disk"] < aac + max(wav, one["film"]) + 20

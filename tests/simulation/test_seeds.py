import os
import random
import subprocess
import sys
import threading
import types
from pathlib import Path

import pytest

from common.engine import sweep
from scripts.simulation import report, seeds
from scripts.simulation.guards import GUARDS, Guard, removed

ROOT = Path(__file__).resolve().parents[2]
LONG = 5  # a seed in which much happens
QUICK = ("lease check in claim", "outbox row in the commit", "intent before call")


def held(chosen: range) -> None:
    for seed in chosen:
        result = seeds.simulate(seed)
        assert not result.found, "\n".join(report.failure(result))


@pytest.mark.parametrize("first", range(1, 201, 10))
def test_every_promise_is_kept_whatever_goes_wrong(first: int) -> None:
    held(range(first, first + 10))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1001, 3001, 100))
def test_every_promise_is_kept_in_many_more_worlds(first: int) -> None:
    held(range(first, first + 100))


def test_a_seed_tells_the_same_story_every_time() -> None:
    first, second = seeds.traced(LONG), seeds.traced(LONG)
    assert first.trace.tell() == second.trace.tell()
    assert len(first.trace) > 50


def test_what_other_threads_do_meanwhile_changes_no_story() -> None:
    """Those that tests before this one left behind, say, which draw numbers, too."""
    over = threading.Event()

    def draw() -> None:
        while not over.wait(0.0005):
            random.random()

    alone = seeds.traced(LONG)
    other = threading.Thread(target=draw)
    other.start()
    try:
        assert seeds.traced(LONG).trace.tell() == alone.trace.tell()
    finally:
        over.set()
        other.join()


@pytest.mark.slow
def test_a_seed_tells_the_same_story_in_every_process() -> None:
    command = [sys.executable, "-m", "scripts.simulation", "--seeds", "2", "--from", "5", "--trace", "--workers", "1"]
    told = []
    for number in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": number, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
        told.append([line for line in done.stdout.splitlines() if " of ours" not in line])
    assert told[0] == told[1]


@pytest.mark.parametrize("guard", [guard for guard in GUARDS if guard.name in QUICK], ids=lambda guard: guard.name)
def test_the_removal_of_a_guard_is_noticed_at_once(guard: Guard) -> None:
    assert seeds.first_broken(guard, range(1, 41)) is not None


def test_a_guard_is_back_afterwards_also_where_it_was_named_only_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by a module that the first world loads, and all later ones use."""
    [guard] = [one for one in GUARDS if one.name == "sweep relays old rows"]
    intact, late = sweep.sweep, types.ModuleType("scripts.late")
    monkeypatch.setitem(sys.modules, late.__name__, late)
    with removed(guard):
        late.sweep = sweep.sweep  # type: ignore[attr-defined]
        assert late.sweep is not intact
    assert sweep.sweep is late.sweep is intact


@pytest.mark.slow
@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_the_removal_of_every_guard_is_noticed(guard: Guard) -> None:
    assert seeds.first_broken(guard, seeds.sharpest_first(range(1, 2001))) is not None


def test_every_seed_is_tried_once_the_sharp_ones_early() -> None:
    order = seeds.sharpest_first(range(1, 2001))
    assert sorted(order) == list(range(1, 2001))
    assert set(seeds.SHARP) <= set(order[: seeds.PLAIN + len(seeds.SHARP)])
    assert seeds.sharpest_first(range(7, 10)) == [7, 8, 9]

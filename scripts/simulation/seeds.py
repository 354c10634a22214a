"""Seeds, one after another or on every core."""

import multiprocessing
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from common.engine.invariants import Violation
from scripts.simulation.guards import Guard, removed
from scripts.simulation.world import Result, World

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
# Worlds that noticed a removal which few others do, and the number of worlds that are tried before them.
SHARP = (45, 52, 64, 78, 100, 124, 170, 198, 220, 280, 343, 544, 548, 1076, 1669)
PLAIN = 40
G = TypeVar("G")
R = TypeVar("R")


def simulate(seed: int) -> Result:
    """One seed, in a folder of its own that is gone afterwards; the trace is kept only of one that failed."""
    result = traced(seed)
    if not result.found:
        result.trace.clear()
    return result


def traced(seed: int) -> Result:
    """One seed with its trace."""
    folder = Path(tempfile.mkdtemp(prefix="aiprod-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        return World(seed, folder).run()
    finally:
        shutil.rmtree(folder)


def first_broken(guard: Guard, seeds: Iterable[int]) -> tuple[int, Violation] | None:
    """The first seed that notices that a guard is gone, and by what; None when none of them does."""
    with removed(guard):
        for seed in seeds:
            result = simulate(seed)
            if result.found:
                return seed, result.found[0]
    return None


def sharpest_first(seeds: range) -> list[int]:
    """The same seeds in the order in which a removal is found soonest: some of each kind, the sharp ones, the rest."""
    begin = dict.fromkeys([*seeds[:PLAIN], *(seed for seed in SHARP if seed in seeds[PLAIN:])])
    return [*begin, *(seed for seed in seeds if seed not in begin)]


def spread(work: Callable[[G], R], over: Sequence[G], workers: int, *, at_once: int = 1) -> Iterator[R]:
    """The results of some work over many things, in order, on several cores."""
    if workers == 1 or len(over) == 1:
        yield from map(work, over)
        return
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        yield from pool.imap(work, over, chunksize=at_once)

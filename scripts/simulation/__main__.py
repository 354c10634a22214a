"""The command line of the simulation."""

import argparse
import gc
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from scripts.simulation import report
from scripts.simulation.world import Result, World

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


def simulate(seed: int) -> Result:
    """One seed, in a folder of its own that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="aiprod-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        result = World(seed, folder).run()
        if not result.found:
            result.trace.clear()
        return result
    finally:
        shutil.rmtree(folder)


def main() -> int:
    """Run seeds; 1 when one of them breaks a promise."""
    options = _options()
    seeds = range(options.start, options.start + options.seeds)
    tally = report.Tally()
    begun = time.monotonic()
    if options.trace:
        for seed in seeds:
            world = World(seed, Path(tempfile.mkdtemp(dir=MEMORY)))
            result = world.run()
            print("\n".join(result.trace.tell()))
    for result in _results(seeds, options.workers):
        tally.add(result)
        if result.found:
            print("\n".join(report.failure(result)))
            return 1
        if sys.stdout.isatty() and tally.seeds % 20 == 0:
            print(f"\r{tally.seeds} of {len(seeds)} seeds", end="", flush=True)
    print("\n".join(tally.tell(time.monotonic() - begun)))
    print("Every promise held.")
    return 0


def _results(seeds: range, workers: int) -> Iterator[Result]:
    if workers == 1 or len(seeds) == 1:
        yield from map(simulate, seeds)
        return
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        yield from pool.imap(simulate, seeds, chunksize=10)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulate", description="Run the engine in simulated worlds full of faults.")
    parser.add_argument("--seeds", type=int, default=200, metavar="N", help="how many worlds; default: 200")
    parser.add_argument("--from", type=int, default=1, dest="start", metavar="S", help="the first seed; default: 1")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes; default: one per core")
    parser.add_argument("--trace", action="store_true", help="print everything that happens")
    return parser.parse_args()


if __name__ == "__main__":
    gc.freeze()
    sys.exit(main())

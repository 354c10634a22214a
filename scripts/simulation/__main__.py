"""The command line of the simulation."""

import argparse
import functools
import gc
import os
import sys
import time

from scripts.simulation import report, seeds
from scripts.simulation.guards import GUARDS
from scripts.simulation.report import Tally


def main() -> int:
    """Run seeds, or remove guards; 1 when a promise was broken, or a removal was not noticed."""
    options = _options()
    chosen = range(options.start, options.start + options.seeds)
    if options.remove_guards:
        return _remove_guards(chosen, options.workers, options.only)
    return _simulate(chosen, options.workers, trace=options.trace)


def _simulate(chosen: range, workers: int, *, trace: bool) -> int:
    tally, begun = Tally(), time.monotonic()
    for result in seeds.spread(seeds.traced if trace else seeds.simulate, chosen, workers, at_once=8):
        tally.add(result)
        if trace:
            print("\n".join(result.trace.tell()))
        if result.found:
            print("\n".join(report.failure(result)))
            return 1
        if sys.stdout.isatty() and not trace:
            print(f"\r{tally.seeds} of {len(chosen)} seeds", end="", flush=True)
    print("\r" * sys.stdout.isatty() + "\n".join(tally.tell(time.monotonic() - begun)))
    return 0


def _remove_guards(chosen: range, workers: int, only: str) -> int:
    guards = [guard for guard in GUARDS if only in guard.name]
    detect = functools.partial(seeds.first_broken, seeds=seeds.sharpest_first(chosen))
    detected = 0
    print(report.GUARDS_HEAD)
    for guard, found in zip(guards, seeds.spread(detect, guards, workers), strict=True):
        detected += found is not None
        print(report.guard(guard, found, len(chosen)), flush=True)
    print(f"{detected} of {len(guards)} removals detected")
    return 0 if detected == len(guards) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulate", description="Run the engine in simulated worlds full of faults.")
    parser.add_argument("--seeds", type=int, metavar="N", help="how many worlds; default: 200, or 2000 for a guard")
    parser.add_argument("--from", type=int, default=1, dest="start", metavar="S", help="the first seed; default: 1")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes; default: one per core")
    parser.add_argument("--trace", action="store_true", help="print everything that happens")
    parser.add_argument("--remove-guards", action="store_true", help="remove the engine's guards, one after another")
    parser.add_argument("--only", default="", metavar="TEXT", help="only guards with this in their name")
    options = parser.parse_args()
    if options.seeds is None:
        options.seeds = 2000 if options.remove_guards else 200
    for name in ("seeds", "workers"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} is {getattr(options, name)}; use 1 or more.")
    if not any(options.only in guard.name for guard in GUARDS):
        parser.error(f"no guard has {options.only!r} in its name; there are: {', '.join(one.name for one in GUARDS)}.")
    return options


if __name__ == "__main__":
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # a world makes many small things and keeps them to its end: a fifth of the time
    sys.exit(main())

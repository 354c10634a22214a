"""`scripts/bench memory`: the most memory and temporary disk that a long film and a large one take.

Ten minutes of 1080p are the film of `scripts/bench render` ten times over; half a minute of 2160p is its first half.
Memory is that of the render job, and then of the whole product while it inspects and delivers: the proportional set
size of all processes together. On disk, beside the store, a job's folder holds one after the other the segments in
flight, the sound as WAV (11.5 MB a minute) and encoded, and the joined film with the encoded sound; and where the store
cannot link its files, the segments and the user's pictures once.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from common.engine import production
from scripts.benchmarks.film import makers
from scripts.benchmarks.film.long import lengthen
from scripts.benchmarks.film.makers import MakerFailed, Run
from scripts.benchmarks.film.specification import SECONDS, NotPrepared, environment, prepare
from scripts.benchmarks.render import MEMORY

LIMIT_MB = 2000


@dataclass(frozen=True)
class Taken:
    """What a film took: seconds that it lasts, its MB, and the peaks of its render and of what follows it."""

    name: str
    seconds: float
    film: float
    render: Run
    rest: Run

    @property
    def peak(self) -> float:
        """The most memory, in MB."""
        return max(self.render.peak, self.rest.peak)


def measure(name: str, resolution: str, seconds: int, folder: Path) -> Taken:
    """Make one film; NotPrepared, MakerFailed."""
    given = prepare(folder, resolution, min(seconds, SECONDS))
    plan = lengthen(given, max(1, round(seconds / SECONDS)))
    render = makers.render(given, given.home)
    words = [sys.executable, "-P", "-m", "scripts.benchmarks.film.revised", given.pipeline]
    rest = makers.watched("what follows the render", words, environment(given.home), given.home / "temp")
    task = given.task()
    stored = task.context.objects.stat(production.film_of(task)["video.mp4"])
    return Taken(name, plan.seconds, stored.size / 1e6 if stored else 0.0, render, rest)


def shown(taken: Sequence[Taken]) -> str:
    """The table that a person reads."""
    lines = [f"{'':<22} {'render':>21}   {'inspection, delivery':>21}", f"{'':<22} " + "   ".join([_HEAD] * 2)]
    for one in taken:
        runs = "   ".join(f"{run.peak:7.0f} {run.disk:7.1f} {run.wall:5.0f}" for run in (one.render, one.rest))
        lines.append(f"{one.name:<22} {runs}")
    lines += [f"{one.name}: {one.seconds:.1f} s, {one.film:.1f} MB, {one.peak:.0f} MB of memory" for one in taken]
    return "\n".join(lines)


_HEAD = f"{'mem MB':>7} {'disk MB':>7} {'s':>5}"


def main(words: Sequence[str]) -> int:
    """Measure and print; 1 when a film takes more than its two gigabytes."""
    parser = argparse.ArgumentParser(prog="bench memory", description="The peaks of a long film and of a large one.")
    parser.add_argument("--minutes", type=int, default=10, help="of the long film; default: 10")
    parser.add_argument("--only", choices=("long", "large"), help="one of the two")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(words)
    if options.minutes < 1:
        parser.error("--minutes must be at least 1")
    films = {
        "long": (f"{options.minutes} min of 1080p", "1080p", options.minutes * 60),
        "large": ("30 s of 2160p", "2160p", 30),
    }
    taken = []
    try:
        for kind, (name, resolution, seconds) in films.items():
            if options.only in (None, kind):
                print(f"making {name} ...", file=sys.stderr, flush=True)
                with tempfile.TemporaryDirectory(prefix="bench-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
                    taken.append(measure(name, resolution, seconds, Path(folder)))
    except (NotPrepared, MakerFailed) as failed:
        print(f"bench memory: {failed}", file=sys.stderr)
        return 1
    print(json.dumps([{**asdict(one), "peak": one.peak} for one in taken]) if options.json else shown(taken))
    return int(any(one.peak > LIMIT_MB for one in taken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

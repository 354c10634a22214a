"""`scripts/bench start`: from the start of one function's process to its first 200, next to one that does nothing.

Both are served by functions-framework's own command, in turn, several times; medians are printed. Then what was
imported on the way to the first answer, by the time that each package took by itself.
"""

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from common.domain.settings import Settings
from scripts.benchmarks import servers
from scripts.benchmarks.servers import Ask, ServerFailed

MOST = 1.5  # seconds, on a machine that does nothing else
NOTHING = "def nothing(request):\n    return {'status': 'ok'}\n"
PACKAGES = 12  # of the profile that are printed
_TRIES = 0.005  # seconds between two
# Of a line: microseconds by itself, microseconds with what it imported, the module.
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")
_ONCE = """
import functions_framework
app = functions_framework.create_app({target!r}, {source!r}, "http")
print(app.test_client().get("/health").status_code)
"""


@dataclass(frozen=True)
class Figures:
    """Medians in seconds, their ratio, and the heaviest packages in milliseconds."""

    function: str
    ours: float
    nothing: float
    ratio: float
    imports: dict[str, float]


def main() -> int:
    """Measure and print; 1 when a start takes longer than it may."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="aiprod-bench-") as folder:
        try:
            found = _measure(Path(folder), options.function, options.rounds)
        except ServerFailed as failed:
            print(f"bench: {failed}", file=sys.stderr)
            return 1
    if options.json:
        print(json.dumps(asdict(found)))
        return int(found.ours >= MOST)
    print(f"start of {found.function} to its first answer: {found.ours:.2f} s (under {MOST} s)")
    print(f"a function that does nothing: {found.nothing:.2f} s, ratio {found.ratio:.1f}")
    print("imports on the way, each package by itself (ms)")
    for package, spent in found.imports.items():
        print(f"  {package:24} {spent:6.1f}")
    return int(found.ours >= MOST)


def _measure(folder: Path, function: str, rounds: int) -> Figures:
    environment = Settings(home=folder / "home").environment()
    (source := folder / "main.py").write_text(NOTHING)
    path = "/health" if function == "health" else "/presets"
    taken: dict[str, list[float]] = {function: [], "nothing": []}
    for _ in range(rounds):
        for name, main_file, asked in ((function, servers.MAIN, path), ("nothing", source, "/")):
            began = time.perf_counter()
            with servers.function(name, environment, main_file) as server:
                _first(server, asked)
                taken[name].append(time.perf_counter() - began)
    ours, nothing = statistics.median(taken[function]), statistics.median(taken["nothing"])
    return Figures(function, ours, nothing, ours / nothing, dict(_imports(function, environment)))


def _first(server: servers.Server, path: str) -> None:
    until = time.monotonic() + servers.PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            server.send([Ask("GET", path, {})], 200)
            return
        time.sleep(_TRIES)
    raise ServerFailed(f"{server.name} did not answer GET {path}; start it by hand to see why.")


def _imports(function: str, environment: dict[str, str]) -> Iterator[tuple[str, float]]:
    """The heaviest packages by their own modules' time, in milliseconds."""
    code = _ONCE.format(target=function, source=str(servers.MAIN))
    variables = {**os.environ, **environment, "PYTHONPATH": str(servers.ROOT)}
    command = [sys.executable, "-X", "importtime", "-c", code]
    done = subprocess.run(command, env=variables, cwd=servers.ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerFailed(f"{function} cannot be imported: {done.stderr.strip().splitlines()[-1]}")
    spent: Counter[str] = Counter()
    for micros, module in _IMPORT.findall(done.stderr):
        spent[module.partition(".")[0]] += int(micros)
    for package, micros in spent.most_common(PACKAGES):
        yield package, micros / 1000


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench start", description=__doc__)
    parser.add_argument("--function", default="health", choices=["health", "presets"], help="default: health")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="of which medians are taken; default: 5")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

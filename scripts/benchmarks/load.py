"""`scripts/bench load`: many users at once on one server of this machine, by Locust, beside one user alone.

The server is `aiprod serve` over an embedded store; the users are Locust's, on the same cores, so a machine of its own
does better. Each has a token, an address and pipelines of their own, and waits about a second between two requests.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from common import runtime
from common.domain.request import PipelineRequest
from common.domain.settings import Settings
from common.engine import control
from common.identity import access, families
from functions.catalogue import CATALOGUE
from scripts.benchmarks import servers
from scripts.benchmarks.servers import Server, ServerFailed

SCRIPT = servers.ROOT / "tests" / "load" / "locustfile.py"
USERS = (1, 100, 500, 1000)


@dataclass(frozen=True)
class Figures:
    """One number of users: requests a second, failures, milliseconds, and what the server took."""

    users: int
    per_second: float
    requests: int
    failures: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu: float  # cores
    megabytes: float


def main() -> int:
    """Measure and print; 1 when a request failed."""
    options = _options()
    found = []
    with tempfile.TemporaryDirectory(prefix="aiprod-bench-") as name:
        folder = Path(name)
        settings = Settings(home=folder / "home", trusted_proxies=1)
        callers = folder / "callers"
        callers.write_text("\n".join(_callers(settings, max(options.users))))
        try:
            with servers.serve(settings.environment()) as server:
                for users in options.users:
                    found.append(_run(server, folder, callers, users, options.seconds))
                    if not options.json:
                        _print(found[-1])
        except ServerFailed as failed:
            print(f"bench: {failed}", file=sys.stderr)
            return 1
    if options.json:
        print(json.dumps([asdict(one) for one in found]))
    return int(any(one.failures for one in found))


def _callers(settings: Settings, users: int) -> list[str]:
    context = runtime.build(CATALOGUE, settings)
    found = []
    for number in range(users):
        user, now = f"user-{number}", context.clock.now()
        family, _ = families.begin(context, user, "user", "tokens")
        token = access.issue(context, user, "user", family.id, now=now)
        made = control.submit(context, PipelineRequest(content="How lighthouses guided ships"), user)
        control.cancel(context, made.id, by=user)
        found.append(f"{token} 10.{number // 65536}.{number // 256 % 256}.{number % 256} {made.id}")
    return found


def _run(server: Server, folder: Path, callers: Path, users: int, seconds: int) -> Figures:
    prefix = folder / f"users-{users}"
    words = ["-m", "locust", "-f", str(SCRIPT), "--headless", "--host", f"http://127.0.0.1:{server.port}"]
    words += [
        "-u",
        str(users),
        "-r",
        str(max(1, users // 5)),
        "-t",
        f"{seconds}s",
        "--csv",
        str(prefix),
        "--only-summary",
    ]
    before = server.seconds()
    done = subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "LOAD_CALLERS": str(callers)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    taken = server.seconds() - before
    table = Path(f"{prefix}_stats.csv")
    if not table.exists():
        raise ServerFailed(f"Locust did not run: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
    total = next(row for row in csv.DictReader(table.open(encoding="utf-8")) if row["Name"] == "Aggregated")
    return Figures(
        users=users,
        per_second=float(total["Requests/s"]),
        requests=int(total["Request Count"]),
        failures=int(total["Failure Count"]),
        p50_ms=float(total["50%"]),
        p95_ms=float(total["95%"]),
        p99_ms=float(total["99%"]),
        cpu=taken / seconds,
        megabytes=server.bytes() / 1e6,
    )


def _print(one: Figures) -> None:
    print(
        f"{one.users:5} users  {one.per_second:6.1f} requests/s  {one.failures} of {one.requests} failed  "
        f"p50 {one.p50_ms:.0f} p95 {one.p95_ms:.0f} p99 {one.p99_ms:.0f} ms  "
        f"{one.cpu:.2f} cores  {one.megabytes:.0f} MB",
        flush=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench load", description=__doc__)
    parser.add_argument("--users", type=int, nargs="+", default=USERS, metavar="N", help="default: 1 100 500 1000")
    parser.add_argument("--seconds", type=int, default=30, metavar="S", help="for each; default: 30")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    found = parser.parse_args()
    if min(found.users) < 1:
        parser.error("--users takes numbers from 1.")
    return found


if __name__ == "__main__":
    sys.exit(main())

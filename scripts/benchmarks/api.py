"""`scripts/bench api`: processor time of a request with every protection on, next to bare FastAPI.

Each function runs in a process of its own under functions-framework's server, as on Cloud Run, over an embedded store.
Callers prove themselves by access tokens, and there are so many of them, at so many addresses, that no quota ends the
run. FastAPI answers the same JSON from memory, without identity, limits, headers, logs or a store. Both serve one
connection in turn, several times; medians are printed. `--soak N` shows the memory of one process over N requests.
"""

import argparse
import contextlib
import itertools
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from common import runtime
from common.domain.settings import Settings
from common.identity import access, families
from functions.catalogue import CATALOGUE
from scripts.benchmarks import servers
from scripts.benchmarks.servers import ANSWERS, Ask, Server, ServerFailed

BODY = json.dumps({"content": "How lighthouses guided ships for two thousand years"}).encode()
READS, RUNS = 2.5, 8.0  # the most that a request may cost, as multiples of the bare one
CALLERS = 400
WARM = 30


@dataclass(frozen=True)
class Figures:
    """One endpoint: medians in milliseconds of processor time per request, and what the ratio may be."""

    endpoint: str
    ours_ms: float
    bare_ms: float
    ratio: float
    most: float


class Clients:
    """Requests of many callers at many addresses, one after the other."""

    def __init__(self, settings: Settings) -> None:
        context = runtime.build(CATALOGUE, settings)
        self._tokens = []
        for number in range(CALLERS):
            user, now = f"caller-{number}", context.clock.now()
            family, _ = families.begin(context, user, "admin", "tokens")
            self._tokens.append(access.issue(context, user, "admin", family.id, now=now))
        self._turn = itertools.count()

    def ask(self, method: str, path: str, *, known: bool, body: bytes | None = None) -> Ask:
        """The next caller's request."""
        turn = next(self._turn)
        headers = {"X-Forwarded-For": f"10.{turn // 65536 % 256}.{turn // 256 % 256}.{turn % 256}"}
        if known:
            headers["Authorization"] = f"Bearer {self._tokens[turn % CALLERS]}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        return Ask(method, path, headers, body)


@dataclass(frozen=True)
class Case:
    """One endpoint: how it is asked, what it answers, and how dear it may be."""

    function: str
    method: str
    path: str
    status: int
    known: bool
    most: float
    body: bytes | None = None

    def asks(self, clients: Clients, count: int) -> Iterator[Ask]:
        """So many requests."""
        return (clients.ask(self.method, self.path, known=self.known, body=self.body) for _ in range(count))


def main() -> int:
    """Measure and print; 1 when an endpoint costs more than it may."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="aiprod-bench-") as folder:
        try:
            return _soak(Path(folder), options.soak) if options.soak else _compare(Path(folder), options)
        except ServerFailed as failed:
            print(f"bench: {failed}", file=sys.stderr)
            return 1


def _compare(folder: Path, options: argparse.Namespace) -> int:
    settings, environment = _world(folder)
    clients = Clients(settings)
    run = Case("run_pipeline", "POST", "/pipeline/run", 202, True, RUNS, BODY)
    with contextlib.ExitStack() as running:
        ours = {"run_pipeline": running.enter_context(servers.function("run_pipeline", environment))}
        made = json.loads(ours["run_pipeline"].send(run.asks(clients, 1), 202))
        cases = [
            Case("health", "GET", "/health", 200, False, READS),
            Case("presets", "GET", "/presets", 200, False, READS),
            Case("get_pipeline", "GET", f"/pipeline/{made['id']}", 200, True, READS),
            run,
        ]
        answers = {}
        for case in cases:
            if case.function not in ours:
                ours[case.function] = running.enter_context(servers.function(case.function, environment))
            answers[case.function] = json.loads(ours[case.function].send(case.asks(clients, WARM), case.status))
        (kept := folder / "answers.json").write_text(json.dumps(answers))
        bare = running.enter_context(servers.asgi("FastAPI", "scripts.benchmarks.bare:app", {ANSWERS: str(kept)}))
        found = [_measure(case, ours[case.function], bare, clients, options) for case in cases]
    _print(found, as_json=options.json)
    return int(any(one.ratio > one.most for one in found))


def _measure(case: Case, ours: Server, bare: Server, clients: Clients, options: argparse.Namespace) -> Figures:
    bare.send(case.asks(clients, WARM), case.status)
    taken: dict[str, list[float]] = {ours.name: [], bare.name: []}
    for _ in range(options.rounds):
        for server in (ours, bare):
            before = server.seconds()
            server.send(case.asks(clients, options.requests), case.status)
            taken[server.name].append((server.seconds() - before) / options.requests * 1000)
    least = servers.TICK / options.requests * 1000  # of what can be told
    mine, theirs = (max(least, statistics.median(taken[server.name])) for server in (ours, bare))
    return Figures(f"{case.method} {case.path.split('/')[1]}", mine, theirs, mine / theirs, case.most)


def _soak(folder: Path, count: int) -> int:
    """Memory of the process behind GET /pipeline/{id} while it answers so many requests."""
    settings, environment = _world(folder)
    clients = Clients(settings)
    with servers.function("run_pipeline", environment) as server:
        made = json.loads(server.send([clients.ask("POST", "/pipeline/run", known=True, body=BODY)], 202))
    case = Case("get_pipeline", "GET", f"/pipeline/{made['id']}", 200, True, READS)
    with servers.function("get_pipeline", environment) as server:
        for done in range(0, count + 1, count // 5 or 1):
            print(f"after {done:6} requests  {server.bytes() / 1e6:6.1f} MB", flush=True)
            server.send(case.asks(clients, count // 5 if done < count else 0), 200)
    return 0


def _world(folder: Path) -> tuple[Settings, dict[str, str]]:
    settings = Settings(home=folder / "home", trusted_proxies=1)
    return settings, settings.environment()


def _print(found: list[Figures], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(one) for one in found]))
        return
    print("processor time of one request, ours beside bare FastAPI (ms)")
    for one in found:
        print(
            f"  {one.endpoint:16} {one.ours_ms:6.2f} beside {one.bare_ms:5.2f}   "
            f"ratio {one.ratio:4.1f} (at most {one.most:g})"
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench api", description=__doc__)
    parser.add_argument("--requests", type=int, default=400, metavar="N", help="per endpoint and round; default: 400")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="of which medians are taken; default: 5")
    parser.add_argument("--soak", type=int, default=0, metavar="N", help="show memory over N requests instead")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

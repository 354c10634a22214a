"""`scripts/chaos`: servers and jobs die at random under real pipelines; then every promise is checked."""

import argparse
import json
import math
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path

from common import runtime
from common.domain.settings import Settings
from common.platform.documents import Documents
from common.platform.embedded.documents import SqliteDocuments
from functions.catalogue import CATALOGUE
from scripts.chaos_monkey import auditor, servers
from scripts.chaos_monkey.clients import Clients
from scripts.chaos_monkey.gemini import KEY, CallBook
from scripts.chaos_monkey.monkey import Monkey
from scripts.chaos_monkey.orders import orders
from scripts.chaos_monkey.servers import Server

SERVERS = 2
TURN = 0.05  # seconds
SHOWN = 10.0
REST_SECONDS = 90.0  # until nothing is left to do, once nobody is killed any more
PATIENCE = 120.0  # that a run may take in any case ...
PER_PIPELINE = 15.0  # ... and for each of its pipelines


@dataclass
class Report:
    """What a run did and found; any violation fails it."""

    seed: int
    pipelines: int
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    worn_out: int = 0
    requests: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    server_starts: int = 0
    hits: int = 0
    recovery_p50: float = 0.0
    recovery_p99: float = 0.0
    recovery_max: float = 0.0
    paid_calls: int = 0
    paid_charges: int = 0
    charged_unanswered: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated_effects: list[str] = field(default_factory=list)
    double_charges: list[str] = field(default_factory=list)
    other_violations: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.duplicated_effects or self.double_charges or self.other_violations)

    def lines(self) -> list[str]:
        """The report for a person."""
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kills.items())) or "none"
        violations = [*self.lost, *self.duplicated_effects, *self.double_charges, *self.other_violations]
        return [
            f"chaos, seed {self.seed}: {self.pipelines} pipelines in {self.seconds:.0f} s, {self.requests} requests",
            f"  ended        {self.completed} completed, {self.cancelled} cancelled, {self.failed} failed"
            f" ({self.worn_out} because every attempt of a step was killed)",
            f"  killed       {sum(self.kills.values())}: {kinds}; {self.server_starts} server starts",
            f"  recovery     {self.hits} steps interrupted; p50 {self.recovery_p50:.1f} s,"
            f" p99 {self.recovery_p99:.1f} s, most {self.recovery_max:.1f} s",
            f"  money        {self.paid_calls} paid calls, {self.paid_charges} charges,"
            f" {self.charged_unanswered} of them for an answer that was lost",
            f"  lost {len(self.lost)}, duplicated effects {len(self.duplicated_effects)},"
            f" double charges {len(self.double_charges)}, other violations {len(self.other_violations)}",
            *(f"  VIOLATION {text}" for text in violations),
        ]


def run(home: Path, pipelines: int, seed: int, every: float, at_once: int) -> Report:
    """One run in an empty home."""
    began = time.monotonic()
    until = began + PATIENCE + PER_PIPELINE * pipelines
    settings = Settings(home=home)
    runtime.secrets(settings).add("gemini-api-key", KEY)
    report = Report(seed, pipelines)
    with closing(SqliteDocuments(home / "documents.sqlite3")) as documents, CallBook(seed) as book:
        environment = {"AIPROD_GEMINI_URL": book.url}
        hosts = [Server(home, environment, home / f"server-{number}.log") for number in range(SERVERS)]
        try:
            servers.start(hosts)
            clients = _customers(settings, documents, hosts, pipelines, seed, at_once, until)
            monkey = Monkey(hosts, documents, every, seed)
            _attack(monkey, clients, until)
            _rest(hosts, monkey, documents)
            report.other_violations += auditor.unreadable(clients.followed, clients)
            left = [pid for host in hosts if host.pid for pid in servers.family(host.pid)]
        finally:
            for host in hosts:
                host.stop()
        if survivors := servers.outlived(left):
            report.other_violations.append(f"processes outlived their server: {survivors}")
        _count(report, clients, monkey, documents, book)
    report.server_starts = sum(host.starts for host in hosts)
    report.seconds = round(time.monotonic() - began, 1)
    return report


def _customers(
    settings: Settings,
    documents: Documents,
    hosts: Sequence[Server],
    pipelines: int,
    seed: int,
    at_once: int,
    until: float,
) -> Clients:
    identity = runtime.development_identity(settings)
    token = identity.issue("chaos", "user", timedelta(hours=12))
    return Clients(orders(pipelines, seed), hosts, documents, lambda: token, at_once=at_once, until=until)


def _attack(monkey: Monkey, clients: Clients, until: float) -> None:
    """Kill until every order was followed to its end, or nothing more may be waited for."""
    clients.start()
    shown = time.monotonic()
    while clients.busy and time.monotonic() < until + REST_SECONDS:
        monkey.turn(clients.events)
        time.sleep(TURN)
        if time.monotonic() - shown > SHOWN:
            shown = time.monotonic()
            print(
                f"  {clients.done} of {len(clients.followed)} ended, {sum(monkey.kills.values())} kills",
                file=sys.stderr,
            )


def _rest(hosts: Sequence[Server], monkey: Monkey, documents: Documents) -> None:
    """Begin anew with everything, as after a deployment, and wait until nothing is left to do."""
    for host in hosts:
        host.stop()
    servers.start(list(hosts))
    until = time.monotonic() + REST_SECONDS
    while time.monotonic() < until:
        monkey.look()
        open_steps = [row for row in documents.query_group("steps") if row.data["state"] in ("ready", "running")]
        if not open_steps and not documents.count("outbox") and all(hit.recovered is not None for hit in monkey.hits):
            return
        time.sleep(0.2)


def _count(report: Report, clients: Clients, monkey: Monkey, documents: Documents, book: CallBook) -> None:
    """Put what was found into the report."""
    followed = clients.followed
    report.completed, report.failed, report.cancelled = (
        sum(one.ended == status for one in followed) for status in ("completed", "failed", "cancelled")
    )
    report.requests = sum(one.sent for one in followed)
    report.kills = dict(monkey.kills)
    report.hits = len(monkey.hits)
    times = sorted(hit.recovered for hit in monkey.hits if hit.recovered is not None)
    if times:
        report.recovery_p50, report.recovery_p99, report.recovery_max = (
            round(times[math.ceil(share * len(times)) - 1], 2) for share in (0.5, 0.99, 1.0)
        )
    report.lost = auditor.lost(followed, documents)
    report.lost += [
        f"step {hit.step.key} of pipeline {hit.step.pipeline_id} never went on"
        for hit in monkey.hits
        if hit.recovered is None
    ]
    report.duplicated_effects = auditor.doubled(followed, documents)
    report.double_charges = auditor.overcharged(documents, book.calls)
    report.worn_out, otherwise = auditor.unexpected(documents, CATALOGUE)
    report.other_violations += [*otherwise, *auditor.broken(documents, CATALOGUE)]
    rows = list(auditor.charged(documents, book.calls))
    report.paid_calls = sum(made for _, made, _, _ in rows)
    report.charged_unanswered = sum(unanswered for _, _, _, unanswered in rows)
    report.paid_charges = sum(answered for _, _, answered, _ in rows) + report.charged_unanswered


def main(words: Sequence[str]) -> int:
    """Run and print; 0 when every promise was kept."""
    parser = argparse.ArgumentParser(
        prog="chaos", description="Kill servers and jobs under real pipelines, then audit."
    )
    parser.add_argument("--pipelines", type=int, default=20)
    parser.add_argument("--seed", type=int, help="default: another one each time; it is printed")
    parser.add_argument("--every", type=float, default=10, metavar="EVENTS", help="between two kills, on average")
    parser.add_argument("--at-once", type=int, default=6, help="pipelines under way at a time")
    parser.add_argument(
        "--home", type=Path, help="empty folder for state and logs, which are kept; default: a temporary one"
    )
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(words)
    if min(asked.pipelines, asked.at_once) < 1 or asked.every <= 0:
        parser.error("every number must be positive")
    if asked.home and asked.home.exists() and any(asked.home.iterdir()):
        parser.error(f"{asked.home} is not empty")
    seed = random.SystemRandom().randrange(1_000_000) if asked.seed is None else asked.seed
    with tempfile.TemporaryDirectory() as folder:
        report = run(asked.home or Path(folder), asked.pipelines, seed, asked.every, asked.at_once)
    print(json.dumps(asdict(report)) if asked.json else "\n".join(report.lines()))
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

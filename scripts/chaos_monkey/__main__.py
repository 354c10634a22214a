"""`scripts/chaos`: servers and jobs die at random under real pipelines; then every promise is checked."""

import argparse
import json
import math
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from functools import partial
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
from scripts.chaos_monkey.report import Report
from scripts.chaos_monkey.servers import Server

SERVERS = 2
TURN = 0.05  # seconds
SHOWN = 10.0
REST_SECONDS = 90.0  # until nothing is left to do, once nobody is killed any more
PATIENCE = 120.0  # that a run may take in any case ...
PER_PIPELINE = 15.0  # ... and for each of its pipelines


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
            identity = runtime.development_identity(settings)
            token_of = partial(identity.issue, role="user", ttl=timedelta(hours=12))
            clients = Clients(orders(pipelines, seed), hosts, documents, token_of, at_once=at_once, until=until)
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
        if auditor.idle(documents) and all(hit.recovered is not None for hit in monkey.hits):
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
    parser.add_argument(
        "--every", type=float, default=20, metavar="EVENTS", help="between two kills, on average; default: 20"
    )
    parser.add_argument("--at-once", type=int, default=6, help="pipelines under way at a time")
    parser.add_argument(
        "--home",
        type=Path,
        help="empty folder for state and logs, which are kept; default: a temporary one, kept after a violation",
    )
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(words)
    if min(asked.pipelines, asked.at_once) < 1 or asked.every <= 0:
        parser.error("every number must be positive")
    if asked.home and asked.home.exists() and any(asked.home.iterdir()):
        parser.error(f"{asked.home} is not empty")
    seed = random.SystemRandom().randrange(1_000_000) if asked.seed is None else asked.seed
    home = asked.home or Path(tempfile.mkdtemp(prefix="chaos-"))
    report = run(home, asked.pipelines, seed, asked.every, asked.at_once)
    if report.good and not asked.home:
        shutil.rmtree(home, ignore_errors=True)
    elif not report.good:
        print(f"State and logs of the run are kept in {home}.", file=sys.stderr)
    print(json.dumps(asdict(report)) if asked.json else "\n".join(report.lines()))
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The cost table of terraform/README.md is what its assumptions and the list prices come to."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from functions.catalogue import CATALOGUE

ROOT = Path(__file__).parents[2]
PRICES: dict[str, float] = yaml.safe_load((ROOT / "terraform/modules/observability/prices.yaml").read_text())
ALERTS: dict[str, object] = yaml.safe_load((ROOT / "terraform/modules/observability/alerts.yaml").read_text())
README = (ROOT / "terraform" / "README.md").read_text()

HOURS = 730
SECONDS = HOURS * 3600
GIB = 1024**3


class Scenario(NamedTuple):
    """An environment and what it makes in a month."""

    videos: int
    regions: int
    warm: bool
    redis_gib: int
    redis_price: str
    gpu: bool
    releases: int


SCENARIOS = {
    "dev": Scenario(50, 1, False, 1, "redis_basic_gib_hour", False, 20),
    "1 000 videos": Scenario(1_000, 2, True, 5, "redis_standard_gib_hour", True, 20),
    "100 000 videos": Scenario(100_000, 2, True, 5, "redis_standard_gib_hour", True, 20),
}

# A video of 30 s in 720p with six scenes, by free engines; README, "What it costs", has the same words.
ASSUMED = {
    "requests of clients": 25,
    "seconds of a request": 0.15,
    "deliveries to steps": 22,
    "seconds of a delivery": 4.0,
    "seconds of a render on processors": 60,
    "seconds of a render on a GPU": 45,
    "documents read": 450,
    "documents written": 350,
    "documents deleted": 200,
    "objects written": 60,
    "MB of objects": 50,
    "MB of documents": 0.2,
    "MB sent at the edge": 0.5,
    "MB of video downloaded": 20,
    "kB of messages": 80,
    "tasks": 20,
    "MB of logs": 0.3,
}


def rows(of: Scenario) -> Iterator[tuple[str, float]]:
    """What each part costs in a month, in US dollars."""
    p, a, n = PRICES, ASSUMED, of.videos
    warm = sum(entry.min for entry in CATALOGUE.values()) * of.regions if of.warm else 0
    rules = 12
    conditions = len(CATALOGUE) + len(ALERTS) + 6
    requests = n * (a["requests of clients"] + a["deliveries to steps"])

    yield "load balancer", p["balancer_month"] + n * a["MB sent at the edge"] * 1e6 / GIB * p["balancer_gib"]
    armor = p["armor_policy_month"] + rules * p["armor_rule_month"]
    yield "Cloud Armor", armor + n * a["requests of clients"] * p["armor_request"]
    yield "Redis", of.regions * of.redis_gib * HOURS * p[of.redis_price]
    yield "warm instances", warm * SECONDS * (2 * p["run_idle_cpu_second"] + 1 * p["run_idle_memory_gib_second"])
    if of.warm:
        sweep = SECONDS * (2 * p["run_always_cpu_second"] + 1 * p["run_always_memory_gib_second"])
    else:
        sweep = HOURS * 60 * (1 * p["run_cpu_second"] + 0.5 * p["run_memory_gib_second"] + p["run_request"])
    yield "sweep", sweep
    seconds = n * a["requests of clients"] * a["seconds of a request"]
    yield "endpoints", seconds * (p["run_cpu_second"] + 0.5 * p["run_memory_gib_second"])
    seconds = n * a["deliveries to steps"] * a["seconds of a delivery"]
    steps = seconds * (p["run_cpu_second"] + p["run_memory_gib_second"])
    yield "steps", steps + requests * p["run_request"]
    if of.gpu:
        second = 8 * p["run_always_cpu_second"] + 32 * p["run_always_memory_gib_second"] + p["run_l4_second"]
        yield "renders", n * a["seconds of a render on a GPU"] * second
    else:
        second = 8 * p["run_always_cpu_second"] + 16 * p["run_always_memory_gib_second"]
        yield "renders", n * a["seconds of a render on processors"] * second
    kept = 12 * n * a["MB of documents"] * 1e6 / GIB
    sweeps = HOURS * 60 * 10 * p["firestore_read"]
    used = n * (
        a["documents read"] * p["firestore_read"]
        + a["documents written"] * p["firestore_write"]
        + a["documents deleted"] * p["firestore_delete"]
    )
    yield "Firestore", used + sweeps + kept * (2 * p["firestore_gib_month"] + p["firestore_backup_gib_month"])
    objects = 3 * n * a["MB of objects"] * 1e6 / GIB * p["storage_gib_month"]
    yield "objects", objects + n * a["objects written"] * p["storage_class_a"]
    yield "downloads", n * a["MB of video downloaded"] * 1e6 / GIB * p["storage_egress_gib"]
    messages = n * a["kB of messages"] * 1000 / 1024**4 * p["pubsub_tib"]
    yield "messages and tasks", messages + n * a["tasks"] * p["tasks_operation"] + 2 * p["scheduler_job_month"]
    yield "logs", max(0.0, n * a["MB of logs"] * 1e6 / GIB - 50) * p["logging_gib"]
    watched = conditions * (p["alert_condition_month"] + HOURS * 60 * p["alert_series"])
    samples = (warm + 1) * 300 * HOURS * 120 if of.warm else 0
    yield "alerts and metrics", watched + samples * p["prometheus_sample"]
    yield "secrets and images", 12 * p["secret_version_month"] + 20 * p["registry_gib_month"]
    yield "releases", of.releases * (45 * p["build_minute"] + 2 * p["build_scan"])


def shown(dollars: float) -> str:
    return f"{dollars:,.2f}" if dollars < 10 else f"{dollars:,.0f}"


def table() -> str:
    """The table as the README has it."""
    columns = [dict(rows(scenario)) for scenario in SCENARIOS.values()]
    lines = [f"| {' | '.join(['US dollars a month', *SCENARIOS])} |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {name} | {' | '.join(shown(column[name]) for column in columns)} |" for name in columns[0]]
    lines.append(f"| **sum** | {' | '.join(f'**{shown(sum(column.values()))}**' for column in columns)} |")
    each = [
        sum(column.values()) / scenario.videos for column, scenario in zip(columns, SCENARIOS.values(), strict=True)
    ]
    lines.append(f"| a video | {' | '.join(f'{one:.3f}' for one in each)} |")
    return "\n".join(lines)


def test_the_table_is_what_prices_and_assumptions_come_to():
    assert table() in README, f"put this into terraform/README.md:\n{table()}"


@pytest.mark.parametrize("name", ASSUMED)
def test_every_assumption_stands_in_the_text(name: str):
    assert re.search(rf"\| {re.escape(name)} \| {ASSUMED[name]:g} \|", README)


def test_every_price_is_used():
    text = Path(__file__).read_text() + (ROOT / "terraform/modules/observability/dashboards/cost.yaml").read_text()
    assert [name for name in PRICES if name not in text] == []

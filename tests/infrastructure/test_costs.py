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


# What Redis costs by tier and size; others are not used, and would be another price.
REDIS = {("BASIC", 1): "redis_basic_gib_hour", ("STANDARD_HA", 5): "redis_standard_m2_gib_hour"}


class Environment(NamedTuple):
    """What one of terraform/environments says of its size."""

    regions: int
    gpu: bool
    warm: bool
    multi_region: bool
    redis_gib: int
    redis_price: str


def environment(name: str) -> Environment:
    """The size of an environment."""
    text = (ROOT / "terraform" / "environments" / name / "main.tf").read_text()
    gpus = re.findall(r"^ +\S+ += \{ weight = \d+, gpu = (true|false) \}$", text, re.MULTILINE)

    def value(pattern: str) -> str:
        [found] = re.findall(pattern, text)
        return str(found)

    tier, gib = value(r'redis += \{ tier = "(\w+)"'), int(value(r"redis += .*memory_gb = (\d+)"))
    return Environment(
        regions=len(gpus),
        gpu="true" in gpus,
        warm=value(r"warm += (\w+)") == "true",
        multi_region=value(r'firestore_location = "([\w-]+)"') in ("eur3", "nam5"),
        redis_gib=gib,
        redis_price=REDIS[tier, gib],
    )


# The videos of a month, and where they are made.
SCENARIOS = {
    "dev": (50, environment("dev")),
    "1 000 videos": (1_000, environment("production")),
    "100 000 videos": (100_000, environment("production")),
}
# What terraform/modules/data/database.tf keeps: daily backups of so many days, weekly ones of so many weeks.
DATABASE = (ROOT / "terraform/modules/data/database.tf").read_text()
BACKUPS = sum(int(number) for number in re.findall(r"(?:daily|weekly) += (\d+) \* local\.(?:day|week)", DATABASE))

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
    "objects that last": 20,
    "MB of objects": 50,
    "MB of documents": 0.2,
    "MB sent at the edge": 0.5,
    "requests that a cache may answer": 5,
    "MB that a cache sends": 0.3,
    "MB of video downloaded": 20,
    "kB of messages": 80,
    "tasks": 20,
    "MB of logs": 0.3,
}
# Of one environment in a month, whatever it makes.
STANDING = {
    "releases": 20,
    "minutes of a release": 60,
    "GiB of an image": 0.7,
    "images kept": 60,
    "versions of secrets": 12,
    "rules of Cloud Armor": 12,
    "GiB of logs": 3,
}
FREE_LOGS_GIB = 50


def rows(videos: int, of: Environment) -> Iterator[tuple[str, float]]:
    """What each part costs in a month, in US dollars."""
    p, a, m, n = PRICES, ASSUMED, STANDING, videos
    warm = sum(entry.min for entry in CATALOGUE.values()) * of.regions if of.warm else 0
    conditions = len(CATALOGUE) + len(ALERTS) + 6
    requests = n * (a["requests of clients"] + a["deliveries to steps"])
    place = "" if of.multi_region else "regional_"

    def store(name: str) -> float:
        product, _, rest = name.partition("_")
        return p[f"{product}_{place}{rest}"]

    yield "load balancer", p["balancer_month"] + n * a["MB sent at the edge"] * 1e6 / GIB * p["balancer_gib"]
    cached = n * a["MB that a cache sends"] * 1e6 / GIB
    lookups = n * a["requests that a cache may answer"] * p["cdn_lookup"]
    sent = n * a["MB sent at the edge"] * 1e6 / GIB * p["internet_gib"]
    yield "traffic at the edge", sent + cached * (p["cdn_gib"] + p["cdn_fill_gib"]) + lookups
    armor = p["armor_policy_month"] + m["rules of Cloud Armor"] * p["armor_rule_month"]
    yield "Cloud Armor", armor + n * a["requests of clients"] * p["armor_request"]
    yield "Redis", of.regions * of.redis_gib * HOURS * p[of.redis_price]
    yield "warm instances", warm * SECONDS * (2 * p["run_idle_cpu_second"] + 1 * p["run_idle_memory_gib_second"])
    # It never sleeps, in dev neither: alerts read its gauges.
    yield "sweep", SECONDS * (2 * p["run_always_cpu_second"] + 1 * p["run_always_memory_gib_second"])
    seconds = n * a["requests of clients"] * a["seconds of a request"]
    yield "endpoints", seconds * (p["run_cpu_second"] + 0.5 * p["run_memory_gib_second"])
    seconds = n * a["deliveries to steps"] * a["seconds of a delivery"]
    steps = seconds * (p["run_cpu_second"] + p["run_memory_gib_second"])
    yield "steps", steps + requests * p["run_request"]
    second = 8 * p["run_always_cpu_second"] + (32 if of.gpu else 16) * p["run_always_memory_gib_second"]
    second += p["run_l4_second"] if of.gpu else 0
    render = a["seconds of a render on a GPU" if of.gpu else "seconds of a render on processors"]
    yield "renders", n * max(60, render) * second  # a task of a job is billed for a minute at least
    kept = 12 * n * a["MB of documents"] * 1e6 / GIB
    sweeps = HOURS * 60 * 10 * store("firestore_read")
    used = n * (
        a["documents read"] * store("firestore_read")
        + a["documents written"] * store("firestore_write")
        + a["documents deleted"] * store("firestore_delete")
    )
    yield "documents", used + sweeps + kept * 2 * store("firestore_gib_month")
    yield "backups", kept * BACKUPS * p["firestore_backup_gib_month"]
    month = n * a["MB of objects"] * 1e6 / GIB
    objects = month * (3 * store("storage_gib_month") + 9 * store("storage_nearline_gib_month"))
    objects += n * a["objects written"] * store("storage_class_a")
    objects += n * a["objects that last"] * store("storage_nearline_class_a")
    yield "objects", objects + (month * p["storage_replication_gib"] if of.multi_region else 0)
    yield "downloads", n * a["MB of video downloaded"] * 1e6 / GIB * p["storage_egress_gib"]
    messages = n * a["kB of messages"] * 1000 / 1024**4 * p["pubsub_tib"]
    yield "messages and tasks", messages + n * a["tasks"] * p["tasks_operation"] + 2 * p["scheduler_job_month"]
    logs = m["GiB of logs"] + n * a["MB of logs"] * 1e6 / GIB
    yield "logs", max(0.0, logs - FREE_LOGS_GIB) * p["logging_gib"]
    watched = conditions * (p["alert_condition_month"] + HOURS * 60 * p["alert_series"])
    samples = (warm + 1) * 300 * HOURS * 120
    yield "alerts and metrics", watched + samples * p["prometheus_sample"]
    images = m["images kept"] * m["GiB of an image"] * p["registry_gib_month"]
    yield "secrets and images", m["versions of secrets"] * p["secret_version_month"] + images
    yield "releases", m["releases"] * (m["minutes of a release"] * p["build_minute"] + 2 * p["build_scan"])


def shown(dollars: float) -> str:
    return f"{dollars:,.2f}" if dollars < 10 else f"{dollars:,.0f}"


def table() -> str:
    """The table as the README has it."""
    columns = [dict(rows(*scenario)) for scenario in SCENARIOS.values()]
    lines = [f"| {' | '.join(['US dollars a month', *SCENARIOS])} |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {name} | {' | '.join(shown(column[name]) for column in columns)} |" for name in columns[0]]
    lines.append(f"| **sum** | {' | '.join(f'**{shown(sum(column.values()))}**' for column in columns)} |")
    each = [sum(column.values()) / videos for column, (videos, _) in zip(columns, SCENARIOS.values(), strict=True)]
    lines.append(f"| a video | {' | '.join(f'{one:.3f}' for one in each)} |")
    return "\n".join(lines)


def test_the_table_is_what_prices_and_assumptions_come_to():
    assert table() in README, f"put this into terraform/README.md:\n{table()}"


@pytest.mark.parametrize("name", [*ASSUMED, *STANDING])
def test_every_assumption_stands_in_the_text(name: str):
    assert re.search(rf"\| {re.escape(name)} \| {(ASSUMED | STANDING)[name]:g} \|", README)


def test_every_backup_that_is_kept_is_paid_for():
    assert BACKUPS == 33 + 14
    for scenario in SCENARIOS.values():
        videos, _ = scenario
        kept = 12 * videos * ASSUMED["MB of documents"] * 1e6 / GIB
        assert dict(rows(*scenario))["backups"] == pytest.approx(47 * kept * PRICES["firestore_backup_gib_month"])


def test_a_single_region_and_a_multi_region_have_prices_of_their_own():
    multi = SCENARIOS["1 000 videos"][1]
    here, spread = dict(rows(1_000, multi._replace(multi_region=False))), dict(rows(1_000, multi))
    assert not SCENARIOS["dev"][1].multi_region
    assert here["documents"] < spread["documents"]
    assert here["objects"] < spread["objects"]


@pytest.mark.parametrize(("name", "videos"), [("dev", 50), ("staging", 50), ("production", 1_000)])
def test_a_budget_is_above_what_the_environment_costs(name: str, videos: int):
    text = (ROOT / "terraform" / "environments" / name / "main.tf").read_text()
    [budget] = re.findall(r"budget_usd += (\d+)", text)
    assert sum(dict(rows(videos, environment(name))).values()) < int(budget)


def test_a_task_of_a_job_is_billed_for_a_minute_at_least(monkeypatch):
    before = dict(rows(*SCENARIOS["dev"]))["renders"]
    monkeypatch.setitem(ASSUMED, "seconds of a render on processors", 5)
    assert dict(rows(*SCENARIOS["dev"]))["renders"] == before


def test_every_price_is_used():
    text = Path(__file__).read_text() + (ROOT / "terraform/modules/observability/dashboards/cost.yaml").read_text()
    assert [name for name in PRICES if name.replace("_regional_", "_") not in text] == []

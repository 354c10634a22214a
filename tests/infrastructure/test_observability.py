"""What is watched is written: every query asks for series that the code, or Google Cloud, emits with those labels."""

import ast
import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from common.domain.pipeline import Pipeline
from common.engine.attention import ANSWERS
from common.observability import audit, metrics
from common.runtime import gcp
from functions.api import health, presets
from functions.catalogue import CATALOGUE

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "terraform" / "modules" / "observability"

SERVICE = {"location", "service_name", "revision_name"}
DATABASE = {"database_id", "location"}
# What Google Cloud itself measures, with labels that we ask for. Written by hand from its lists, of metrics
# (https://cloud.google.com/monitoring/api/metrics_gcp) and of resources (https://cloud.google.com/monitoring/api/resources),
# for no package has them; PromQL knows a.googleapis.com/b/c as a_googleapis_com:b_c.
GOOGLE = {
    "cloudtasks_googleapis_com:queue_depth": {"queue_id"},
    "cloudtasks_googleapis_com:queue_task_attempt_count": {"queue_id", "response_code"},
    "cloudtasks_googleapis_com:queue_task_attempt_delays_bucket": {"queue_id", "le"},
    "firestore_googleapis_com:api_request_count": {"api_method", *DATABASE},
    "firestore_googleapis_com:document_delete_ops_count": DATABASE,
    "firestore_googleapis_com:document_read_ops_count": DATABASE,
    "firestore_googleapis_com:document_write_ops_count": DATABASE,
    "loadbalancing_googleapis_com:https_request_count": {"response_code_class", "cache_result"},
    "loadbalancing_googleapis_com:https_response_bytes_count": {"response_code_class", "cache_result"},
    "loadbalancing_googleapis_com:https_total_latencies_bucket": {"response_code_class", "cache_result", "le"},
    "monitoring_googleapis_com:uptime_check_check_passed": {"check_id", "host"},
    "monitoring_googleapis_com:uptime_check_time_until_ssl_cert_expires": {"check_id", "host"},
    "networksecurity_googleapis_com:https_request_count": {"blocked", "policy_name"},
    "pubsub_googleapis_com:subscription_dead_letter_message_count": {"subscription_id"},
    "pubsub_googleapis_com:subscription_num_undelivered_messages": {"subscription_id"},
    "pubsub_googleapis_com:subscription_oldest_unacked_message_age": {"subscription_id"},
    "pubsub_googleapis_com:subscription_push_request_count": {"subscription_id", "response_class"},
    "pubsub_googleapis_com:topic_send_request_count": {"topic_id"},
    "run_googleapis_com:container_cpu_allocation_time": SERVICE,
    "run_googleapis_com:container_cpu_utilizations_bucket": SERVICE | {"le"},
    "run_googleapis_com:container_instance_count": SERVICE | {"state"},
    "run_googleapis_com:container_memory_allocation_time": SERVICE,
    "run_googleapis_com:container_memory_utilizations_bucket": SERVICE | {"le"},
    "run_googleapis_com:container_startup_latencies_bucket": SERVICE | {"le"},
    "run_googleapis_com:job_completed_task_attempt_count": {"job_name", "location", "result"},
    "run_googleapis_com:job_running_executions": {"job_name", "location"},
    "run_googleapis_com:request_count": SERVICE | {"response_code_class"},
    "run_googleapis_com:request_latencies_bucket": SERVICE | {"response_code_class", "le"},
    "storage_googleapis_com:network_sent_bytes_count": {"bucket_name"},
    "storage_googleapis_com:storage_v2_total_bytes": {"bucket_name"},
}
# What each selector of a log-based metric, and each of Google's with several kinds of resource, has beside its labels.
ALWAYS = {"monitored_resource", "location", "service_name", "job_name"}

LOG_METRICS: dict[str, dict[str, Any]] = yaml.safe_load((MODULE / "log_metrics.yaml").read_text())
ALERTS: dict[str, dict[str, Any]] = yaml.safe_load((MODULE / "alerts.yaml").read_text())
DASHBOARDS: dict[str, dict[str, Any]] = {
    path.stem: yaml.safe_load(path.read_text()) for path in sorted((MODULE / "dashboards").glob("*.yaml"))
}


class Line(NamedTuple):
    """A line that the code writes to the log: its level, its text and the fields beside it."""

    level: str
    text: str
    fields: frozenset[str]


@cache
def lines() -> tuple[Line, ...]:
    return tuple(
        line
        for folder in ("common", "functions")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "log." in (source := path.read_text())
        for line in _lines(ast.parse(source))
    )


def _lines(module: ast.Module) -> Iterator[Line]:
    for call in ast.walk(module):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        if not isinstance(call.func.value, ast.Name) or call.func.value.id not in ("log", "_log"):
            continue
        texts = [word.value for word in call.args if isinstance(word, ast.Constant) and isinstance(word.value, str)]
        extra = next((word.value for word in call.keywords if word.arg == "extra"), None)
        if texts:
            yield Line(call.func.attr, texts[0], frozenset(_keys(extra, module) if extra else ()))


def _keys(node: ast.expr, module: ast.Module) -> Iterator[str]:
    """The keys of a dictionary that is written down there, in a variable, or in a function that makes it."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                yield from _keys(value, module)
            elif isinstance(key, ast.Constant):
                yield str(key.value)
    elif isinstance(node, ast.Name):
        for found in ast.walk(module):
            if isinstance(found, ast.Assign) and ast.unparse(found.targets[0]) == node.id:
                yield from _keys(found.value, module)
    elif isinstance(node, ast.Call):
        for found in ast.walk(module):
            if isinstance(found, ast.FunctionDef) and found.name == ast.unparse(node.func):
                yield from (str(text.value) for text in ast.walk(found) if isinstance(text, ast.Constant))


def queries() -> Iterator[tuple[str, str]]:
    """Every query with where it stands."""
    for name, alert in ALERTS.items():
        yield f"alert {name}", alert["query"]
    for name, dashboard in DASHBOARDS.items():
        for panel in dashboard["panels"]:
            for legend, query in panel.get("lines", {}).items():
                yield f"{name}: {panel['title']}: {legend}", query


QUERIES = dict(queries())
_SELECTOR = re.compile(r"(?<![\w:$.\"])([a-z_][\w:]*)(?:\{([^}]*)\})?(?![\w:(\"])")
_GROUPED = re.compile(r"\b(by|without|on|ignoring) \(([^)]*)\)")
_WORDS = {"by", "or", "and", "unless", "offset", "bool", "vector"}


def selectors(query: str) -> Iterator[tuple[str, set[str]]]:
    """Each series that a query asks for, with the labels that its matchers name."""
    bare = _GROUPED.sub("", re.sub(r"\$\{[^}]*\}", "0", query))
    bare = re.sub(r"\s+\(", "(", re.sub(r"\[\w+\](?: offset \w+)?", "", bare))
    for name, matchers in _SELECTOR.findall(bare):
        if name not in _WORDS and not (name == "e" or name.isdigit()):
            yield name, set(re.findall(r"(\w+)(?:=~|!~|!=|=)", re.sub(r"\"[^\"]*\"", "", matchers)))


def emitted() -> dict[str, set[str]]:
    """Every series that something emits, with its labels."""
    found = {name: set(labels) for name, labels in GOOGLE.items()}
    for name, metric in LOG_METRICS.items():
        labels = {*metric.get("labels", {}), *ALWAYS}
        if "value" in metric:
            found |= {f"log:{name}_sum": labels, f"log:{name}_count": labels, f"log:{name}_bucket": labels | {"le"}}
        else:
            found[f"log:{name}"] = labels
    for collector, names in metrics.REGISTRY._collector_to_names.items():
        labels = set(collector._labelnames)  # type: ignore[attr-defined]
        found |= {name: labels | ({"le"} if name.endswith("_bucket") else set()) for name in names}
    return found


@pytest.mark.parametrize("where", QUERIES)
def test_every_query_asks_for_series_that_are_emitted_by_labels_that_they_have(where: str):
    query, known = QUERIES[where], emitted()
    asked = list(selectors(query))
    assert asked, "it asks for nothing"
    for name, labels in asked:
        assert name in known
        assert labels <= known[name] | {"monitored_resource"}
    grouped = {label.strip() for _word, names in _GROUPED.findall(query) for label in names.split(",")}
    shared = set.intersection(*(known[name] for name, _labels in asked))
    assert grouped <= shared
    legend = where.rpartition(": ")[2]
    assert set(re.findall(r"\{\{(\w+)\}\}", legend)) <= grouped
    for opening, closing in ("()", "{}", "[]"):
        assert query.count(opening) == query.count(closing)


@pytest.mark.parametrize("where", QUERIES)
def test_a_log_based_metric_stands_where_terraform_can_write_it_out(where: str):
    query = QUERIES[where]
    short = re.compile(r"(increase|rate)\(log:(\w+)\{([^}]*)\}(\[\w+\](?: offset \w+)?)\)")
    assert len(short.findall(query)) == query.count("log:")
    pattern = re.search(r'_short = "/(.*)/"', (MODULE / "queries.tf").read_text())
    assert pattern
    assert pattern[1].replace("\\\\", "\\") == short.pattern


def ended() -> set[str]:
    """The fields that the line of an ended pipeline has."""
    now = datetime(2026, 11, 22, tzinfo=UTC)
    pipeline = Pipeline(id="p", owner="ann", preset="quick_social", request={}, created_at=now, updated_at=now)
    return set(metrics._ended(pipeline))


@pytest.mark.parametrize("name", LOG_METRICS)
def test_every_log_based_metric_counts_lines_that_the_code_writes(name: str):
    metric = LOG_METRICS[name]
    asked = metric["filter"]
    exact = re.search(r'jsonPayload\.message="([^"]*)"', asked)
    like = re.search(r'jsonPayload\.message=~"([^"]*)"', asked)
    places = re.findall(
        r"jsonPayload\.([a-z_.]+)", " ".join([asked, *metric.get("labels", {}).values(), metric.get("value", "")])
    )
    wanted = {place for place in places if place != "message"}
    found = [
        line
        for line in lines()
        if {place.partition(".")[0] for place in wanted} <= line.fields
        and (not exact or line.text == exact[1])
        # A text that is put together stands for any of its outcomes; a trace may follow every text.
        and (not like or re.search(like[1], line.text.replace("%s", "word", 1).replace("%s", "done")))
        and ("severity>=ERROR" not in asked or line.level in ("error", "exception", "critical"))
    ]
    assert found
    for place in wanted:
        field, _, part = place.partition(".")
        if part:
            assert part in {"audit": set(audit.Event.model_fields), "ended": ended()}[field]


def test_every_message_of_a_delivery_is_told_apart():
    labels = LOG_METRICS["deliveries"]["labels"]
    pattern = re.search(r'"(.*)"\)$', labels["result"])
    assert pattern
    told = pattern[1].replace("\\\\", "\\")
    worker = ast.parse((ROOT / "common" / "engine" / "worker.py").read_text())
    said = {
        text.value
        for function in worker.body
        if isinstance(function, ast.FunctionDef) and function.name in ("deliver", "perform", "_failed")
        for returned in ast.walk(function)
        if isinstance(returned, ast.Return) and not isinstance(returned.value, ast.Call)
        for text in ast.walk(returned)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    }
    assert {"done", "handed to its job"} <= said
    for text in said:
        assert re.search(told, f"analyze: {text}"), text


# As the reference has them: the threshold, the window, and how bad it is.
PROMISED = {
    "pipeline_errors": ("> 0.05", "5m", "CRITICAL"),
    "fast_too_slow": ("> 300", "30m", "CRITICAL"),
    "standard_too_slow": ("> 900", "30m", "CRITICAL"),
    "steps_wait": ("> 100", "", "ERROR"),
    "quality_rejections": ("> 0.2", "1h", "WARNING"),
    "render_failures": ("> 5", "10m", "CRITICAL"),
    "data_reads_slow": ("> 0.05", "10m", "WARNING"),
    "cost_high": ("> 90", "1d", "WARNING"),
    "cost_too_high": ("> 100", "1d", "CRITICAL"),
    "dead_letters": ("> 0", "", "ERROR"),
    "outbox_stuck": ("> 60", "", "CRITICAL"),
}


@pytest.mark.parametrize("name", PROMISED)
def test_the_promised_alerts_are_there(name: str):
    threshold, window, severity = PROMISED[name]
    alert = ALERTS[name]
    assert alert["query"].endswith(threshold)
    assert set(re.findall(r"\[(\w+)\]", alert["query"])) == ({window} if window else set())
    assert alert["severity"] == severity
    assert ALERTS["steps_wait"]["holds"] == "600s"


def test_redis_is_away_when_processes_do_not_find_it_again():
    """A start reaches the network a minute late, and says so twice: lost, and back."""
    alert = ALERTS["cache_away"]
    away, back = re.findall(r"log:(\w+)\{\}\[10m\]", alert["query"])
    assert (away, back) == ("cache_away", "cache_back")
    assert re.search(r"cache_away.*\) - \(.*cache_back.* or vector\(0\)\) > \d+$", alert["query"])
    assert int(alert["holds"].removesuffix("s")) >= 300


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_says_what_to_do(name: str):
    alert = ALERTS[name]
    assert set(alert) <= {"summary", "severity", "query", "holds", "runbook"}
    assert alert["severity"] in ("CRITICAL", "ERROR", "WARNING")
    assert alert["summary"]
    assert alert["runbook"]
    assert int(alert.get("holds", "0s").removesuffix("s")) % 60 == 0
    for place in re.findall(r'terraform/README\.md, "([^"]+)"', alert["runbook"]):
        assert f"# {place}\n" in (ROOT / "terraform" / "README.md").read_text()
    for title in re.findall(r'"AIPROD (\w+)"', alert["runbook"]):
        assert title in [dashboard["title"] for dashboard in DASHBOARDS.values()]


def test_an_answer_to_the_client_is_no_failure_of_ours():
    [codes] = re.findall(r'error!~"([a-z_|]+)"', ALERTS["pipeline_errors"]["query"])
    assert set(codes.split("|")) == ANSWERS


def test_names_in_queries_are_names_of_services_and_jobs():
    text = "".join(QUERIES.values())
    services = {name.replace("_", "-") for name in CATALOGUE}
    for wanted in re.findall(r'service_name="([^"]+)"', text):
        assert wanted in services
    for pattern in re.findall(r'service_name=~"([^"]+)"', text):
        matched = {service for service in services if re.fullmatch(pattern, service)}
        assert matched == {
            name.replace("_", "-") for name, entry in CATALOGUE.items() if entry.step and not entry.step.job
        }
    assert set(re.findall(r'job_name="([^"]+)"', text)) == set(gcp.JOBS.values())
    assert set(re.findall(r'step="([^"]+)"', text)) <= {name for name, entry in CATALOGUE.items() if entry.step}


@pytest.mark.parametrize("name", ["service", "pipeline", "queues", "cost"])
def test_every_dashboard_is_made_of_panels_that_can_be_drawn(name: str):
    dashboard = DASHBOARDS[name]
    assert dashboard["title"] == name
    titles = [panel["title"] for panel in dashboard["panels"]]
    assert len(set(titles)) == len(titles)
    for panel in dashboard["panels"]:
        assert len({"lines", "sql", "text"} & set(panel)) == 1, panel["title"]
        assert set(panel) <= {"title", "lines", "sql", "text", "unit", "kind", "thresholds"}
        assert panel.get("kind", "LINE") in ("LINE", "STACKED_BAR", "STACKED_AREA")
        assert ("unit" in panel) == ("lines" in panel)


def test_the_cost_dashboard_shows_each_view_that_was_asked_for():
    titles = " ".join(panel["title"] for panel in DASHBOARDS["cost"]["panels"]).lower()
    for view in ("in a day", "by function", "trend", "per thousand requests", "by request", "by user", "by region"):
        assert view in titles


def test_an_objective_waits_until_its_metric_is_known():
    text = (MODULE / "slo.tf").read_text()
    [objective] = re.findall(r'^resource "google_monitoring_slo" .*?^}', text, re.MULTILINE | re.DOTALL)
    assert "depends_on = [time_sleep.metric]" in objective
    [name] = re.findall(r'google_logging_metric\.metric\["(\w+)"\]', text)
    assert set(re.findall(r"logging\.googleapis\.com/user/aiprod_(\w+)", text)) == {name}


def test_prices_are_those_of_the_list():
    prices = yaml.safe_load((MODULE / "prices.yaml").read_text())
    used = set(re.findall(r"\$\{price\.(\w+)\}", (MODULE / "dashboards" / "cost.yaml").read_text()))
    assert used <= set(prices)
    assert all(isinstance(price, float) and price > 0 for price in prices.values())


def test_what_is_checked_from_outside_answers_so():
    text = (MODULE / "uptime.tf").read_text()
    checks = re.findall(r'path = "([^"]+)", +json_path = "([^"]+)", +content = "\\"(\w+)\\""', text)
    answers = {"/health": health.REPLY_EXAMPLE, "/presets": presets.REPLY_EXAMPLE}
    assert [path for path, _place, _content in checks] == list(answers)
    for path, place, content in checks:
        assert CATALOGUE.match("GET", path)[0].roles == "public"  # type: ignore[index]
        value: Any = answers[path]
        for key, index in re.findall(r"\.(\w+)|\[(\d+)\]", place):
            value = value[key] if key else value[int(index)]
        assert value == content


def test_every_series_of_the_code_is_shown_or_counted_another_way():
    asked = set(itertools.chain.from_iterable((name for name, _ in selectors(query)) for query in QUERIES.values()))
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    # Counted by processes that nobody scrapes: the log has them, in the metrics on the right.
    instead = {
        "pipelines_total": "log:pipelines",
        "pipeline_duration_seconds": "log:pipeline_seconds",
        "pipeline_cost_dollars_total": "log:pipeline_dollars",
        "pipeline_quality_score": "log:pipeline_quality",
        "pipeline_stage_seconds": "run_googleapis_com:request_latencies",
        "provider_requests_total": "log:deliveries",
        "provider_latency_seconds": "run_googleapis_com:request_latencies",
    }
    assert set(instead.values()) <= shown
    series = {family.name + ("_total" if family.type == "counter" else "") for family in metrics.REGISTRY.collect()}
    assert series - shown == set(instead)

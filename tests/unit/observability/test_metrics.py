"""The complete list of series, and for each of them the code that moves it."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Request

from common import runtime
from common.domain.pipeline import Failure, Outcome, Part, Spec
from common.domain.settings import Settings
from common.engine import control, gateway, outbox, sweep, worker
from common.engine.records import Dispatch
from common.engine.task import Task
from common.http import boundary
from common.observability import metrics
from common.platform.documents import Put
from common.platform.embedded.cache import MemoryCache
from common.providers.errors import Throttled
from common.providers.registry import Registry
from functions.api import health
from functions.catalogue import CATALOGUE
from scripts.local.gateway import load
from tests.unit.engine.conftest import Bench, bench  # noqa: F401
from tests.unit.engine.test_gateway import LISTINGS, use

# As promised to dashboards and alerts.
SERIES = {
    "http_requests_total": ("function", "method", "status"),
    "http_request_duration_seconds": ("function",),
    "pipelines_total": ("status", "preset"),
    "pipeline_stage_seconds": ("stage",),
    "pipeline_duration_seconds": ("preset",),
    "pipeline_cost_dollars_total": (),
    "pipeline_quality_score": (),
    "provider_requests_total": ("provider", "outcome"),
    "provider_latency_seconds": ("provider",),
    "queue_depth": (),
    "outbox_age_seconds": (),
    "dead_letters": (),
    "cache_hits_total": (),
    "cache_misses_total": (),
}


def value(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture
def moved() -> Callable[..., float]:
    """By how much a series moved since this was first asked for it."""
    before: dict[Any, float] = {}

    def moved(name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return value(name, **labels) - before.setdefault(key, value(name, **labels))

    return moved


def test_the_series_are_exactly_these():
    found = {
        family.name + ("_total" if family.type == "counter" else ""): family
        for family in text_string_to_metric_families(metrics.text().decode())
    }
    assert set(found) == set(SERIES)
    collectors = {
        name: tuple(collector._labelnames)
        for collector, names in metrics.REGISTRY._collector_to_names.items()
        for name in SERIES
        if name in names
    }
    assert collectors == SERIES


def test_requests_are_counted_by_function_method_and_status(context, moved):
    ok = {"function": "health", "method": "GET", "status": "200"}
    lost = {"function": "none", "method": "other", "status": "404"}
    counts = [("http_requests_total", ok), ("http_requests_total", lost)]
    seconds = ("http_request_duration_seconds_count", {"function": "health"})
    for name, labels in [*counts, seconds]:
        moved(name, **labels)
    function = boundary.endpoint(CATALOGUE["health"], health, lambda: context)
    function(Request(EnvironBuilder(path="/health").get_environ()))
    boundary.unrouted(Request(EnvironBuilder(path="/x", method="BREW").get_environ()), lambda: context)
    assert [moved(name, **labels) for name, labels in [*counts, seconds]] == [1, 1, 1]


def test_a_pipeline_is_counted_to_its_end_with_duration_cost_and_quality(bench: Bench, moved):  # noqa: F811
    registry = Registry(lambda name: "secret" if name == "the-key" else None, listings=LISTINGS)
    bench.context = replace(bench.context, registry=registry)
    done = {"status": "completed", "preset": "quick_social"}
    asked = {"provider": "paid", "outcome": "ok"}
    wanted: list[tuple[str, dict[str, str], float]] = [
        ("pipelines_total", {**done, "status": "processing"}, 1),
        ("pipelines_total", done, 1),
        ("pipeline_duration_seconds_count", {"preset": "quick_social"}, 1),
        ("pipeline_stage_seconds_count", {"stage": "analyze"}, 1),
        ("pipeline_cost_dollars_total", {}, 0.0007),
        ("pipeline_quality_score_count", {}, 1),
        ("pipeline_quality_score_sum", {}, 0.75),
        ("provider_requests_total", asked, 1),
        ("provider_latency_seconds_count", {"provider": "paid"}, 1),
    ]
    for name, labels, _ in wanted:
        moved(name, **labels)

    def work(task: Task) -> Outcome:
        gateway.call_paid(task, "paid", 1000, use())
        return Outcome(complete={}, facts={"quality": 0.75})

    bench.handlers["analyze"] = work
    bench.submit()
    bench.drain()
    assert [moved(name, **labels) for name, labels, _ in wanted] == pytest.approx([by for *_, by in wanted])


def test_what_a_job_recorded_is_counted_when_its_pipeline_completes(bench: Bench, moved):  # noqa: F811
    moved("pipeline_stage_seconds_count", stage="long")
    long = Spec(step="long", key="long")
    bench.handlers["analyze"] = lambda task: Outcome(then=(long, Spec(step="join", key="join", needs=("long",))))
    bench.handlers["join"] = lambda task: Outcome(complete={})
    bench.handlers["long"] = lambda task: Outcome()
    made = bench.submit().id
    bench.drain()
    assert bench.pipeline(made).status == "completed"
    assert moved("pipeline_stage_seconds_count", stage="long") == 2  # once in the job's process, which is this one here


def test_failed_and_cancelled_pipelines_are_counted_as_such(bench: Bench, moved):  # noqa: F811
    for status in ("failed", "cancelled"):
        moved("pipelines_total", status=status, preset="quick_social")
    failing, stopping = bench.submit().id, bench.submit().id
    worker.fail(bench.context, failing, "analyze", Failure(code="refused", detail="No.", step="analyze"), 0)
    control.cancel(bench.context, stopping, by="ann")
    assert [moved("pipelines_total", status=s, preset="quick_social") for s in ("failed", "cancelled")] == [1, 1]


def test_the_end_of_a_pipeline_is_a_line_of_the_log(bench: Bench, caplog):  # noqa: F811
    caplog.set_level(logging.INFO, logger=metrics.__name__)
    facts = {"quality": 0.75, "track": "full", "complexity": 0.8}
    bench.handlers["analyze"] = lambda task: Outcome(complete={}, facts=facts)
    made = bench.submit().id
    bench.drain()
    [line] = [record for record in caplog.records if record.getMessage() == "pipeline ended"]
    pipeline = bench.pipeline(made)
    seconds = (pipeline.updated_at - pipeline.created_at).total_seconds()
    assert line.ended == {
        "pipeline": made,
        "owner": pipeline.owner,
        "batch": "",
        "preset": "quick_social",
        "track": "full",
        "level": "high",
        "gated": False,
        "status": "completed",
        "error": "",
        "step": "",
        "seconds": pytest.approx(seconds, abs=0.001),
        "dollars": 0.0,
        "quality": 0.75,
        "judged": 0,
        "rejected": 0,
    }


def test_the_line_of_a_failed_pipeline_says_what_failed_and_how_often_films_were_refused(bench: Bench):  # noqa: F811
    parts = {
        **{key: Part(step="render", state="done") for key in ("render", "render.take1")},
        "review.take1": Part(step="review", state="failed"),
    }
    refusal = Failure(code="quality_rejected", detail="Too dark.", step="review.take1")
    pipeline = bench.submit().model_copy(
        update={"status": "failed", "preset": "brand_campaign", "parts": parts, "error": refusal}
    )
    said = metrics._ended(pipeline)
    assert {name: said[name] for name in ("gated", "status", "error", "step", "judged", "rejected")} == {
        "gated": True,
        "status": "failed",
        "error": "quality_rejected",
        "step": "review",
        "judged": 2,
        "rejected": 2,
    }
    older = pipeline.model_copy(update={"preset": "gone", "request": {"approve": "force"}, "facts": {}})
    assert metrics._ended(older) | {"seconds": 0} == said | {"preset": "gone", "seconds": 0}


def test_a_call_of_an_engine_that_fails_is_counted_by_how(bench: Bench, moved):  # noqa: F811
    bench.context = replace(bench.context, registry=Registry(lambda name: None, listings=LISTINGS))
    failed = {"provider": "free", "outcome": "Throttled"}
    moved("provider_requests_total", **failed)
    made = bench.submit()
    task = worker._claim(bench.context, made.id, "analyze", "host-1/a")
    assert isinstance(task, Task)

    def busy(_engine: Any) -> None:
        raise Throttled("later", 5)

    with pytest.raises(Throttled):
        gateway.call(task, "free", busy)
    assert moved("provider_requests_total", **failed) == 1


def test_a_sweep_measures_what_waits(bench: Bench):  # noqa: F811
    for _ in range(3):
        bench.submit()
    lost = Dispatch(id="lost", pipeline_id="none", step="analyze", key="analyze", created_at=bench.clock.now())
    letter = {"replayed": None}
    bench.context.documents.commit([outbox.row(lost), Put("dead_letters/one", letter)])
    bench.clock.advance(45)
    sweep.sweep(bench.context)
    assert value("queue_depth") == 3
    assert value("dead_letters") == 1
    assert value("outbox_age_seconds") == pytest.approx(45, abs=1)
    sweep.sweep(bench.context)
    assert value("outbox_age_seconds") == 0


def test_looks_into_the_cache_are_counted(clock, moved):
    moved("cache_hits_total")
    moved("cache_misses_total")
    cache = MemoryCache(clock, seen=metrics.looked_up)
    cache.get("a")
    cache.set("a", "1", seconds=5)
    cache.get("a")
    cache.get("a")
    assert (moved("cache_hits_total"), moved("cache_misses_total")) == (2, 1)


def test_the_cache_of_every_profile_is_watched(tmp_path: Path, moved):
    moved("cache_misses_total")
    built = runtime.build(CATALOGUE, Settings(home=tmp_path))
    built.cache.get("nothing")
    built.documents.close()  # type: ignore[attr-defined]
    assert moved("cache_misses_total") == 1


@pytest.mark.parametrize("name", ["presets", "sweep"])
def test_every_function_shows_its_series_to_its_own_host_and_to_nobody_else(context, monkeypatch, name):
    monkeypatch.setattr(runtime, "_current", context)
    client = Client(load(name))
    scrape = client.get("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"})
    assert (scrape.status_code, scrape.content_type) == (200, metrics.MEDIA_TYPE)
    assert "http_requests_total" in scrape.text
    for outside in ({"environ_base": {"REMOTE_ADDR": "169.254.1.1"}}, {"headers": {"X-Forwarded-For": "127.0.0.1"}}):
        asked = {"environ_base": {"REMOTE_ADDR": "127.0.0.1"}, **outside}
        assert "http_requests_total" not in client.get("/metrics", **asked).text

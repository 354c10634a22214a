"""Every series that this service emits, in one place, and the text that Prometheus reads them from.

A process counts what it does itself, in its memory: nothing is shared, so counting costs a microsecond and cannot fail.
The embedded server hosts every function, so one scrape of its `GET /metrics` shows all.

On Cloud Run every function is processes of its own. Each answers `GET /metrics` on its loopback address with its own
series (`common/http/framework.py`), for the Managed Prometheus sidecar beside it, which adds service and instance; a
query sums over them. That is worth its price where instances stay: at the functions with `min` above 0, and at `sweep`,
which alone sets the three gauges of what waits in the store and so keeps one instance. The public `GET /metrics` shows
one process of its own function there. A counter begins anew with its process, as Prometheus expects. The process of a
job is gone before anybody could ask it; what it recorded is counted when its pipeline completes (`engine/worker.py`).

A pipeline ends in whichever process takes its last step, mostly one that nobody scrapes. So its end is a line of the
log, too, from which the cloud's own metrics of pipelines, and the costs of a user, are made.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from common.domain.complexity import level_of
from common.domain.pipeline import Pipeline, Step
from common.domain.presets import PRESETS

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

disable_created_metrics()  # type: ignore[no-untyped-call]  # series of when counters began, which nobody queries
REGISTRY = CollectorRegistry()

log = logging.getLogger(__name__)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_WORK = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
_SHARE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

REQUESTS = Counter(
    "http_requests_total", "Requests answered, by function.", ["function", "method", "status"], registry=REGISTRY
)
REQUEST_SECONDS = Histogram(
    "http_request_duration_seconds",
    "From the request's head to the answer's.",
    ["function"],
    buckets=_QUICK,
    registry=REGISTRY,
)
PIPELINES = Counter(
    "pipelines_total",
    "Pipelines that reached a status after they were accepted, by preset.",
    ["status", "preset"],
    registry=REGISTRY,
)
STAGE_SECONDS = Histogram(
    "pipeline_stage_seconds",
    "From the first claim of a step to its recorded end.",
    ["stage"],
    buckets=_WORK,
    registry=REGISTRY,
)
PIPELINE_SECONDS = Histogram(
    "pipeline_duration_seconds",
    "From the acceptance of a pipeline to its end, by preset.",
    ["preset"],
    buckets=_WORK,
    registry=REGISTRY,
)
COST = Counter("pipeline_cost_dollars_total", "What ended pipelines cost, in US dollars.", registry=REGISTRY)
QUALITY = Histogram(
    "pipeline_quality_score", "Quality of completed pipelines, 0 to 1.", buckets=_SHARE, registry=REGISTRY
)
PROVIDER_REQUESTS = Counter(
    "provider_requests_total", "Calls of engines, by what came of them.", ["provider", "outcome"], registry=REGISTRY
)
PROVIDER_SECONDS = Histogram(
    "provider_latency_seconds", "How long calls of engines took.", ["provider"], buckets=_WORK, registry=REGISTRY
)
QUEUE_DEPTH = Gauge("queue_depth", "Steps that are ready and that nobody works on.", registry=REGISTRY)
OUTBOX_AGE = Gauge("outbox_age_seconds", "Age of the oldest message that was not sent.", registry=REGISTRY)
DEAD_LETTERS = Gauge("dead_letters", "Dead letters that nobody has replayed.", registry=REGISTRY)
CACHE_HITS = Counter("cache_hits_total", "Values found in the cache.", registry=REGISTRY)
CACHE_MISSES = Counter("cache_misses_total", "Values not found in the cache.", registry=REGISTRY)


_requests = lru_cache(maxsize=4096)(REQUESTS.labels)
_request_seconds = lru_cache(maxsize=256)(REQUEST_SECONDS.labels)


def text() -> bytes:
    """All series of this process, as Prometheus reads them."""
    return generate_latest(REGISTRY)


def answered(function: str, method: str, status: int, seconds: float) -> None:
    """Count a request that was answered; one that no function took counts as that of none."""
    name = function or "none"
    _requests(name, method if method in _METHODS else "other", str(status)).inc()
    _request_seconds(name).observe(seconds)


def ended(steps: Sequence[Step]) -> None:
    """Count those of the steps that have ended."""
    for step in steps:
        if step.state in ("done", "failed") and step.started_at and step.finished_at:
            STAGE_SECONDS.labels(step.step).observe((step.finished_at - step.started_at).total_seconds())


def committed(before: Pipeline, after: Pipeline | None, steps: Sequence[Step]) -> None:
    """Count what one commit of the engine changed: steps that ended, and a pipeline in another status."""
    ended(steps)
    if after is None or after.status == before.status:
        return
    PIPELINES.labels(after.status, after.preset).inc()
    if after.settled:
        PIPELINE_SECONDS.labels(after.preset).observe((after.updated_at - after.created_at).total_seconds())
        COST.inc(after.cost.spent / 1_000_000)
        quality = after.facts.get("quality")
        if after.status == "completed" and isinstance(quality, int | float):
            QUALITY.observe(quality)
        log.info("pipeline ended", extra={"ended": _ended(after)})


def _ended(pipeline: Pipeline) -> dict[str, Any]:
    """What metrics and sums of cost need to know of a pipeline that ended."""
    facts, request, error = pipeline.facts, pipeline.request, pipeline.error
    preset, approve = PRESETS.get(pipeline.preset), request.get("approve")
    judged = sum(part.step == "render" and part.state == "done" for part in pipeline.parts.values())
    takes = sum(part.step == "render" for part in pipeline.parts.values())
    refused = error is not None and error.code == "quality_rejected"
    complexity = facts.get("complexity")
    return {
        "pipeline": pipeline.id,
        "owner": pipeline.owner,
        "batch": pipeline.batch,
        "preset": pipeline.preset,
        "track": facts.get("track", ""),
        "level": level_of(complexity) if isinstance(complexity, int | float) else "",
        "gated": approve == "force" or (preset is not None and preset.allow_icc and approve != "skip"),
        "status": pipeline.status,
        "error": error.code if error else "",
        "step": error.step.partition(".")[0] if error else "",
        "seconds": round((pipeline.updated_at - pipeline.created_at).total_seconds(), 3),
        "dollars": pipeline.cost.spent / 1_000_000,
        "quality": facts.get("quality"),
        "judged": judged,
        "rejected": max(0, takes - 1) + refused,  # each further take was asked for by a check
    }


def looked_up(found: bool) -> None:
    """Count a look into the cache."""
    (CACHE_HITS if found else CACHE_MISSES).inc()


@contextmanager
def provider(name: str) -> Iterator[None]:
    """Around one call of an engine: how long it took, and whether it answered or by what name it failed."""
    began, outcome = time.perf_counter(), "ok"
    try:
        yield
    except BaseException as error:
        outcome = type(error).__name__
        raise
    finally:
        PROVIDER_REQUESTS.labels(name, outcome).inc()
        PROVIDER_SECONDS.labels(name).observe(time.perf_counter() - began)

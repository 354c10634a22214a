"""GET /pipeline/{id}/costs: what a pipeline truly cost, call by call, beside the published list price."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from pydantic import Field

from common.domain.complexity import level_of
from common.domain.estimate import Estimate, estimate
from common.domain.model import Model
from common.domain.money import dollars
from common.domain.pipeline import Pipeline, Status
from common.domain.request import PipelineRequest
from common.domain.variance import variance_percent, within_budget
from common.engine import store
from common.engine.records import Reservation
from common.http.call import Answer, Call, Empty
from common.http.pipelines import visible

PROMPT_SECONDS = 30  # of a prompt that asks for no duration, until its plan says better


class Charged(Model):
    """One call of an engine."""

    engine: str = Field(description="Which engine did the work.")
    version: str = Field(description="Its version.")
    state: str = Field(description="reserved or submitted while it runs; settled, or released where nothing was due.")
    estimate: float = Field(description="What was held for it, in US dollars.")
    actual: float = Field(description="What it cost, in US dollars.")
    unit: str = Field(description="What its price is counted in; empty where it has none.")
    quantity: float = Field(description="How many of the unit.")


class StepCost(Model):
    """What one step run cost."""

    step: str = Field(description="The step.")
    key: str = Field(description="The run of it, for example the scene.")
    actual: float = Field(description="US dollars.")
    calls: tuple[Charged, ...] = Field(description="Its calls of engines.")


class EngineCost(Model):
    """What one engine cost."""

    engine: str = Field(description="The engine.")
    calls: int = Field(description="How often it was called.")
    actual: float = Field(description="US dollars.")


class Costs(Model):
    """The ledger of a pipeline, and the list price of the same video; all money in US dollars."""

    id: str = Field(description="The pipeline.")
    status: Status = Field(description="The figures are final once it has completed, failed or been cancelled.")
    final: bool = Field(description="Whether anything can still be spent.")
    cap: float | None = Field(description="The most that may be spent; null without a cap.")
    estimate: float = Field(description="The published list price of the video.")
    actual: float = Field(description="What was spent so far: the sum of the ledger.")
    reserved: float = Field(description="Held for calls in progress.")
    variance: float = Field(description="actual minus estimate.")
    variance_percent: float = Field(description="The same in percent of the estimate.")
    within_budget: bool = Field(description="Whether the variance is at most 20 % in either direction.")
    by_step: tuple[StepCost, ...] = Field(description="The ledger, by step run.")
    by_engine: tuple[EngineCost, ...] = Field(description="The ledger, by engine, the dearest first.")
    list_price: Estimate = Field(description="What the list price is made of.")


Reply = Costs
PROBLEMS = ("not_found",)
REPLY_EXAMPLE: dict[str, Any] = {
    "id": "5f0c6ad1b2e94c7783d0",
    "status": "completed",
    "final": True,
    "cap": 0.5,
    "estimate": 0.3,
    "actual": 0.28,
    "reserved": 0.0,
    "variance": -0.02,
    "variance_percent": -6.7,
    "within_budget": True,
    "by_step": [
        {
            "step": "generate_visual",
            "key": "generate_visual.s1",
            "actual": 0.28,
            "calls": [
                {
                    "engine": "runway_gen4_turbo",
                    "version": "2024-11-06",
                    "state": "settled",
                    "estimate": 0.28,
                    "actual": 0.28,
                    "unit": "second",
                    "quantity": 28.0,
                }
            ],
        }
    ],
    "by_engine": [{"engine": "runway_gen4_turbo", "calls": 1, "actual": 0.28}],
    "list_price": estimate("quick_social", 30).model_dump(mode="json"),
}


def handle(call: Call[Empty]) -> Answer:
    """The figures as they stand; while the pipeline runs they grow."""
    pipeline = visible(call, "read")
    rows = store.reservations(call.context.documents, pipeline.id)
    listed = _listed(pipeline)
    price, spent = listed.aiprod_optimized, dollars(pipeline.cost.spent)
    percent = variance_percent(spent, price)
    return Answer(
        body=Costs(
            id=pipeline.id,
            status=pipeline.status,
            final=pipeline.settled,
            cap=None if pipeline.cost.cap is None else dollars(pipeline.cost.cap),
            estimate=price,
            actual=spent,
            reserved=dollars(pipeline.cost.reserved),
            variance=round(spent - price, 6),
            variance_percent=percent,
            within_budget=within_budget(percent),
            by_step=tuple(_steps(pipeline, rows)),
            by_engine=tuple(sorted(_engines(rows), key=lambda one: (-one.actual, one.engine))),
            list_price=listed,
        )
    )


def _listed(pipeline: Pipeline) -> Estimate:
    """The list price of what was asked for, or of what was planned once that is known."""
    request = PipelineRequest.model_validate(pipeline.request)
    seconds = pipeline.facts.get("seconds") or request.duration_sec or PROMPT_SECONDS
    level = level_of(pipeline.facts["complexity"]) if "complexity" in pipeline.facts else "standard"
    return estimate(request.preset, round(seconds), level)


def _steps(pipeline: Pipeline, rows: list[Reservation]) -> Iterator[StepCost]:
    for key, group in groupby(sorted(rows, key=lambda row: (row.step_key, row.at, row.key)), lambda row: row.step_key):
        calls = tuple(group)
        part = pipeline.parts.get(key)
        yield StepCost(
            step=part.step if part else key.partition(".")[0],
            key=key,
            actual=dollars(sum(row.amount for row in calls)),
            calls=tuple(
                Charged(
                    engine=row.engine,
                    version=row.version,
                    state=row.state,
                    estimate=dollars(row.estimate),
                    actual=dollars(row.amount),
                    unit=row.unit,
                    quantity=row.quantity,
                )
                for row in calls
            ),
        )


def _engines(rows: list[Reservation]) -> Iterator[EngineCost]:
    for engine, group in groupby(sorted(rows, key=lambda row: row.engine), lambda row: row.engine):
        calls = tuple(group)
        yield EngineCost(engine=engine, calls=len(calls), actual=dollars(sum(row.amount for row in calls)))

"""What clients are told of a pipeline's events, and what they are not."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from common.domain.pipeline import Event
from common.http import events
from common.http.events import LAST, public

ENGINE = Path(__file__).parents[3] / "common" / "engine"
AT = datetime(2026, 1, 1, tzinfo=UTC)


def told(kind: str, **data: Any) -> dict[str, Any]:
    return public(Event(seq=3, type=kind, at=AT, data={"status": "processing", **data})).model_dump(mode="json")


def test_an_event_has_its_number_type_time_and_data():
    assert told("pipeline.progress", step="render", key="render", progress=0.5) == {
        "seq": 3,
        "type": "pipeline.progress",
        "time": "2026-01-01T00:00:00Z",
        "data": {"status": "processing", "step": "render", "key": "render", "progress": 0.5},
    }


def test_a_step_that_fails_without_failing_the_pipeline_is_a_warning():
    said = told("pipeline.progress", step="generate_music", key="music", failed=True)["data"]
    assert said["warning"].startswith("generate_music failed;")


@pytest.mark.parametrize(("code", "kept"), [("too_long", True), ("error", False), ("unavailable", False)])
def test_why_it_failed_is_told_unless_it_speaks_of_our_insides(code, kept):
    error = told("pipeline.failed", step="render", code=code, detail="ValueError in film.py")["data"]["error"]
    assert error["code"] == code
    assert ("film.py" in error["detail"]) == kept


def test_who_cancelled_is_not_told_and_money_is_in_dollars():
    assert told("pipeline.cancelled", by="an administrator")["data"] == {"status": "processing"}
    assert told("pipeline.completed", cost_micros=250_000)["data"]["cost"] == 0.25


def test_an_event_that_nobody_described_says_its_status_only():
    assert told("pipeline.new", secret="x")["data"] == {"status": "processing"}


def recorded() -> set[str]:
    """The events that the engine writes, read from its code."""
    calls = [
        node
        for path in ENGINE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "record"
    ]
    names = [call.args[1].value for call in calls if len(call.args) > 1 and isinstance(call.args[1], ast.Constant)]
    return {name for name in names if str(name).startswith("pipeline.")}


def test_every_event_that_the_engine_writes_is_described():
    assert recorded() == set(events._SAID)
    assert recorded() >= LAST

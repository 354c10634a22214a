"""GET /pipeline/{id}/costs: the ledger beside the list price."""

from typing import Any

import pytest

from common.domain.pipeline import Charge, Outcome
from common.engine import worker
from common.engine.context import Context
from common.engine.task import Task


@pytest.fixture
def charged(call: Any, context: Context) -> str:
    """A pipeline whose first step paid three calls of two engines."""
    made = call(
        "POST", "/pipeline/run", json={"content": "How lighthouses guided ships", "duration_sec": 20, "budget": 1}
    )
    calls = (("a", "runway", 100_000), ("b", "runway", 80_000), ("c", "gemini", 1_800))
    charges = tuple(
        Charge(key=key, engine=engine, version="1", amount=amount, unit="second", quantity=2.0)
        for key, engine, amount in calls
    )

    def handler(_task: Task) -> Outcome:
        return Outcome(charges=charges, facts={"complexity": 0.2}, complete={"files": {}})

    assert worker.deliver(context, handler, made.json["id"], "analyze") == "done"
    return str(made.json["id"])


def test_the_ledger_is_summed_by_step_and_by_engine(call: Any, charged: str):
    costs = call("GET", f"/pipeline/{charged}/costs").json
    assert (costs["actual"], costs["reserved"], costs["cap"], costs["final"]) == (0.1818, 0.0, 1.0, True)
    [step] = costs["by_step"]
    assert (step["step"], step["key"], step["actual"]) == ("analyze", "analyze", 0.1818)
    assert [(one["engine"], one["actual"], one["state"]) for one in step["calls"]] == [
        ("runway", 0.1, "settled"),
        ("runway", 0.08, "settled"),
        ("gemini", 0.0018, "settled"),
    ]
    assert costs["by_engine"] == [
        {"engine": "runway", "calls": 2, "actual": 0.18},
        {"engine": "gemini", "calls": 1, "actual": 0.0018},
    ]


def test_the_list_price_stands_beside_it_with_the_variance(call: Any, charged: str):
    costs = call("GET", f"/pipeline/{charged}/costs").json
    assert costs["estimate"] == costs["list_price"]["aiprod_optimized"] == 0.22  # golden: quick_social, 20 s
    assert costs["variance"] == -0.0382
    assert (costs["variance_percent"], costs["within_budget"]) == (-17.4, True)


def test_before_anything_was_spent_all_of_the_price_is_missing(call: Any):
    made = call("POST", "/pipeline/run", json={"content": "How lighthouses guided ships"}).json["id"]
    costs = call("GET", f"/pipeline/{made}/costs").json
    assert (costs["estimate"], costs["actual"], costs["final"], costs["within_budget"]) == (0.3, 0.0, False, False)
    assert (costs["variance_percent"], costs["by_step"], costs["by_engine"]) == (-100.0, [], [])


@pytest.mark.parametrize("role", ["user", "viewer", "service"])
@pytest.mark.parametrize("what", ["costs", "events"])
def test_those_of_others_are_unknown_and_an_admin_sees_all(call: Any, charged: str, role: str, what: str):
    assert call("GET", f"/pipeline/{charged}/{what}", f"{role}:bob").status_code == 404
    assert call("GET", f"/pipeline/{charged}/{what}", f"{role}:ann").status_code == 200
    assert call("GET", f"/pipeline/{charged}/{what}", "admin:root").status_code == 200

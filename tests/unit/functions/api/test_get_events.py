"""GET /pipeline/{id}/events: the log in order, page by page."""

from typing import Any

import pytest

from common.domain.pipeline import Outcome, Spec
from common.engine import control, worker
from common.engine.context import Context
from common.engine.task import Task


@pytest.fixture
def made(call: Any, context: Context) -> str:
    made = str(call("POST", "/pipeline/run", json={"content": "How lighthouses guided ships"}).json["id"])

    def handler(task: Task) -> Outcome:
        return Outcome(then=(Spec(step="direct", key="direct"),) if task.step.key == "analyze" else ())

    for key in ("analyze", "direct"):
        assert worker.deliver(context, handler, made, key) == "done"
    control.cancel(context, made, by="ann")
    return made


def test_the_log_is_told_in_order_and_in_public_words(call: Any, made: str):
    answer = call("GET", f"/pipeline/{made}/events").json
    assert [event["type"] for event in answer["events"]] == [
        "pipeline.started",
        "pipeline.progress",
        "pipeline.progress",
        "pipeline.cancelled",
    ]
    assert [event["seq"] for event in answer["events"]] == [1, 2, 3, 4]
    assert (answer["after"], answer["more"]) == (4, False)
    assert "by" not in answer["events"][-1]["data"], "who cancelled stays with the operators"


def test_pages_join_to_the_whole(call: Any, made: str):
    seen: list[int] = []
    after, more = 0, True
    while more:
        answer = call("GET", f"/pipeline/{made}/events", query_string={"after": after, "page_size": 3}).json
        seen += [event["seq"] for event in answer["events"]]
        after, more = answer["after"], answer["more"]
    assert seen == [1, 2, 3, 4]
    rest = call("GET", f"/pipeline/{made}/events", query_string={"after": after}).json
    assert rest == {"events": [], "after": 4, "more": False}


@pytest.mark.parametrize(
    "query", [{"after": "-1"}, {"after": "x"}, {"page_size": "-1"}, {"after": "9" * 30}, {"since": "1"}]
)
def test_what_is_no_place_in_the_log_is_refused(call: Any, made: str, query: dict[str, str]):
    assert call("GET", f"/pipeline/{made}/events", query_string=query).status_code == 422

"""How background functions acknowledge, put off and bury what is pushed to them."""

import base64
import io
import json
import types
from typing import Any

import flask
import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from common.domain.pipeline import Outcome
from common.domain.request import PipelineRequest
from common.engine import control
from common.engine.push import parse
from common.engine.records import DeadLetter
from common.http import body, push
from common.platform.documents import Unavailable
from functions.catalogue import CATALOGUE


@pytest.fixture
def pushed(context: Any) -> Any:
    """A client of one background function whose `run` is given."""

    def make(name: str, run: Any) -> Client:
        module = types.ModuleType(name)
        module.run = run  # type: ignore[attr-defined]
        wrap = push.step if CATALOGUE[name].step else push.upkeep
        function = wrap(CATALOGUE[name], module, lambda: context)
        return Client(lambda e, s: function(flask.Request(e))(e, s), Response)

    return make


def envelope(data: Any) -> dict[str, Any]:
    encoded = base64.b64encode(json.dumps(data).encode()).decode()
    return {"message": {"data": encoded, "messageId": "m1"}, "deliveryAttempt": 2, "subscription": "s"}


def started(context: Any) -> dict[str, str]:
    pipeline = control.submit(context, PipelineRequest(content="How lighthouses guided ships"), "ann")
    return {"pipeline_id": pipeline.id, "step": "analyze", "key": "analyze"}


@pytest.mark.parametrize("wrap", [envelope, dict])
def test_a_message_or_a_task_runs_its_step_and_is_acknowledged(pushed, context, wrap):
    data = started(context)
    result = {"files": {}}
    client = pushed("analyze", lambda task: Outcome(complete=result))
    assert client.post("/", json=wrap(data)).status_code == 204
    assert control.load(context, data["pipeline_id"]).status == "completed"


def test_a_duplicate_is_acknowledged_and_does_nothing(pushed, context):
    runs: list[str] = []

    def run(task: Any) -> Outcome:
        runs.append(task.id)
        return Outcome(complete={"files": {}})

    data = started(context)
    client = pushed("analyze", run)
    assert [client.post("/", json=data).status_code for _ in range(3)] == [204, 204, 204]
    assert len(runs) == 1


def test_a_message_of_an_unknown_pipeline_is_acknowledged(pushed):
    client = pushed("analyze", lambda task: Outcome())
    assert client.post("/", json={"pipeline_id": "gone", "key": "analyze"}).status_code == 204


def test_a_silent_store_asks_for_the_delivery_again(pushed, context, monkeypatch):
    data = started(context)

    def away(_path: str) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(context.documents, "get_all", away)
    assert pushed("analyze", lambda task: Outcome()).post("/", json=data).status_code == 503


@pytest.mark.parametrize(
    "raw",
    [
        b"not json",
        b"[]",
        b'{"message": {"data": "%%%"}}',
        b'{"message": {"data": "bm90IGpzb24="}}',
        b"{}",
        b'{"pipeline_id": 5, "key": "analyze"}',
        b'{"pipeline_id": "a/b", "key": "analyze"}',
        b'{"pipeline_id": "..", "key": "analyze"}',
        b'{"pipeline_id": "p", "key": null}',
        b"\xff\xfe\x00",
    ],
)
def test_what_can_never_be_understood_is_kept_and_acknowledged(pushed, context, raw):
    client = pushed("analyze", lambda task: Outcome())
    for _ in range(2):
        assert client.post("/", data=raw).status_code == 204
    [letter] = context.documents.query("dead_letters")
    kept = DeadLetter.model_validate(letter.data)
    assert (kept.kind, kept.function, kept.body) == ("unreadable", "analyze", raw.decode("utf-8", "replace"))
    assert kept.reason


class BrokenOff(io.RawIOBase):
    """A body whose sender hangs up in the middle."""

    def readable(self) -> bool:
        return True

    def readinto(self, _into: Any) -> int:
        raise ConnectionResetError("the sender is gone")


def test_a_push_that_breaks_off_is_asked_for_again_and_buries_nothing(pushed, context):
    data = started(context)
    client = pushed("analyze", lambda task: Outcome(complete={"files": {}}))
    broken = client.post("/", environ_overrides={"wsgi.input": BrokenOff(), "CONTENT_LENGTH": "500"})
    assert (broken.status_code, broken.headers["Retry-After"]) == (503, "2")
    assert context.documents.query("dead_letters") == []
    assert client.post("/", json=data).status_code == 204
    assert control.load(context, data["pipeline_id"]).status == "completed"


def test_a_push_that_is_too_large_is_refused_and_stays_with_its_sender(pushed, context, caplog):
    raw = b" " * (body.MAX_BYTES + 1)
    assert pushed("analyze", lambda task: Outcome()).post("/", data=raw).status_code == 413
    assert context.documents.query("dead_letters") == []
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == ["delivery too large"]


def test_a_message_is_known_by_its_publishers_id():
    message = {"data": "", "messageId": "7", "attributes": {"message_id": "p.analyze.start", "reason": "x"}}
    delivery = parse(json.dumps({"message": message}).encode(), {})
    assert delivery.message_id == "p.analyze.start"
    assert delivery.attributes["reason"] == "x"
    assert parse(b'{"message": {"messageId": "7"}}', {}).message_id == "7"


def test_a_dead_letter_that_cannot_be_kept_comes_back(pushed, context, monkeypatch):
    def away(_writes: Any) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(context.documents, "commit", away)
    assert pushed("analyze", lambda task: Outcome()).post("/", data=b"nope").status_code == 503


def test_a_schedule_runs_with_its_delivery(pushed):
    seen: list[Any] = []
    client = pushed("sweep", lambda context, delivery: seen.append(delivery.data))
    assert client.post("/", json={"at_start": True}).status_code == 204
    assert client.post("/").status_code == 204
    assert seen == [{"at_start": True}, {}]


def test_upkeep_that_breaks_is_500_and_logged(pushed, caplog):
    def run(_context: Any, _delivery: Any) -> None:
        raise RuntimeError("broken")

    assert pushed("sweep", run).post("/").status_code == 500
    assert "broken" in caplog.text

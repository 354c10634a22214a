"""API-3.3: a hundred jobs at once, accepted whole or not at all, each made once, and followed under one id."""

from collections.abc import Sequence
from typing import Any

import pytest

from common.domain.pipeline import Outcome
from common.engine import batches, control, worker
from common.engine.context import Context
from common.engine.push import Delivery
from common.http.idempotency import LEASE
from common.platform.documents import Write
from common.platform.embedded.clock import VirtualClock
from functions.upkeep import announce, sweep
from tests.http_world import Posted
from tests.security.test_sec_1_5 import PAYLOADS

JOBS = [{"input": f"How lighthouses guided ships, part {number}", "preset": "quick_social"} for number in range(100)]


class Crash(BaseException):
    """The process ends here."""


def post(call: Any, jobs: Any, token: str = "user:ann", key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return call("POST", "/pipeline/batch", token, json={"jobs": jobs}, headers=headers)


def play(context: Context, posted: Posted) -> int:
    """Deliver everything that was sent, until nothing is left; how many analyses ran."""
    ran = 0
    while posted.sent:
        function, data = posted.sent.pop(0)
        if function == "announcements":
            announce.run(context, Delivery(data, "m", 1))
        elif function == "analyze":
            done = Outcome(complete={"files": {}})
            ran += worker.deliver(context, lambda _, done=done: done, data["pipeline_id"], data["key"]) == "done"
    return ran


def test_api_3_3_a_hundred_jobs_are_accepted_and_all_finish(call: Any, context: Context, posted: Posted) -> None:
    answer = post(call, JOBS)
    assert answer.status_code == 202
    batch_id = answer.json["batch_id"]
    assert len({job["pipeline_id"] for job in answer.json["jobs"]}) == 100
    assert play(context, posted) == 100
    shown = call("GET", f"/pipeline/batch/{batch_id}").json
    assert (shown["status"], shown["counts"]["completed"], shown["progress"]) == ("completed", 100, 1.0)


def test_api_3_3_a_crash_in_the_middle_is_healed_by_a_retry_with_the_same_key(
    call: Any, context: Context, posted: Posted, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, chunks = context.documents.commit, []

    def dying(writes: Sequence[Write]) -> None:
        if any(write.path.startswith("pipelines/") for write in writes):
            chunks.append(writes)
            if len(chunks) == 3:
                raise Crash
        commit(writes)

    monkeypatch.setattr(context.documents, "commit", dying)
    with pytest.raises(Crash):
        post(call, JOBS, key="once")
    monkeypatch.undo()
    assert 0 < context.documents.count("pipelines") < 100
    clock.advance(LEASE.total_seconds() + 1)
    answer = post(call, JOBS, key="once")
    assert answer.status_code == 202
    assert (context.documents.count("batches"), context.documents.count("pipelines")) == (1, 100)
    assert sorted(batches.pipelines(context.documents, answer.json["batch_id"])) == sorted(
        job["pipeline_id"] for job in answer.json["jobs"]
    )
    posted.sent.clear()  # whatever was sent before the crash, the sweep sends for everything that nobody took
    clock.advance(120)
    sweep.run(context, Delivery({}, "tick", 1))
    assert play(context, posted) == 100


def test_api_3_3_a_crash_in_the_middle_is_healed_by_the_sweep_alone(
    call: Any, context: Context, posted: Posted, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*_args: Any, **_more: Any) -> None:
        raise Crash

    monkeypatch.setattr(batches, "begin", dying)
    with pytest.raises(Crash):
        post(call, JOBS)
    monkeypatch.undo()
    assert (context.documents.count("batches"), context.documents.count("pipelines")) == (1, 0)
    clock.advance(60)
    sweep.run(context, Delivery({}, "tick", 1))
    assert context.documents.count("pipelines") == 100
    clock.advance(60)
    sweep.run(context, Delivery({}, "tick", 1))
    assert play(context, posted) == 100
    [batch] = context.documents.query("batches")
    assert batch.data["state"] == "completed"


def test_api_3_3_one_key_is_one_batch(call: Any, context: Context) -> None:
    first, again = post(call, JOBS, key="k"), post(call, JOBS, key="k")
    assert first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert post(call, JOBS[:99], key="k").status_code == 422
    assert post(call, JOBS, "user:bob", key="k").json["batch_id"] != first.json["batch_id"]
    assert context.documents.count("pipelines") == 200


def test_api_3_3_one_bad_job_of_a_hundred_refuses_all(call: Any, context: Context) -> None:
    for bad in ({"input": "short"}, {"input": 5}, {}, {**JOBS[0], "duration_sec": 999}, {**JOBS[0], "x": 1}, None):
        answer = post(call, [*JOBS[:99], bad])
        assert answer.status_code == 422
        assert all(error["pointer"].startswith("#/jobs/99") for error in answer.json["errors"])
    assert post(call, [*JOBS, JOBS[0]]).status_code == 422
    assert context.documents.count("pipelines") == context.documents.count("batches") == 0


def test_api_3_3_a_foreign_batch_is_404_and_a_viewer_makes_none(call: Any) -> None:
    made = post(call, JOBS[:2]).json["batch_id"]
    for token in ("user:bob", "viewer:bob", "service:bob"):
        assert call("GET", f"/pipeline/batch/{made}", token).status_code == 404
    assert call("GET", f"/pipeline/batch/{made}", "viewer:ann").status_code == 200
    assert post(call, JOBS[:1], "viewer:ann").status_code == 403
    assert call("GET", f"/pipeline/batch/{made}", "nobody").status_code == 401


@pytest.mark.parametrize("payload", PAYLOADS)
def test_api_3_3_payloads_are_data_or_4xx(call: Any, payload: str) -> None:
    assert post(call, [{"input": f"ten characters {payload}"[:9000], "title": payload[:200]}]).status_code in (202, 422)
    for field in ("preset", "lang", "brand_id", "voice", "resolution"):
        assert post(call, [{"input": "ten characters", field: payload}]).status_code in (202, 422)


def test_api_3_3_a_hundred_jobs_of_the_largest_size_fit_into_one_request(call: Any, context: Context) -> None:
    largest = [{"input": "ダ" * 9_990 + str(number), "title": "é" * 200} for number in range(100)]
    answer = post(call, largest)
    assert answer.status_code == 202
    assert context.documents.count("pipelines") == 100
    assert control.load(context, answer.json["jobs"][99]["pipeline_id"]).request["content"].endswith("99")

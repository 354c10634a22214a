"""The batch endpoints as their callers see them."""

import threading
import time
from typing import Any

import pytest

from common.domain.pipeline import Charge, Outcome
from common.engine import batches, control, worker
from common.engine.task import StepFailed, Task
from common.http.assets import LOOKERS
from common.platform.documents import Unavailable
from common.platform.objects import ObjectStat

CONTENT = "How lighthouses guided ships"


def post(call: Any, jobs: Any, token: str = "user:ann", headers: Any = None, **more: Any) -> Any:
    return call("POST", "/pipeline/batch", token, json={"jobs": jobs, **more}, headers=headers or {})


def test_a_batch_is_202_with_every_job_and_where_to_follow_it(call, context, posted):
    answer = post(call, [{"input": CONTENT, "preset": "1080p"}, {"content": CONTENT, "title": "Ships"}], budget=1.0)
    found = answer.json
    at = f"http://api.test/pipeline/batch/{found['batch_id']}"
    assert (answer.status_code, answer.headers["Location"], found["links"]["self"]) == (202, at, at)
    assert (found["status"], found["total"], found["progress"]) == ("running", 2, 0.0)
    assert found["counts"] == {
        "queued": 2,
        "processing": 0,
        "awaiting_approval": 0,
        "completed": 0,
        "failed": 0,
        "cancelled": 0,
    }
    assert found["cost"] == {"cap": 1.0, "spent": 0.0, "reserved": 0.0}
    assert [job["title"] for job in found["jobs"]] == ["", "Ships"]
    for number, job in enumerate(found["jobs"], 1):
        path = f"http://api.test/pipeline/{job['pipeline_id']}"
        assert (job["number"], job["links"]) == (number, {"pipeline": path, "result": f"{path}/result"})
        shown = call("GET", f"/pipeline/{job['pipeline_id']}").json
        assert (shown["status"], shown["batch"], shown["cost"]["cap"]) == ("queued", found["batch_id"], 0.5)
    first = control.load(context, found["jobs"][0]["pipeline_id"])
    assert (first.preset, first.request["resolution"]) == ("quick_social", "1080p")
    assert [function for function, _ in posted.sent].count("analyze") == 2
    assert call("GET", f"/pipeline/batch/{found['batch_id']}").json == found


def test_a_batch_shows_how_its_jobs_stand_and_what_they_cost(call, context):
    found = post(call, [{"input": CONTENT}] * 3).json
    ids = [job["pipeline_id"] for job in found["jobs"]]

    def broken(_task: Task) -> Outcome:
        raise StepFailed("refused", "It is not made.")

    charge = Charge(key="analyze.x", engine="x", version="1", amount=70_000)
    worker.deliver(context, lambda _: Outcome(complete={"files": {}}, charges=(charge,)), ids[0], "analyze")
    worker.deliver(context, broken, ids[1], "analyze")
    shown = call("GET", f"/pipeline/batch/{found['batch_id']}").json
    assert (shown["status"], shown["completed_at"], shown["progress"]) == ("running", None, 0.6667)
    assert {name: count for name, count in shown["counts"].items() if count} == {
        "completed": 1,
        "failed": 1,
        "queued": 1,
    }
    assert ([job["status"] for job in shown["jobs"]], shown["cost"]["spent"]) == (
        ["completed", "failed", "queued"],
        0.07,
    )
    control.cancel(context, ids[2], by="ann")
    assert batches.close(context, found["batch_id"])
    shown = call("GET", f"/pipeline/batch/{found['batch_id']}").json
    assert (shown["status"], shown["progress"]) == ("completed", 1.0)
    assert shown["completed_at"] is not None


@pytest.mark.parametrize(
    ("jobs", "pointers"),
    [
        ([], ["#/jobs"]),
        ([{"input": CONTENT}] * 101, ["#/jobs"]),
        ([{"input": CONTENT}, {"input": "short"}], ["#/jobs/1/input"]),
        ([{"input": CONTENT, "preset": "480i"}, {}], ["#/jobs/0/preset", "#/jobs/1/content"]),
        ([{"input": CONTENT, "duration_sec": 31}], ["#/jobs/0/duration_sec"]),
        ([{"input": CONTENT, "content": CONTENT}], ["#/jobs/0/input"]),
        ([{"input": CONTENT, "colour": 1}], ["#/jobs/0/colour"]),
        ("all", ["#/jobs"]),
        ([1], ["#/jobs/0"]),
    ],
)
def test_one_bad_job_refuses_all_and_is_pointed_at(call, context, posted, jobs, pointers):
    answer = post(call, jobs)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
    assert [error["pointer"] for error in answer.json["errors"]] == pointers
    assert context.documents.count("pipelines") == context.documents.count("batches") == 0
    assert posted.sent == []


def test_a_budget_below_those_of_the_jobs_is_refused(call):
    answer = post(call, [{"input": CONTENT, "budget": 1.0}] * 2, budget=1.5)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/budget")
    assert post(call, [{"input": CONTENT, "budget": 1.0}] * 2, budget=2.0).status_code == 202


def test_a_file_that_is_not_there_refuses_all_and_its_job_is_pointed_at(call, context):
    media = {"object": f"media/{'0' * 64}.png", "type": "image", "sha256": "0" * 64}
    answer = post(call, [{"input": CONTENT}, {"input": CONTENT, "media": [media]}])
    assert (answer.status_code, answer.json["code"]) == (422, "unknown_file")
    assert answer.json["errors"][0]["pointer"] == "#/jobs/1"
    assert context.documents.count("pipelines") == 0


class SlowFiles:
    """Has every file, and takes a while to say so."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.busy = self.most = 0
        self._lock = threading.Lock()

    def stat(self, key: str) -> ObjectStat:
        with self._lock:
            self.asked.append(key)
            self.busy += 1
            self.most = max(self.most, self.busy)
        time.sleep(0.01)
        with self._lock:
            self.busy -= 1
        return ObjectStat(key, 1, "0" * 64, "image/png")


def test_the_files_of_a_hundred_jobs_are_looked_for_once_each_and_many_at_a_time(call, context, monkeypatch):
    slow = SlowFiles()
    monkeypatch.setattr(context.objects, "stat", slow.stat)
    logo = f"media/{'f' * 64}.png"
    hashes = [f"{number:064x}" for number in range(300)]
    media = [{"object": f"media/{one}.png", "type": "image", "sha256": one} for one in hashes]
    jobs = [{"input": CONTENT, "logo": logo, "media": media[3 * n : 3 * n + 3]} for n in range(100)]
    assert post(call, jobs).status_code == 202
    assert sorted(slow.asked) == sorted({logo, *(one["object"] for one in media)})
    assert slow.most >= LOOKERS // 2


def test_one_key_makes_one_batch_also_when_the_answer_was_lost(call, context, monkeypatch):
    commit = context.documents.commit

    def lose(writes: Any) -> None:
        commit(writes)
        if any(write.path.startswith(("batches/", "pipelines/")) for write in writes):
            raise Unavailable("the answer was lost")

    jobs, key = [{"input": CONTENT}] * 30, {"Idempotency-Key": "k"}
    monkeypatch.setattr(context.documents, "commit", lose)
    first = post(call, jobs, headers=key)
    monkeypatch.undo()
    again = post(call, jobs, headers=key)
    assert first.status_code == again.status_code == 202
    assert first.json["batch_id"] == again.json["batch_id"]
    assert (context.documents.count("batches"), context.documents.count("pipelines")) == (1, 30)
    assert post(call, jobs[1:], headers=key).json["code"] == "idempotency_key_reused"


def test_a_batch_is_its_owners_and_admins_to_see(call):
    found = post(call, [{"input": CONTENT}]).json
    path = f"/pipeline/batch/{found['batch_id']}"
    statuses = {token: call("GET", path, token).status_code for token in ("user:bob", "service:svc", "viewer:vic")}
    assert statuses == dict.fromkeys(statuses, 404)
    for token in ("user:ann", "viewer:ann", "admin:root", "service:ann"):
        assert call("GET", path, token).status_code == 200
    assert call("GET", "/pipeline/batch/nothing").status_code == 404
    assert call("GET", "/pipeline/batch/plan").json["detail"].startswith("There is no batch")


def test_a_viewer_makes_no_batch(call, context):
    assert post(call, [{"input": CONTENT}], "viewer:vic").status_code == 403
    assert post(call, [{"input": CONTENT}], "service:svc").status_code == 202
    assert context.documents.count("batches") == 1

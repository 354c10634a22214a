"""What is taken away of a pipeline, in each form, by whom and when."""

import csv
import io
import json
import zipfile
from typing import Any

import pytest

from common.domain.pipeline import Charge, Outcome, Spec
from common.domain.plan import Plan, Scene
from common.engine import worker
from common.engine.context import Context
from common.engine.task import StepFailed, Task
from common.http import export
from common.observability import audit

CONTENT = "How lighthouses guided ships"
PLAN = Plan(
    title="=Lighthouses",
    lang="en",
    aspect="16:9",
    resolution="1080p",
    scenes=(Scene(id="s1", kind="statement", narration="Say it.", headline="One", frames=90),),
)
FILES = {
    "video.mp4": b"film" * 1000,
    "poster.jpg": b"poster",
    "captions.srt": b"1\n",
    "captions.vtt": b"WEBVTT\n",
    "words.json": b"[]",
    "manifest.json": b'{"pipeline": "it", "notes": []}',
}


@pytest.fixture
def made(call: Any, context: Context) -> str:
    return str(call("POST", "/pipeline/run", json={"content": CONTENT, "title": "=Lighthouses"}).json["id"])


@pytest.fixture
def finished(made: str, context: Context) -> str:
    """A pipeline whose video is delivered."""

    def step(key: str, outcome: Outcome) -> None:
        assert worker.deliver(context, lambda _: outcome, made, key) == "done"

    for name, data in FILES.items():
        context.objects.put(f"delivery/{made}/{name}", data)
    files = {name: f"delivery/{made}/{name}" for name in FILES}
    result = {"files": files, "seconds": 3.0, "width": 1920, "bytes": 4000, "cost": {"variance_percent": -97.3}}
    step("analyze", Outcome(then=(Spec(step="approve", key="approve"),)))
    step("approve", Outcome(result={"plan": PLAN.model_dump(mode="json")}, then=(Spec(step="review", key="review"),)))
    review = {"quality": 0.9, "verdict": "approve", "reason": "good", "reviews": []}
    finding = {"code": "dark", "severity": "warning", "detail": "It is dark."}
    then = (Spec(step="deliver", key="deliver"),)
    step("review", Outcome(result=review, facts={"quality": 0.9, "findings": [finding]}, then=then))
    charge = Charge(key="deliver.x.0", engine="x", version="1", amount=70_000, unit="seconds", quantity=3)
    step("deliver", Outcome(complete=result, charges=(charge,)))
    return made


def fetch(call: Any, pipeline_id: str, form: str = "", token: str = "user:ann", **more: Any) -> Any:
    query = f"?format={form}" if form else ""
    return call("GET", f"/pipeline/{pipeline_id}/export{query}", token, **more)


def test_json_is_everything_under_the_pipelines_name(call, finished):
    answer = fetch(call, finished)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="pipeline-{finished}.json"'
    found = answer.json
    assert set(found) == {
        "pipeline", "request", "plan", "edits", "steps", "events", "costs", "quality", "result", "manifest",
    }  # fmt: skip
    assert (found["pipeline"]["status"], found["request"]["content"]) == ("completed", CONTENT)
    assert found["plan"] == PLAN.model_dump(mode="json")
    assert {step["key"] for step in found["steps"]} == {"analyze", "approve", "review", "deliver"}
    assert [event["seq"] for event in found["events"]] == list(range(1, len(found["events"]) + 1))
    assert found["events"][-1]["type"] == "pipeline.completed"
    assert (found["costs"]["spent"], found["costs"]["ledger"][0]["dollars"]) == (0.07, 0.07)
    assert found["quality"]["score"] == 0.9
    assert found["quality"]["findings"][0]["code"] == "dark"
    assert found["manifest"] == {"pipeline": "it", "notes": []}
    assert fetch(call, finished, "json").json == found


def test_csv_is_the_main_fields_in_one_line_that_nothing_computes(call, finished):
    answer = fetch(call, finished, "csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"].endswith('.csv"')
    [row] = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert (row["id"], row["title"], row["status"]) == (finished, "'=Lighthouses", "completed")
    assert (row["cost_dollars"], row["variance_percent"], row["seconds"]) == ("0.07", "-97.3", "3.0")


def test_zip_is_every_file_with_what_is_known_and_the_log(call, finished):
    answer = fetch(call, finished, "zip")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    assert answer.headers["Content-Disposition"].endswith(f'"pipeline-{finished}.zip"')
    assert "Content-Length" not in answer.headers
    assert "ETag" not in answer.headers
    made = zipfile.ZipFile(io.BytesIO(answer.data))
    assert made.testzip() is None
    assert set(made.namelist()) == {*FILES, "metadata.json", "result.json", "logs/events.jsonl"}
    assert {name: made.read(name) for name in FILES} == FILES
    assert json.loads(made.read("metadata.json"))["request"]["content"] == CONTENT
    assert json.loads(made.read("result.json"))["seconds"] == 3.0
    lines = [json.loads(line) for line in made.read("logs/events.jsonl").decode().splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))


def test_head_says_what_would_come_and_sends_nothing(call, finished):
    answer = call("HEAD", f"/pipeline/{finished}/export?format=zip")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Accept-Ranges"] == "none"


def test_a_range_of_an_archive_is_answered_by_all_of_it(call, finished):
    answer = fetch(call, finished, "zip", headers={"Range": "bytes=0-9"})
    assert answer.status_code == 200
    assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None


def test_before_the_end_json_and_csv_tell_what_is_known_and_zip_is_409(call, made):
    found = fetch(call, made).json
    assert (found["pipeline"]["status"], found["plan"], found["manifest"]) == ("queued", None, None)
    assert fetch(call, made, "csv").status_code == 200
    answer = fetch(call, made, "zip")
    assert (answer.status_code, answer.json["code"]) == (409, "not_finished")
    assert "Retry-After" in answer.headers


def test_a_failed_pipeline_tells_why_and_nothing_of_our_insides(call, made, context):
    def broken(_task: Task) -> Outcome:
        raise StepFailed("error", "KeyError in /srv/secret.py")

    worker.deliver(context, broken, made, "analyze")
    assert fetch(call, made, "zip").json["code"] == "pipeline_failed"
    for form in ("json", "csv"):
        answer = fetch(call, made, form)
        assert answer.status_code == 200
        assert "internal error" in answer.text
        assert "secret.py" not in answer.text


def test_files_that_are_gone_are_410_and_the_rest_is_still_told(call, finished, context):
    context.objects.delete(f"delivery/{finished}/manifest.json")
    answer = fetch(call, finished, "zip")
    assert (answer.status_code, answer.json["code"]) == (410, "files_gone")
    assert fetch(call, finished).json["manifest"] is None


def test_more_than_an_archive_takes_is_413(call, finished, monkeypatch):
    monkeypatch.setattr(export, "MOST_BYTES", 4000)
    answer = fetch(call, finished, "zip")
    assert (answer.status_code, answer.json["code"], answer.json["most_bytes"]) == (413, "export_too_large", 4000)
    assert fetch(call, finished).status_code == 200


@pytest.mark.parametrize("form", ["pdf", "JSON", "zip%00", "1'%20OR%20'1'='1"])
def test_another_form_is_422(call, finished, form):
    answer = fetch(call, finished, form)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/format")


def test_who_takes_what_away_is_in_the_audit_log_and_what_is_refused_is_not(call, finished, context):
    fetch(call, finished, "zip")
    fetch(call, finished, "pdf")
    fetch(call, finished, "json", "user:bob")
    events = audit.newest(context.documents, kind="EXPORT", limit=10)
    assert [(event.actor, event.subject, event.facts) for _, event in events] == [("ann", finished, {"format": "zip"})]


def test_an_export_is_its_owners_admins_and_services_to_take(call, finished):
    for form in ("json", "csv", "zip"):
        assert fetch(call, finished, form, "user:bob").status_code == 404
        assert fetch(call, finished, form, "viewer:vic").status_code == 404
        for token in ("user:ann", "viewer:ann", "service:svc", "admin:root"):
            assert fetch(call, finished, form, token).status_code == 200


def test_text_of_any_kind_is_exported(call, context):
    content = 'Quotes " and \\ and <b>tags</b> and \u2028 and 🎬, then ' + "é" * 50
    made = call("POST", "/pipeline/run", json={"content": content, "title": '";--\u202e'}).json["id"]
    assert fetch(call, made).json["request"]["content"] == content
    assert fetch(call, made, "csv").status_code == 200

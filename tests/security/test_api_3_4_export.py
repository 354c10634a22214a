"""API-3.4: all of a pipeline to take away: as data, as a line of a table, or with its video; streamed and bounded."""

import csv
import io
import json
import tracemalloc
import zipfile
from typing import Any

import pytest

from common.domain.pipeline import Outcome
from common.engine import worker
from common.engine.context import Context
from common.http import archive, export
from common.observability import audit
from common.platform.objects import ObjectStat
from tests.security.test_sec_1_5 import PAYLOADS

FORMS = ("json", "csv", "zip")


def finished(call: Any, context: Context, title: str = "Ships", video: bytes = b"film" * 1000) -> str:
    """A pipeline of ann's whose video is delivered."""
    body = {"content": "How lighthouses guided ships", "title": title}
    pipeline_id = str(call("POST", "/pipeline/run", json=body).json["id"])
    files = {"video.mp4": video, "poster.jpg": b"poster", "captions.srt": b"1", "captions.vtt": b"WEBVTT"}
    for name, data in files.items():
        context.objects.put(f"delivery/{pipeline_id}/{name}", data)
    done = Outcome(complete={"files": {name: f"delivery/{pipeline_id}/{name}" for name in files}, "seconds": 3.0})
    assert worker.deliver(context, lambda _: done, pipeline_id, "analyze") == "done"
    return pipeline_id


def fetch(call: Any, pipeline_id: str, form: str, token: str = "user:ann") -> Any:
    return call("GET", f"/pipeline/{pipeline_id}/export?format={form}", token)


def test_api_3_4_each_form_is_what_it_says(call: Any, context: Context) -> None:
    made = finished(call, context)
    answers = {form: fetch(call, made, form) for form in FORMS}
    for form, answer in answers.items():
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == f'attachment; filename="pipeline-{made}.{form}"'
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert {"request", "plan", "steps", "events", "costs", "quality", "result"} <= set(answers["json"].json)
    assert len(list(csv.reader(io.StringIO(answers["csv"].text, newline="")))) == 2
    packed = zipfile.ZipFile(io.BytesIO(answers["zip"].data))
    assert {"video.mp4", "poster.jpg", "captions.srt", "metadata.json", "result.json"} < set(packed.namelist())
    assert [json.loads(line)["type"] for line in packed.read("logs/events.jsonl").splitlines()] == [
        "pipeline.started",
        "pipeline.completed",
    ]


def test_api_3_4_an_archive_is_sent_in_the_memory_of_a_few_blocks(
    call: Any, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process of its own is measured in tests/e2e/test_export.py, and by scripts/bench export with two gigabytes."""
    monkeypatch.setattr(archive, "BLOCK", 1 << 16)
    made = finished(call, context, video=bytes(40_000_000))
    answer = fetch(call, made, "zip")
    tracemalloc.start()
    sent = sum(len(block) for block in answer.response)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 40_000_000
    assert peak < 2_000_000


def test_api_3_4_up_to_ten_gibibytes(call: Any, context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    made = finished(call, context)
    assert export.MOST_BYTES == 10 * 1024**3

    def of_size(size: int) -> Any:
        return lambda key: ObjectStat(key, size if key.endswith(".mp4") else 0, "0" * 64)

    monkeypatch.setattr(context.objects, "stat", of_size(10 * 1024**3))
    assert call("HEAD", f"/pipeline/{made}/export?format=zip").status_code == 200
    monkeypatch.setattr(context.objects, "stat", of_size(10 * 1024**3 + 1))
    answer = fetch(call, made, "zip")
    assert (answer.status_code, answer.json["code"]) == (413, "export_too_large")


def test_api_3_4_sixty_exports_a_minute(call: Any, context: Context) -> None:
    made = finished(call, context)
    statuses = [fetch(call, made, "csv").status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    assert fetch(call, made, "csv", "admin:root").status_code == 200


def test_api_3_4_a_foreign_pipeline_is_404_in_every_form(call: Any, context: Context) -> None:
    made = finished(call, context)
    for form in FORMS:
        for token in ("user:bob", "viewer:bob"):
            assert fetch(call, made, form, token).status_code == 404
            assert fetch(call, "0123456789abcdef0123", form, token).status_code == 404
        assert call("GET", f"/pipeline/{made}/export?format={form}", "nobody").status_code == 401
    assert audit.newest(context.documents, kind="EXPORT", limit=9) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_api_3_4_payloads_in_a_title_are_data_in_every_form(call: Any, context: Context, payload: str) -> None:
    title = payload[:200]
    made = finished(call, context, title=title)
    assert fetch(call, made, "json").json["request"]["title"] == title
    [_, line] = csv.reader(io.StringIO(fetch(call, made, "csv").text, newline=""))
    assert not line[1].startswith(("=", "+", "-", "@", "\t", "\r"))
    packed = zipfile.ZipFile(io.BytesIO(fetch(call, made, "zip").data))
    assert json.loads(packed.read("metadata.json"))["request"]["title"] == title
    assert all(not name.startswith(("/", "..")) for name in packed.namelist())

"""Webhooks under If-Match: nobody changes or removes what they have not seen."""

from typing import Any

import pytest

from common.engine import webhooks
from common.engine.context import Context
from common.platform.documents import Unavailable

NEW = {"event_type": "pipeline.completed", "url": "https://hooks.example.com/aiprod"}


@pytest.fixture
def hook(call: Any) -> str:
    answer = call("POST", "/webhooks", json=NEW)
    assert answer.status_code == 201, answer.text
    return f"/webhooks/{answer.json['id']}"


def seen(call: Any, hook: str) -> dict[str, str]:
    return {"If-Match": call("GET", hook).headers["ETag"]}


def test_a_change_of_what_was_seen_is_made_and_says_the_tag_of_what_is_now(call: Any, hook: str):
    changed = call("PATCH", hook, json={"retries": 5}, headers=seen(call, hook))
    assert (changed.status_code, changed.json["retries"]) == (200, 5)
    assert changed.headers["ETag"] == call("GET", hook).headers["ETag"]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_what_somebody_else_changed_meanwhile_stays_as_they_left_it(call: Any, hook: str, method: str):
    old = seen(call, hook)
    call("PATCH", hook, json={"description": "theirs"})
    more = {"json": {"description": "ours"}} if method == "PATCH" else {}
    late = call(method, hook, headers=old, **more)
    assert (late.status_code, late.json["code"]) == (412, "precondition_failed")
    assert late.headers["ETag"] == call("GET", hook).headers["ETag"]
    assert call("GET", hook).json["description"] == "theirs"
    assert call(method, hook, headers=seen(call, hook), **more).status_code == (200 if method == "PATCH" else 204)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_rival_who_writes_between_the_look_and_the_commit_wins(
    call: Any, hook: str, context: Context, monkeypatch: pytest.MonkeyPatch, method: str
):
    old = seen(call, hook)
    commit = context.documents.commit

    def raced(writes: Any) -> None:
        if any(write.path == hook.removeprefix("/") for write in writes):
            monkeypatch.setattr(context.documents, "commit", commit)
            webhooks.change(context, hook.rpartition("/")[2], lambda found, _: found.but(description="theirs"))
        commit(writes)

    monkeypatch.setattr(context.documents, "commit", raced)
    more = {"json": {"description": "ours"}} if method == "PATCH" else {}
    assert call(method, hook, headers=old, **more).status_code == 412
    assert call("GET", hook).json["description"] == "theirs"


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_commit_whose_answer_was_lost_is_not_taken_for_a_rivals(
    call: Any, hook: str, context: Context, monkeypatch: pytest.MonkeyPatch, method: str
):
    old = seen(call, hook)
    commit = context.documents.commit

    def unheard(writes: Any) -> None:
        commit(writes)
        if any(write.path == hook.removeprefix("/") for write in writes):
            monkeypatch.setattr(context.documents, "commit", commit)
            raise Unavailable("no answer")

    monkeypatch.setattr(context.documents, "commit", unheard)
    more = {"json": {"description": "ours"}} if method == "PATCH" else {}
    assert call(method, hook, headers=old, **more).status_code == (200 if method == "PATCH" else 204)
    assert (call("GET", hook).status_code == 404) == (method == "DELETE")

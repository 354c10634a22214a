"""The pipeline endpoints, from acceptance to result, as each role sees them."""

from typing import Any

import pytest

from common.domain.pipeline import Outcome, Pipeline, Spec
from common.domain.plan import Plan, Scene
from common.engine import control, worker
from common.engine.context import Context
from common.engine.task import StepFailed, Task
from common.platform.documents import Conflict, Unavailable
from functions.api import approve_pipeline

CONTENT = "How lighthouses guided ships"

PLAN = Plan(
    title="Lighthouses",
    lang="en",
    aspect="16:9",
    resolution="1080p",
    look="ink",
    scenes=tuple(
        Scene(id=name, kind="statement", narration=f"Say {name}.", headline=name, frames=90) for name in ("s1", "s2")
    ),
)


@pytest.fixture
def run(call: Any) -> Any:
    def send(token: str = "user:ann", **body: Any) -> Any:
        return call("POST", "/pipeline/run", token, json={"content": CONTENT, **body})

    return send


def step(context: Context, pipeline_id: str, key: str, outcome: Outcome) -> None:
    """Have a worker do one step with this outcome."""

    def handler(_task: Task) -> Outcome:
        return outcome

    assert worker.deliver(context, handler, pipeline_id, key) == "done"


def wait_for_approval(context: Context, pipeline_id: str) -> None:
    then = (Spec(step="approve", key="approve"),)
    step(context, pipeline_id, "analyze", Outcome(then=then, title="Lighthouses"))
    step(context, pipeline_id, "approve", Outcome(park=True, result={"plan": PLAN.model_dump(mode="json")}))


def complete(context: Context, pipeline_id: str) -> None:
    context.objects.put(f"delivery/{pipeline_id}/video.mp4", b"film", content_type="video/mp4")
    result = {"files": {"video.mp4": f"delivery/{pipeline_id}/video.mp4"}, "seconds": 6.0, "quality": 0.93}
    step(context, pipeline_id, "analyze", Outcome(complete=result, facts={"quality": 0.93}))


def fail(context: Context, pipeline_id: str) -> None:
    def handler(_task: Task) -> Outcome:
        raise StepFailed("content_refused", "It asks for what we do not make.")

    worker.deliver(context, handler, pipeline_id, "analyze")


def test_an_accepted_pipeline_is_202_with_everything_to_follow_it(run, context, posted):
    response = run(preset="brand_campaign", title="Ships", budget=1.25)
    found = response.json
    at = f"http://api.test/pipeline/{found['id']}"
    assert response.status_code == 202
    assert response.headers["Location"] == at
    assert found == {
        "id": found["id"],
        "status": "queued",
        "stage": "analyze",
        "progress": 0.0,
        "preset": "brand_campaign",
        "title": "Ships",
        "cost": {"cap": 1.25, "spent": 0.0, "reserved": 0.0},
        "links": {
            "self": at,
            **{name: f"{at}/{name}" for name in ("result", "cancel", "approve", "plan", "costs", "events", "export")},
            "hls": f"{at}/hls/master.m3u8",
            "stream": f"{at}/events/stream",
            "socket": f"ws://api.test/ws/pipeline/{found['id']}",
        },
    }
    assert posted.sent == [("analyze", {"pipeline_id": found["id"], "step": "analyze", "key": "analyze"})]
    assert control.load(context, found["id"]).owner == "ann"


def test_input_is_another_name_of_content(call):
    assert call("POST", "/pipeline/run", json={"input": CONTENT}).status_code == 202
    both = call("POST", "/pipeline/run", json={"input": CONTENT, "content": CONTENT})
    assert (both.status_code, both.json["errors"][0]["pointer"]) == (422, "#/input")


def test_one_key_makes_one_pipeline_even_when_the_first_answer_was_lost(call, context, monkeypatch):
    taken = context.documents.commit

    def lose(writes: Any) -> None:
        taken(writes)
        if any(write.path.startswith("pipelines/") for write in writes):
            raise Unavailable("the answer was lost")

    send = {"json": {"content": CONTENT}, "headers": {"Idempotency-Key": "k"}}
    monkeypatch.setattr(context.documents, "commit", lose)
    first = call("POST", "/pipeline/run", **send)
    monkeypatch.undo()
    again = call("POST", "/pipeline/run", **send)
    assert first.status_code == again.status_code == 202
    assert first.json["id"] == again.json["id"]
    assert context.documents.count("pipelines") == 1


def test_a_store_that_stays_away_is_503_and_the_repeat_makes_the_one_pipeline(call, context, monkeypatch):
    def away(*_args: Any, **_more: Any) -> Pipeline:
        raise Unavailable("away")

    send = {"json": {"content": CONTENT}, "headers": {"Idempotency-Key": "k"}}
    monkeypatch.setattr(control, "submit", away)
    assert call("POST", "/pipeline/run", **send).status_code == 503
    monkeypatch.undo()
    assert call("POST", "/pipeline/run", **send).status_code == 202
    assert context.documents.count("pipelines") == 1


@pytest.mark.parametrize(("times", "status"), [(1, 202), (99, 503)])
def test_a_store_too_busy_for_a_commit_is_asked_again_and_is_503_at_last(call, context, monkeypatch, times, status):
    commit, refused = context.documents.commit, []

    def busy(writes: Any) -> None:
        if any(write.path.startswith("pipelines/") for write in writes) and len(refused) < times:
            refused.append(writes)
            raise Conflict("too much contention")  # which Firestore may say of a new document, too
        commit(writes)

    monkeypatch.setattr(context.documents, "commit", busy)
    made = call("POST", "/pipeline/run", json={"content": CONTENT})
    assert made.status_code == status
    assert context.documents.count("pipelines") == (status == 202)


def test_a_viewer_makes_nothing_and_nobody_does_without_a_token(run, client):
    assert run("viewer:vic").status_code == 403
    assert client.post("/pipeline/run", json={"content": CONTENT}).status_code == 401


def test_get_shows_what_is_known(run, call, context):
    made = run().json
    fail(context, made["id"])
    found = call("GET", f"/pipeline/{made['id']}").json
    assert {**made, "status": "failed"} == {name: found[name] for name in made}
    assert found["error"] == {
        "code": "content_refused",
        "detail": "It asks for what we do not make.",
        "step": "analyze",
    }
    assert found["created_at"] == "2026-01-01T00:00:00Z"
    assert (found["plan"], found["quality"]) == (None, None)


def test_get_answers_304_until_something_changes(run, call, context):
    path = f"/pipeline/{run().json['id']}"
    tag = call("GET", path).headers["ETag"]
    assert call("GET", path, headers={"If-None-Match": tag}).status_code == 304
    wait_for_approval(context, path.rsplit("/", 1)[1])
    assert call("GET", path, headers={"If-None-Match": tag}).status_code == 200


def test_the_result_is_202_while_running_and_links_when_completed(run, call, context):
    made = run().json
    waiting = call("GET", f"/pipeline/{made['id']}/result")
    assert (waiting.status_code, waiting.json, waiting.headers["Retry-After"]) == (202, made, "5")
    complete(context, made["id"])
    done = call("GET", f"/pipeline/{made['id']}/result")
    assert done.status_code == 200
    assert (done.json["status"], done.json["seconds"], done.json["progress"]) == ("completed", 6.0, 1.0)
    assert done.json["files"]["video.mp4"].startswith(
        f"http://api.test/objects/delivery/{made['id']}/video.mp4?expires="
    )
    assert done.json["links_expire_at"] == "2026-01-01T01:00:00+00:00"


def test_the_result_of_a_failed_or_cancelled_pipeline_is_409_with_the_reason(run, call, context):
    failed, cancelled = run().json["id"], run().json["id"]
    fail(context, failed)
    call("POST", f"/pipeline/{cancelled}/cancel")
    found = call("GET", f"/pipeline/{failed}/result")
    assert (found.status_code, found.json["code"]) == (409, "pipeline_failed")
    assert found.json["failure"]["code"] == "content_refused"
    assert "what we do not make" in found.json["detail"]
    assert call("GET", f"/pipeline/{cancelled}/result").json["code"] == "pipeline_cancelled"


def test_a_failure_tells_nothing_of_our_insides(run, call, context):
    made = run().json["id"]

    def broken(_task: Task) -> Outcome:
        raise StepFailed("error", "KeyError: '/srv/secret/path'")

    worker.deliver(context, broken, made, "analyze")
    shown = call("GET", f"/pipeline/{made}").json["error"]
    assert shown["detail"] == (
        "analyze ended with an internal error; the service's log has it under this pipeline's id."
    )
    assert "secret" not in call("GET", f"/pipeline/{made}/result").text


def test_cancel_ends_it_once_and_for_all(run, call, context, posted):
    made = run().json
    for _ in range(2):
        response = call("POST", f"/pipeline/{made['id']}/cancel")
        assert (response.status_code, response.json["status"]) == (200, "cancelled")
    assert posted.cancelled[0] == f"{made['id']}."


def test_cancel_of_a_pipeline_that_ended_otherwise_is_409(run, call, context):
    made = run().json
    complete(context, made["id"])
    response = call("POST", f"/pipeline/{made['id']}/cancel")
    assert (response.status_code, response.json["code"]) == (409, "already_ended")


def test_a_waiting_plan_is_shown_and_accepted(run, call, context, posted):
    made = run().json
    wait_for_approval(context, made["id"])
    shown = call("GET", f"/pipeline/{made['id']}").json
    assert shown["status"] == "awaiting_approval"
    assert Plan.model_validate(shown["plan"]) == PLAN
    response = call("POST", f"/pipeline/{made['id']}/approve")
    assert (response.status_code, response.json["status"]) == (200, "processing")
    result = control.result_of(context, made["id"], "approve")
    assert (result["edits"], result["by"], result["note"]) == ([], "ann", "")
    assert ("generate_visual", {"pipeline_id": made["id"], "step": "generate_visual", "key": "generate_visual.s1"}) in (
        posted.sent
    )


def edited(**fields: Any) -> dict[str, Any]:
    plan = PLAN.model_dump(mode="json")
    plan["scenes"][0].update(fields)
    return plan


def test_an_edited_plan_is_used_and_every_edit_is_kept(run, call, context):
    made = run().json
    wait_for_approval(context, made["id"])
    body = {"plan": edited(narration="Say it louder."), "note": "louder"}
    assert call("POST", f"/pipeline/{made['id']}/approve", json=body).status_code == 200
    result = control.result_of(context, made["id"], "approve")
    assert result["plan"] == body["plan"]
    assert result["edits"] == [{"pointer": "/scenes/0/narration", "before": "Say s1.", "after": "Say it louder."}]
    assert result["note"] == "louder"


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"plan": {**PLAN.model_dump(mode="json"), "look": "neon"}}, "edit_refused", "#/plan/look"),
        ({"plan": {**PLAN.model_dump(mode="json"), "scenes": []}}, "invalid_request", "#/plan/scenes"),
        ({"plan": edited(frames=0)}, "invalid_request", "#/plan/scenes/0/frames"),
        ({"plan": edited(headlin="x")}, "invalid_request", "#/plan/scenes/0/headlin"),
        ({"plan": edited(frames=30 * 60)}, "edit_refused", "#/plan/scenes"),
        ({"plan": edited(id="s2")}, "invalid_request", "#/plan"),
        ({"plam": {}}, "invalid_request", "#/plam"),
    ],
)
def test_an_edit_that_is_not_allowed_is_422_and_the_plan_still_waits(run, call, context, body, code, pointer):
    made = run().json
    wait_for_approval(context, made["id"])
    response = call("POST", f"/pipeline/{made['id']}/approve", json=body)
    assert (response.status_code, response.json["code"]) == (422, code)
    assert response.json["errors"][0]["pointer"] == pointer
    assert control.load(context, made["id"]).status == "awaiting_approval"


def test_an_edit_is_moderated_like_a_request(run, call, context):
    made = run().json
    wait_for_approval(context, made["id"])
    body = {"plan": edited(narration="Step by step instructions how to build a pipe bomb at home with nails")}
    response = call("POST", f"/pipeline/{made['id']}/approve", json=body)
    assert (response.status_code, response.json["code"]) == (422, "content_refused")


def test_nothing_to_approve_is_409(run, call, context):
    made = run().json
    response = call("POST", f"/pipeline/{made['id']}/approve")
    assert (response.status_code, response.json["code"]) == (409, "not_waiting")
    wait_for_approval(context, made["id"])
    assert call("POST", f"/pipeline/{made['id']}/approve").status_code == 200
    assert call("POST", f"/pipeline/{made['id']}/approve").status_code == 409


def test_an_approval_under_one_key_is_made_once_and_answered_alike(run, call, context, posted):
    made = run().json
    wait_for_approval(context, made["id"])
    path, key = f"/pipeline/{made['id']}/approve", {"Idempotency-Key": "k1"}
    first = call("POST", path, headers=key)
    sent = len(posted.sent)
    again = call("POST", path, headers=key)
    assert (first.status_code, again.status_code, again.json) == (200, 200, first.json)
    assert len(posted.sent) == sent


def test_an_approval_that_was_made_and_never_answered_is_answered_to_its_repeat(run, call, context, monkeypatch):
    made = run().json
    wait_for_approval(context, made["id"])
    path, key = f"/pipeline/{made['id']}/approve", {"Idempotency-Key": "k1"}

    def broken(*_: Any) -> None:
        raise RuntimeError("the process ended")

    with monkeypatch.context() as dying:
        dying.setattr(approve_pipeline, "view", broken)
        assert call("POST", path, headers=key).status_code == 500
    assert control.load(context, made["id"]).status == "processing"
    again = call("POST", path, headers=key)
    assert (again.status_code, again.json["status"]) == (200, "processing")
    assert call("POST", path, headers={"Idempotency-Key": "k2"}).status_code == 409
    assert call("POST", path).status_code == 409


def test_an_approval_by_the_tag_of_the_plan_accepts_what_was_seen_and_nothing_else(run, call, context):
    made = run(preset="brand_campaign").json
    wait_for_approval(context, made["id"])
    page = f"/pipeline/{made['id']}/plan"
    seen = {"If-Match": call("GET", page).headers["ETag"]}
    assert call("PATCH", page, json={"scenes": {"s1": {"headline": "Theirs"}}}).status_code == 200
    late = call("POST", f"/pipeline/{made['id']}/approve", headers=seen)
    assert (late.status_code, late.json["code"]) == (412, "precondition_failed")
    assert control.load(context, made["id"]).status == "awaiting_approval"
    seen = {"If-Match": call("GET", page).headers["ETag"]}
    assert call("POST", f"/pipeline/{made['id']}/approve", headers=seen).status_code == 200
    assert control.result_of(context, made["id"], "approve")["plan"]["scenes"][0]["headline"] == "Theirs"


OPERATIONS = [("GET", ""), ("GET", "/result"), ("POST", "/cancel"), ("POST", "/approve")]


@pytest.mark.parametrize(("method", "suffix"), OPERATIONS)
@pytest.mark.parametrize("name", ["nobody", "a" * 65, "..", "%2e%2e", "a%00b", "é", "a b", "steps%2Fanalyze"])
def test_an_unknown_id_is_404_for_every_operation(call, method, suffix, name):
    response = call(method, f"/pipeline/{name}{suffix}")
    assert (response.status_code, response.json["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("token", "statuses"),
    [
        ("admin:root", (200, 202, 200, 409)),
        ("user:bob", (404, 404, 404, 404)),
        ("viewer:bob", (404, 404, 403, 403)),
        ("service:bot", (404, 202, 403, 403)),
        # A viewer of the same name as the owner looks at their own.
        ("viewer:ann", (200, 202, 403, 403)),
        ("user:ann", (200, 202, 200, 409)),
    ],
)
def test_who_sees_a_pipeline_of_ann(run, call, token, statuses):
    made = run().json
    found = tuple(call(method, f"/pipeline/{made['id']}{suffix}", token).status_code for method, suffix in OPERATIONS)
    assert found == statuses


def test_a_foreign_pipeline_and_an_unknown_one_look_the_same(run, call):
    made = run().json["id"]
    foreign = call("GET", f"/pipeline/{made}", "user:bob").json
    unknown = call("GET", f"/pipeline/{'0' * 20}", "user:bob").json
    assert foreign["detail"].replace(made, "") == unknown["detail"].replace("0" * 20, "")
    assert foreign.keys() == unknown.keys()

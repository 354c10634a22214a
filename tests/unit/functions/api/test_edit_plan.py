"""Editing a plan: while it waits it is replaced, and of a finished video another version is made."""

from collections.abc import Callable
from typing import Any

import pytest

from common.domain.pipeline import Charge, Outcome, Spec
from common.domain.plan import Plan, Scene
from common.engine import control, editing, revision, store, worker
from common.engine.context import Context
from common.engine.invariants import observe, state
from common.engine.task import StepFailed, Task
from common.http.events import public
from common.platform.documents import Conflict, Unavailable
from functions.catalogue import CATALOGUE
from functions.steps.approve import accepted
from tests.http_world import Posted

CONTENT = "How lighthouses guided ships"

PLAN = Plan(
    title="Lighthouses",
    lang="en",
    aspect="16:9",
    resolution="1080p",
    look="ink",
    scenes=tuple(
        Scene(id=name, kind="statement", narration=f"Say {name}.", headline=name, frames=90)
        for name in ("s1", "s2", "s3")
    ),
)
FACTS = {"complexity": 0.2, "track": "fast", "engines": {"visuals": "runway-fast"}, "quality": 0.9, "segments": 7}
TWO = {"scenes": {"s2": {"headline": "Two"}}}


def step(context: Context, pipeline_id: str, key: str, outcome: Outcome) -> None:
    """Have a worker do one step with this outcome."""
    assert worker.deliver(context, lambda _: outcome, pipeline_id, key) == "done"


@pytest.fixture
def made(call: Any, context: Context) -> Callable[..., str]:
    """A pipeline whose plan waits."""

    def make(token: str = "user:ann", **body: Any) -> str:
        body = {"content": CONTENT, "preset": "brand_campaign", "title": "Lighthouses", **body}
        pipeline_id: str = call("POST", "/pipeline/run", token, json=body).json["id"]
        then = (Spec(step="direct", key="direct"),)
        step(context, pipeline_id, "analyze", Outcome(then=then, facts=FACTS, cap=900_000))
        plan = {"plan": PLAN.model_dump(mode="json")}
        step(context, pipeline_id, "direct", Outcome(result=plan, then=(Spec(step="approve", key="approve"),)))
        step(context, pipeline_id, "approve", Outcome(park=True, result=plan))
        return pipeline_id

    return make


@pytest.fixture
def finished(made: Callable[..., str], context: Context) -> Callable[..., str]:
    """A pipeline whose video is delivered, at a cost."""

    def make(token: str = "user:ann", spent: int = 0, **body: Any) -> str:
        pipeline_id = made(token, **body)
        control.resume(context, pipeline_id, "approve", accepted(PLAN, ()))
        finish(context, pipeline_id, spent)
        return pipeline_id

    return make


def finish(context: Context, pipeline_id: str, spent: int = 0) -> None:
    """Do every run that is left, the picture of s1 with another engine than was planned."""
    for key in control.load(context, pipeline_id).parts:
        part = control.load(context, pipeline_id).parts[key]
        if part.state == "ready" and part.step.startswith("generate"):
            engine = ["local-visuals" if key.endswith("s1") else "runway-fast", "1"]
            work = [{"name": key, "engine": engine}] if part.step == "generate_visual" else []
            step(context, pipeline_id, key, Outcome(result={"work": work}))
    charges = (Charge(key="render.x", engine="x", version="1", amount=spent),)
    step(context, pipeline_id, "render", Outcome(charges=charges, complete={"files": {}}))


def edit(call: Any, pipeline_id: str, token: str = "user:ann", patch: Any = TWO, **more: Any) -> Any:
    return call("PATCH", f"/pipeline/{pipeline_id}/plan", token, json=patch, **more)


def sound(context: Context, pipeline_id: str) -> None:
    """Every promise of the engine holds of the pipeline."""
    assert state(observe(context.documents, pipeline_id)[0], CATALOGUE) == []


def test_a_waiting_plan_is_replaced_and_goes_on_waiting(call, made, context):
    pipeline_id = made()
    answer = edit(call, pipeline_id)
    assert (answer.status_code, answer.json["status"]) == (200, "awaiting_approval")
    assert answer.json["plan"]["scenes"][1]["headline"] == "Two"
    assert call("GET", f"/pipeline/{pipeline_id}").json["plan"] == answer.json["plan"]
    assert control.load(context, pipeline_id).status == "awaiting_approval"
    assert call("POST", f"/pipeline/{pipeline_id}/approve").status_code == 200
    result = control.result_of(context, pipeline_id, "approve")
    assert result["plan"]["scenes"][1]["headline"] == "Two"
    sound(context, pipeline_id)


def test_every_edit_is_kept_with_before_and_after_and_who_and_when(call, made, context, clock):
    pipeline_id = made()
    edit(call, pipeline_id, patch={**TWO, "note": "shorter"})
    clock.advance(60)
    edit(call, pipeline_id, "admin:root", patch={"scenes": {"s3": None}})
    plan = PLAN.model_copy(
        update={"scenes": (PLAN.scenes[0], PLAN.scenes[1].model_copy(update={"headline": "Two", "frames": 80}))}
    )
    call("POST", f"/pipeline/{pipeline_id}/approve", json={"plan": plan.model_dump(mode="json"), "note": "go"})
    shown = call("GET", f"/pipeline/{pipeline_id}/plan").json
    assert shown["waiting"] is False
    assert [(one["by"], one["note"]) for one in shown["edits"]] == [("ann", "shorter"), ("root", ""), ("ann", "go")]
    assert shown["edits"][0]["changes"] == [{"pointer": "/scenes/1/headline", "before": "s2", "after": "Two"}]
    assert shown["edits"][1]["changes"][0]["before"]["id"] == "s3"
    assert shown["edits"][2]["changes"] == [{"pointer": "/scenes/1/frames", "before": 90, "after": 80}]
    told = [public(event) for event in store.events(context.documents, pipeline_id)]
    edited = [event.data for event in told if event.type == "pipeline.plan_edited"]
    assert edited == [{"status": "awaiting_approval", "changes": 1}] * 2


def test_an_edit_without_changes_changes_nothing(call, made, finished, context):
    for pipeline_id in (made(), finished()):
        before = control.load(context, pipeline_id)
        answer = edit(call, pipeline_id, patch={"scenes": {"s2": {"headline": "s2"}}})
        assert (answer.status_code, answer.json["id"]) == (200, pipeline_id)
        assert control.load(context, pipeline_id) == before
    assert context.documents.count("pipelines") == 2


@pytest.mark.parametrize(
    ("patch", "pointer", "code"),
    [
        ({"scenes": {"s2": {"lines": ["x"] * 13}}}, "#/scenes/s2/lines", "edit_refused"),
        ({"scenes": {"s2": {"frames": 90_000}}}, "#/scenes", "edit_refused"),
        ({"scenes": {"s9": None}}, "#/scenes/s9", "edit_refused"),
        ({"order": ["s1"]}, "#/order", "edit_refused"),
        ({"voice": "x" * 51}, "#/voice", "edit_refused"),
        ({"scenes": {"s2": {"lines": 5}}}, "#/scenes/s2/lines", "invalid_request"),
        ({"scenes": {"s2": {"frames": 10**400}}}, "#/scenes/s2/frames", "invalid_request"),
        ({"look": "neon"}, "#", "invalid_request"),
        ({"scenes": {"s2": {"media": None}}}, "#/scenes/s2", "invalid_request"),
        ({"scenes": [1]}, "#/scenes", "invalid_request"),
        ({"headline": "x"}, "#/headline", "invalid_request"),
    ],
)
def test_an_edit_that_is_not_allowed_is_refused_by_its_place(call, made, finished, context, patch, pointer, code):
    for pipeline_id in (made(), finished()):
        answer = edit(call, pipeline_id, patch=patch)
        assert (answer.status_code, answer.json["code"]) == (422, code), answer.json
        assert answer.json["errors"][0]["pointer"] == pointer
        assert control.result_of(context, pipeline_id, "approve")["plan"] == PLAN.model_dump(mode="json")
    assert context.documents.count("pipelines") == 2


def test_what_must_not_be_said_is_refused(call, made, finished):
    patch = {"scenes": {"s2": {"narration": "How to build a pipe bomb at home, step by step."}}}
    for pipeline_id in (made(), finished()):
        answer = edit(call, pipeline_id, patch=patch)
        assert (answer.status_code, answer.json["code"]) == (422, "content_refused")


def test_an_edit_by_its_tag_is_made_once_and_a_later_one_with_it_is_412(call, made):
    pipeline_id = made()
    tag = call("GET", f"/pipeline/{pipeline_id}/plan").headers["ETag"]
    first = edit(call, pipeline_id, headers={"If-Match": tag})
    assert first.status_code == 200
    late = edit(call, pipeline_id, patch={"voice": "deep"}, headers={"If-Match": tag})
    assert (late.status_code, late.json["code"]) == (412, "precondition_failed")
    assert first.headers["ETag"] == call("GET", f"/pipeline/{pipeline_id}/plan").headers["ETag"]
    assert (
        edit(call, pipeline_id, patch={"voice": "deep"}, headers={"If-Match": first.headers["ETag"]}).status_code == 200
    )


def test_an_edit_whose_answer_was_lost_is_made_once(call, made, context, monkeypatch):
    pipeline_id = made()
    commit, lost = context.documents.commit, []

    def lose(writes: Any) -> None:
        commit(writes)
        if any("/edits/" in write.path for write in writes) and not lost:
            lost.append(writes)
            raise Unavailable("the answer was lost")

    monkeypatch.setattr(context.documents, "commit", lose)
    assert edit(call, pipeline_id).status_code == 200
    assert len(editing.history(context.documents, pipeline_id)) == 1
    sound(context, pipeline_id)


def test_two_edits_at_once_are_both_made(call, made, context, monkeypatch):
    pipeline_id = made()
    commit, raced = context.documents.commit, []

    def race(writes: Any) -> None:
        if any("/edits/" in write.path for write in writes) and not raced:
            raced.append(writes)
            assert edit(call, pipeline_id, patch={"voice": "deep"}).status_code == 200
        commit(writes)

    monkeypatch.setattr(context.documents, "commit", race)
    assert edit(call, pipeline_id).status_code == 200
    plan = call("GET", f"/pipeline/{pipeline_id}/plan").json["plan"]
    assert (plan["voice"], plan["scenes"][1]["headline"]) == ("deep", "Two")


def test_a_plan_that_was_edited_while_it_was_approved_is_not_accepted_unseen(call, made, context, monkeypatch):
    pipeline_id = made()
    waiting = control.waiting_step

    def late(*words: Any) -> str:
        key = waiting(*words)
        found = control.result_of

        def then(*more: Any) -> Any:
            result = found(*more)
            monkeypatch.setattr(control, "result_of", found)
            assert edit(call, pipeline_id).status_code == 200
            return result

        monkeypatch.setattr(control, "result_of", then)
        return key

    monkeypatch.setattr(control, "waiting_step", late)
    answer = call("POST", f"/pipeline/{pipeline_id}/approve")
    assert (answer.status_code, answer.json["code"]) == (409, "plan_changed")
    assert control.load(context, pipeline_id).status == "awaiting_approval"


def test_a_finished_video_gets_a_revision_and_stays_as_it_is(call, finished, context, posted: Posted):
    pipeline_id = finished()
    before = control.load(context, pipeline_id)
    posted.sent.clear()
    answer = edit(call, pipeline_id, patch={**TWO, "note": "again"})
    born = control.load(context, answer.json["id"])
    assert (answer.status_code, answer.headers["Location"]) == (202, f"http://api.test/pipeline/{born.id}")
    assert control.load(context, pipeline_id) == before
    assert (born.revision_of, born.owner, born.status, answer.json["revision_of"]) == (
        pipeline_id,
        "ann",
        "queued",
        pipeline_id,
    )
    assert {key for key, part in born.parts.items() if part.state == "done"} == {"analyze", "direct", "approve"}
    assert sorted(key for key, part in born.parts.items() if part.state == "ready") == sorted(
        data["key"] for _, data in posted.sent
    )
    assert born.facts == {name: FACTS[name] for name in ("complexity", "track", "engines")} | {
        "scenes": 3,
        "seconds": 9.0,
    }
    plan = call("GET", f"/pipeline/{born.id}/plan").json
    assert plan["plan"]["scenes"][1]["headline"] == "Two"
    assert plan["edits"][0]["changes"] == [{"pointer": "/scenes/1/headline", "before": "s2", "after": "Two"}]
    [event] = store.events(context.documents, born.id)
    assert public(event).data == {"status": "queued", "of": pipeline_id, "kept": 3}
    sound(context, born.id)
    finish(context, born.id)
    sound(context, born.id)


def test_a_scene_that_stays_keeps_to_the_engine_and_the_take_that_made_it(call, finished, context):
    born = edit(call, finished()).json["id"]
    inputs = {row.key: row.input for row in store.steps(context.documents, born) if row.step == "generate_visual"}
    assert inputs == {
        "generate_visual.s1": {"scene": "s1", "engine": "local-visuals"},
        "generate_visual.s2": {"scene": "s2"},
        "generate_visual.s3": {"scene": "s3", "engine": "runway-fast"},
    }


def test_only_the_edited_scene_of_a_finished_video_is_drawn_otherwise(call, finished, context):
    castles = {name: {"headline": "A castle"} for name in ("s1", "s3")}
    first = edit(call, finished(), patch={"scenes": {"s2": {"headline": "A rocket"}, **castles}}).json["id"]
    assert drawn(context, first) == {"s1": "castle", "s2": "rocket", "s3": None}
    finish(context, first)
    second = edit(call, first, patch={"scenes": {"s1": {"headline": "A rocket"}}}).json["id"]
    assert drawn(context, second) == {"s1": None, "s2": "rocket", "s3": None}


def drawn(context: Context, pipeline_id: str) -> dict[str, str | None]:
    found: dict[str, str | None] = control.result_of(context, pipeline_id, "approve")["drawings"]
    return found


def test_one_key_makes_one_revision_even_when_its_answer_was_lost(call, finished, context, monkeypatch):
    pipeline_id = finished()
    commit = context.documents.commit

    def lose(writes: Any) -> None:
        commit(writes)
        if any("/revisions/" in write.path for write in writes):
            raise Unavailable("the answer was lost")

    monkeypatch.setattr(context.documents, "commit", lose)
    first = edit(call, pipeline_id, headers={"Idempotency-Key": "k"})
    monkeypatch.undo()
    again = edit(call, pipeline_id, headers={"Idempotency-Key": "k"})
    assert (first.status_code, first.json["id"]) == (again.status_code, again.json["id"]) == (202, first.json["id"])
    assert context.documents.count("pipelines") == 2


def test_revisions_share_what_their_first_has_left_and_never_more(call, finished, context):
    """The preset allows 0.1425 for nine seconds; the request gave 0.1, of which 0.04 was spent."""
    pipeline_id = finished(budget=0.1, spent=40_000)
    first = edit(call, pipeline_id).json
    assert first["cost"]["cap"] == 0.06
    assert edit(call, pipeline_id, patch={"voice": "deep"}).json["cost"]["cap"] == 0.0
    finish(context, first["id"], spent=25_000)
    third = edit(call, first["id"], patch={"voice": "dark"}).json
    assert third["cost"]["cap"] == 0.035
    assert third["revision_of"] == first["id"]


def test_two_revisions_at_once_do_not_both_take_what_is_left(call, finished, context, monkeypatch):
    pipeline_id = finished(budget=0.1, spent=40_000)
    commit, caps = context.documents.commit, []

    def race(writes: Any) -> None:
        if any("/revisions/" in write.path for write in writes) and not caps:
            caps.append(0.0)
            caps.append(edit(call, pipeline_id, patch={"voice": "deep"}).json["cost"]["cap"])
        commit(writes)

    monkeypatch.setattr(context.documents, "commit", race)
    caps.append(edit(call, pipeline_id).json["cost"]["cap"])
    assert sorted(caps[1:]) == [0.0, 0.06]


def test_a_budget_of_its_own_is_new_money_under_the_price_of_the_preset(call, finished):
    pipeline_id = finished(budget=0.1, spent=100_000)
    assert edit(call, pipeline_id).json["cost"]["cap"] == 0.0
    assert edit(call, pipeline_id, patch={**TWO, "budget": 0.07}).json["cost"]["cap"] == 0.07
    assert edit(call, pipeline_id, patch={**TWO, "budget": 900.0}).json["cost"]["cap"] == 0.1425


def test_one_video_is_not_revised_without_end(call, finished, monkeypatch):
    monkeypatch.setattr(revision, "MOST", 1)
    pipeline_id = finished()
    assert edit(call, pipeline_id).status_code == 202
    answer = edit(call, pipeline_id)
    assert (answer.status_code, answer.json["code"]) == (409, "too_many_revisions")


def test_a_pipeline_in_progress_or_ended_badly_says_what_to_do(call, made, context):
    queued = call("POST", "/pipeline/run", json={"content": CONTENT}).json["id"]
    assert call("GET", f"/pipeline/{queued}/plan").json["code"] == "no_plan"
    approved, cancelled, failed = made(), made(), made()
    call("POST", f"/pipeline/{approved}/approve")
    call("POST", f"/pipeline/{cancelled}/cancel")
    call("POST", f"/pipeline/{failed}/approve")

    def broken(_task: Task) -> Outcome:
        raise StepFailed("refused", "It cannot be drawn.")

    worker.deliver(context, broken, failed, "generate_visual.s1")
    for pipeline_id, status, says in (
        (queued, "processing", "wait until it has completed"),
        (approved, "processing", "wait until it has completed"),
        (cancelled, "cancelled", "start another"),
        (failed, "failed", "start another"),
    ):
        if pipeline_id == queued:
            step(context, queued, "analyze", Outcome(then=(Spec(step="direct", key="direct"),)))
        answer = edit(call, pipeline_id)
        assert (answer.status_code, answer.json["code"]) == (409, "plan_not_editable")
        assert answer.json["pipeline_status"] == status
        assert says in answer.json["detail"]


def test_a_plan_is_edited_by_its_owner_and_by_admins_alone(call, made, finished):
    for make in (made, finished):
        pipeline_id = make("user:ann")
        assert edit(call, pipeline_id, "user:bob").status_code == 404
        assert edit(call, pipeline_id, "viewer:ann").status_code == 403
        assert edit(call, pipeline_id, "service:ann").status_code == 403
        assert edit(call, "nothing", "user:ann").status_code == 404
        assert call("GET", f"/pipeline/{pipeline_id}/plan", "user:bob").status_code == 404
        assert call("GET", f"/pipeline/{pipeline_id}/plan", "viewer:ann").status_code == 200
        assert edit(call, pipeline_id, "admin:root").status_code in (200, 202)


def test_a_revision_by_an_admin_belongs_to_the_owner(call, finished, context):
    born = edit(call, finished("user:ann"), "admin:root").json["id"]
    assert control.load(context, born).owner == "ann"


def test_a_store_with_too_many_rivals_is_503(call, made, context, monkeypatch):
    pipeline_id = made()

    def busy(writes: Any) -> None:
        if any("/edits/" in write.path for write in writes):
            raise Conflict("too much contention")
        real(writes)

    real = context.documents.commit
    monkeypatch.setattr(context.documents, "commit", busy)
    assert edit(call, pipeline_id).status_code == 503

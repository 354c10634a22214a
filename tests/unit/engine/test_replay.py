"""Taking up again: what is kept, what runs anew, and that one command makes one pipeline."""

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.domain.pipeline import Cost, Outcome, Part, Pipeline, Spec, Step
from common.engine import attention, control, invariants, outbox, replay, store
from common.engine.records import DeadLetter
from common.engine.replay import NothingToReplay
from common.engine.task import Handed, StepFailed, Task
from common.platform.documents import Delete, Put
from tests.unit.engine.conftest import CATALOGUE, Bench


class Film:
    """Handlers of a pipeline analyze -> two parts (one optional) -> join -> long, which fail as they are told."""

    def __init__(self, bench: Bench) -> None:
        self.broken: set[str] = set()
        self.bench = bench
        bench.handlers |= {"analyze": self.analyze, "part": self.made, "join": self.join, "long": self.last}

    def analyze(self, task: Task) -> Outcome:
        parts = (Spec(step="part", key="part.0"), Spec(step="part", key="part.1", optional=True))
        return Outcome(facts={"scenes": 2}, cap=900, then=(*parts, self.fan_in()))

    def fan_in(self) -> Spec:
        return Spec(step="join", key="join", needs=("part.0", "part.1"), input={"take": 3})

    def made(self, task: Task) -> Outcome:
        self.check(task)
        return Outcome(result={"by": task.pipeline.id})

    def join(self, task: Task) -> Outcome:
        self.check(task)
        assert task.input == {"take": 3}
        return Outcome(result={"of": sorted(task.results("part"))}, then=(Spec(step="long", key="long"),))

    def last(self, task: Task) -> Outcome:
        self.check(task)
        return Outcome(complete={"of": task.result("join")["of"]})

    def check(self, task: Task) -> None:
        if task.step.key in self.broken:
            raise StepFailed("broken", f"{task.step.key} is broken.")

    def failed(self, *keys: str) -> Pipeline:
        """A pipeline that failed because these step runs do; they are whole again now."""
        self.broken = set(keys)
        made = self.bench.submit()
        self.bench.drain()
        self.broken = set()
        self.bench.ran.clear()
        return self.bench.pipeline(made.id)


@pytest.fixture
def film(bench: Bench) -> Film:
    return Film(bench)


def again(bench: Bench, pipeline_id: str) -> replay.Replay:
    done = replay.replay(bench.context.documents, CATALOGUE, bench.clock, pipeline_id)
    outbox.relay(bench.context, done.sent)
    bench.drain()
    return done


def audited(bench: Bench) -> list[invariants.Violation]:
    bench.clock.advance(100)
    return invariants.audit(bench.context.documents, CATALOGUE)


def letters(bench: Bench) -> list[DeadLetter]:
    return [DeadLetter.model_validate(row.data) for row in bench.context.documents.query("dead_letters")]


def test_what_is_finished_is_kept_and_the_rest_runs(bench: Bench, film: Film) -> None:
    old = film.failed("join")
    before = [row.data for row in bench.context.documents.query(f"pipelines/{old.id}/steps")]
    done = again(bench, old.id)
    assert (done.made, done.kept, [sent.key for sent in done.sent]) == (True, 3, ["join"])
    new = bench.pipeline(done.pipeline.id)
    assert (new.status, new.replay_of, new.result) == ("completed", old.id, {"of": ["part.0", "part.1"]})
    assert bench.ran == ["join", "long"]
    assert bench.step(new.id, "part.0").result == {"by": old.id}
    assert bench.events(new.id)[:2] == ["pipeline.replayed", "pipeline.started"]
    assert bench.pipeline(old.id) == old
    assert [row.data for row in bench.context.documents.query(f"pipelines/{old.id}/steps")] == before
    assert [(letter.replayed.by if letter.replayed else "") for letter in letters(bench)] == [new.id]
    assert audited(bench) == []


def test_an_optional_part_that_failed_runs_again_and_what_did_without_it_too(bench: Bench, film: Film) -> None:
    old = film.failed("part.1", "long")
    assert old.facts["lost"]
    new = bench.pipeline(again(bench, old.id).pipeline.id)
    assert bench.ran == ["part.1", "join", "long"]
    assert (new.result, new.facts.get("lost")) == ({"of": ["part.0", "part.1"]}, None)
    assert audited(bench) == []


def test_a_fan_in_that_waited_goes_on_waiting(bench: Bench, film: Film) -> None:
    old = film.failed("part.0")
    new = bench.pipeline(again(bench, old.id).pipeline.id)
    assert (new.status, bench.ran[-2:]) == ("completed", ["join", "long"])
    assert audited(bench) == []


def test_money_counts_anew_under_the_same_cap(bench: Bench, film: Film) -> None:
    old = film.failed("join")
    path = store.pipeline_path(old.id)
    paid = old.model_copy(update={"cost": Cost(cap=900, spent=700)})
    bench.context.documents.commit([Put(path, paid.model_dump(mode="json"))])
    new = bench.pipeline(again(bench, old.id).pipeline.id)
    assert new.cost == Cost(cap=900)
    assert "spent $0.0007 before" in new.facts["notes"][0]


def test_a_repeated_command_makes_one_pipeline(bench: Bench, film: Film) -> None:
    old = film.failed("join")
    first, second = again(bench, old.id), again(bench, old.id)
    assert (second.made, second.sent, second.pipeline.id) == (False, (), first.pipeline.id)
    assert bench.context.documents.count("pipelines") == 2


def test_two_operators_at_once_make_one_pipeline(bench: Bench, film: Film) -> None:
    old = film.failed("join")
    barrier, made = threading.Barrier(4), []

    def operate() -> None:
        barrier.wait()
        made.append(replay.replay(bench.context.documents, CATALOGUE, bench.clock, old.id))

    threads = [threading.Thread(target=operate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.made for one in made].count(True) == 1
    assert len({one.pipeline.id for one in made}) == 1
    assert bench.context.documents.count("pipelines") == 2


def test_a_replay_that_failed_is_gone_on_from_in_turn(bench: Bench, film: Film) -> None:
    old = film.failed("join")
    film.broken = {"long"}
    first = again(bench, old.id)
    assert bench.pipeline(first.pipeline.id).status == "failed"
    film.broken = set()
    second = again(bench, old.id)
    assert bench.pipeline(second.pipeline.id).replay_of == first.pipeline.id
    assert bench.pipeline(second.pipeline.id).status == "completed"
    assert audited(bench) == []


def test_only_a_failed_pipeline_is_gone_on_from(bench: Bench, film: Film) -> None:
    made = bench.submit()
    control.cancel(bench.context, made.id, by="ann")
    with pytest.raises(NothingToReplay, match="is cancelled"):
        again(bench, made.id)


def test_a_step_that_this_version_does_not_know_is_said(bench: Bench, film: Film) -> None:
    old = film.failed("join")
    path = store.step_path(old.id, "join")
    bench.context.documents.commit([Put(path, {**bench.step(old.id, "join").model_dump(mode="json"), "step": "mix"})])
    with pytest.raises(NothingToReplay, match="mix"):
        again(bench, old.id)


def test_a_message_that_was_lost_is_sent_again(bench: Bench, film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.messages, "publish", lambda *_, **__: None)
    made = bench.submit()
    monkeypatch.undo()
    with pytest.raises(NothingToReplay, match="nothing of it is overdue"):
        replay.nudge(bench.context.documents, CATALOGUE, bench.clock, made.id)
    bench.clock.advance(61)
    done = replay.nudge(bench.context.documents, CATALOGUE, bench.clock, made.id)
    assert [sent.key for sent in done.sent] == ["analyze"]
    outbox.relay(bench.context, done.sent)
    bench.drain()
    assert bench.pipeline(made.id).status == "completed"


def test_a_lease_that_ran_out_is_given_back(bench: Bench, film: Film) -> None:
    def die(task: Task) -> Outcome:
        raise SystemExit

    film.bench.handlers["part"] = die
    made = bench.submit()
    for _ in range(4):
        try:
            bench.drain()
        except SystemExit:
            continue
    with pytest.raises(NothingToReplay):
        replay.nudge(bench.context.documents, CATALOGUE, bench.clock, made.id)
    bench.clock.advance(61)
    assert {sent.key for sent in replay.nudge(bench.context.documents, CATALOGUE, bench.clock, made.id).sent} == {
        "part.0",
        "part.1",
    }
    assert bench.step(made.id, "part.0").state == "ready"


def test_a_step_in_the_hands_of_a_job_is_left_to_it_until_its_deadline(bench: Bench, film: Film) -> None:
    def hand(task: Task) -> Outcome:
        raise Handed(task.id)

    bench.handlers["long"] = hand
    made = bench.submit()
    bench.drain()
    bench.clock.advance(1800)
    with pytest.raises(NothingToReplay, match="nothing of it is overdue"):
        replay.nudge(bench.context.documents, CATALOGUE, bench.clock, made.id)
    assert attention.troubles(bench.context.documents, CATALOGUE) == []
    bench.clock.advance(1801 + 180)
    [trouble] = attention.troubles(bench.context.documents, CATALOGUE)
    assert (trouble.kind, trouble.step) == ("stuck", "long")


def keep(bench: Bench, **fields: Any) -> str:
    """A dead letter in the store; its id."""
    letter = DeadLetter.model_validate({"function": "analyze", "reason": "x", "at": bench.clock.now(), **fields})
    bench.context.documents.commit([Put(store.letter_path("letter"), letter.model_dump(mode="json"))])
    return "letter"


@pytest.mark.parametrize("kind", ["undeliverable", "unreadable"])
def test_a_dead_letter_is_sent_again_once_and_marked(bench: Bench, film: Film, kind: str) -> None:
    made = bench.submit()
    bench.context.documents.commit([Delete(row.path) for row in bench.context.documents.query("outbox")])
    data = {"pipeline_id": made.id, "step": "analyze", "key": "analyze"}
    about = {"body": json.dumps(data)} if kind == "unreadable" else {**data, "data": data}
    name = keep(bench, kind=kind, **about)
    for _ in range(2):
        done = replay.resend(bench.context.documents, CATALOGUE, bench.clock, name)
        [row] = bench.context.documents.query("outbox")
        assert row.id == done.sent[0].id
    [letter] = letters(bench)
    assert letter.replayed is not None
    assert letter.replayed.by == done.sent[0].id
    bench.drain()
    with pytest.raises(NothingToReplay, match="Nothing waits"):
        replay.resend(bench.context.documents, CATALOGUE, bench.clock, name)


def test_a_letter_by_which_a_pipeline_failed_goes_on_from_it(bench: Bench, film: Film) -> None:
    old = film.failed("join")
    done = replay.resend(bench.context.documents, CATALOGUE, bench.clock, f"{old.id}.join")
    assert (done.made, done.pipeline.replay_of) == (True, old.id)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "unreadable", "body": "{"}, "still cannot be read"),
        ({"kind": "unreadable", "body": '{"pipeline_id": 5}'}, "names no step run"),
        ({"kind": "undeliverable", "data": {"at_start": True}}, "names no step run"),
        ({"kind": "undeliverable", "pipeline_id": "gone", "key": "analyze"}, "cannot be found"),
        ({"kind": "unreadable", "body": '{"pipeline_id": "a/b", "key": ".."}'}, "cannot be found"),
    ],
)
def test_a_letter_for_nobody_says_so_and_can_be_dismissed(bench: Bench, fields: dict[str, Any], said: str) -> None:
    name = keep(bench, **fields)
    with pytest.raises(NothingToReplay, match=said):
        replay.resend(bench.context.documents, CATALOGUE, bench.clock, name)
    assert replay.dismiss(bench.context.documents, bench.clock, name) == 1
    [letter] = letters(bench)
    assert letter.replayed is not None
    with pytest.raises(NothingToReplay, match="no dead letter"):
        replay.dismiss(bench.context.documents, bench.clock, "other")


NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = [f"k{number}" for number in range(8)]


@st.composite
def failed_graphs(draw: st.DrawFn) -> dict[str, Part]:
    """Parts of a pipeline that failed: each was asked for by an earlier one that is done, and needs earlier ones."""
    parts: dict[str, Part] = {}
    for key in KEYS[: draw(st.integers(1, len(KEYS)))]:
        done = [name for name, part in parts.items() if part.state == "done"]
        by = draw(st.sampled_from(done)) if done else ""
        if parts and not by:
            break
        needs = tuple(draw(st.lists(st.sampled_from(sorted(parts)), unique=True, max_size=3))) if parts else ()
        ready = all(parts[need].state in ("done", "failed") for need in needs)
        state = draw(st.sampled_from(["ready", "done", "failed"])) if ready else "waiting"
        parts[key] = Part(step="part", needs=needs, optional=state == "failed", state=state, by=by)  # type: ignore[arg-type]
    return parts


@given(parts=failed_graphs())
def test_nothing_is_kept_that_rests_on_what_runs_again(parts: dict[str, Part]) -> None:
    fields: dict[str, Any] = {"owner": "ann", "preset": "quick_social", "created_at": NOW, "updated_at": NOW}
    old = Pipeline(id="old", status="failed", request={}, parts=parts, **fields)
    steps = [Step(pipeline_id="old", step="part", key=key, deadline=NOW, created_at=NOW) for key in parts]
    change = replay.renew(old, steps, now=NOW, catalogue=CATALOGUE)
    new = change.pipeline
    assert new is not None
    assert {step.key for step in change.steps} == set(new.parts)
    kept = {key for key, part in new.parts.items() if part.state == "done"}
    assert kept <= {key for key, part in parts.items() if part.state == "done"}
    for key, part in new.parts.items():
        assert not part.by or part.by in kept, f"{key} would be asked for a second time"
        assert key not in kept or set(part.needs) <= kept, f"{key} is kept, and what it needs is not"
    assert {sent.key for sent in change.send} == {key for key, part in new.parts.items() if part.state == "ready"}
    assert kept == set(parts) or change.send

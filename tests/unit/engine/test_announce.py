"""Public events reach the outbox with the commit that makes them true, and leave it when their deliveries stand."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from common.domain.events import EVENTS
from common.domain.pipeline import Outcome, Spec
from common.domain.webhooks import Delivery
from common.engine import announce, control, deliveries, outbox, webhooks
from common.engine.sweep import sweep
from common.engine.task import StepFailed, Task
from common.platform.documents import Unavailable
from tests.unit.engine.conftest import Bench


def rows(bench: Bench) -> list[str]:
    """What the announcer has in the outbox."""
    return [
        row.data["announcement"]["type"] for row in bench.context.documents.query("outbox") if row.data["key"] == ""
    ]


def hook(bench: Bench, *events: str, owner: str = "ann", hook_id: str = "hook1", retries: int = 3) -> str:
    webhooks.create(
        bench.context,
        hook_id,
        owner,
        "https://hooks.example.com/",
        events or ["*"],
        b"s" * 32,
        description="",
        retries=retries,
    )
    return hook_id


def written(bench: Bench, hook_id: str = "hook1") -> list[Delivery]:
    found = bench.context.documents.query(f"webhooks/{hook_id}/deliveries")
    return sorted((Delivery.model_validate(row.data) for row in found), key=lambda one: one.body)


def types(bench: Bench, hook_id: str = "hook1") -> list[str]:
    return sorted(one.type for one in written(bench, hook_id))


def short(bench: Bench) -> None:
    """A pipeline of two steps."""
    bench.handlers |= {
        "analyze": lambda task: Outcome(then=(Spec(step="join", key="join", needs=("analyze",)),)),
        "join": lambda task: Outcome(complete={"made": True}),
    }


def quiet(bench: Bench) -> Bench:
    """A bench whose messages to hooks are written and not sent."""

    class Lost:
        def enqueue(self, queue: str, function: str, data: Any, **more: Any) -> bool:
            if function == "deliver_webhook":
                raise Unavailable("no queue")
            return bool(tasks.enqueue(queue, function, data, **more))

    tasks = bench.context.tasks
    bench.context = replace(bench.context, tasks=Lost())
    return bench


def drain(bench: Bench) -> None:
    while bench.context.messages.dispatcher.run_one():  # type: ignore[attr-defined]
        pass


def test_every_lifecycle_event_is_announced_once_and_progress_to_those_who_asked(bench: Bench) -> None:
    quiet(bench)
    short(bench)
    hook(bench, "pipeline.started", "pipeline.completed")
    bench.submit()
    drain(bench)
    assert types(bench) == ["pipeline.completed", "pipeline.started"]
    assert rows(bench) == []
    hook(bench, "*", hook_id="hook2")
    bench.submit()
    drain(bench)
    assert types(bench, "hook2") == ["pipeline.completed", "pipeline.progress", "pipeline.started"]


def test_a_hook_on_progress_that_comes_later_hears_of_later_pipelines_only(bench: Bench) -> None:
    quiet(bench)
    short(bench)
    bench.submit()
    hook(bench)
    drain(bench)
    assert types(bench) == ["pipeline.completed", "pipeline.started"]


def test_a_pipeline_that_waits_fails_or_is_cancelled_says_so(bench: Bench) -> None:
    def refuse(task: Task) -> Outcome:
        raise StepFailed("content_refused", "It asks for what is not made here.")

    quiet(bench)
    hook(bench)
    bench.handlers["analyze"] = lambda task: Outcome(park=True)
    waiting = bench.submit()
    drain(bench)
    control.cancel(bench.context, waiting.id, by="ann")
    bench.handlers["analyze"] = refuse
    bench.submit()
    drain(bench)
    assert types(bench) == [
        "pipeline.awaiting_approval",
        "pipeline.cancelled",
        "pipeline.failed",
        "pipeline.started",
        "pipeline.started",
    ]
    [failed] = [one.body for one in written(bench) if one.type == "pipeline.failed"]
    assert '"error":{"code":"content_refused","detail":"It asks for what is not made here.","step":"analyze"}' in failed
    assert not any('"by"' in one.body for one in written(bench))


def test_what_broke_inside_is_not_told(bench: Bench) -> None:
    def break_down(task: Task) -> Outcome:
        raise RuntimeError("/secret/path is broken")

    hook(bench, "pipeline.failed", retries=0)
    bench.handlers["analyze"] = break_down
    bench.submit()
    for _ in range(10):
        bench.drain()
        bench.clock.advance(120)
    [failed] = written(bench)
    assert "secret" not in failed.body
    assert '"detail":"analyze failed."' in failed.body


def test_only_the_owners_hooks_that_are_on_hear_of_it(bench: Bench) -> None:
    quiet(bench)
    short(bench)
    hook(bench)
    hook(bench, hook_id="off")
    hook(bench, hook_id="other", owner="bob")
    webhooks.change(bench.context, "off", lambda found, _now: found.but(enabled=False))
    bench.submit()
    drain(bench)
    assert types(bench) != []
    assert types(bench, "off") == types(bench, "other") == []


def test_the_message_id_follows_from_event_and_hook(bench: Bench) -> None:
    quiet(bench)
    hook(bench)
    hook(bench, hook_id="hook2")
    row = announce.dispatch("batch.completed", "b1", "ann", {"id": "b1"}, bench.clock.now())
    ids = []
    for _ in range(2):
        bench.context.documents.commit([outbox.row(row)])
        deliveries.fan_out(bench.context, row.id)
        ids.append([one.id for hook_id in ("hook1", "hook2") for one in written(bench, hook_id)])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2
    assert '"links":{"self":"http://127.0.0.1:8080/pipeline/batch/b1"}' in written(bench)[0].body


def test_an_announcement_is_made_once_however_often_it_is_delivered(bench: Bench) -> None:
    quiet(bench)
    hook(bench)
    row = announce.dispatch("batch.created", "b1", "ann", {}, bench.clock.now())
    bench.context.documents.commit([outbox.row(row)])
    assert deliveries.fan_out(bench.context, row.id) == "1 deliveries"
    assert deliveries.fan_out(bench.context, row.id).startswith("nothing")
    assert len(written(bench)) == 1


def test_an_announcement_whose_message_is_lost_is_sent_again_by_the_sweep(bench: Bench) -> None:
    class Losing:
        asked = 0

        def publish(self, topic: str, data: Any, *, message_id: str) -> None:
            assert topic == "announcements"
            self.asked += 1

    bus = Losing()
    row = announce.dispatch("batch.created", "b1", "ann", {}, bench.clock.now())
    bench.context.documents.commit([outbox.row(row)])
    context = replace(bench.context, messages=bus)
    outbox.relay(context, [row])
    assert bus.asked == 1
    bench.clock.advance(11)
    sweep(context)
    assert bus.asked == 2
    bench.clock.advance(11)
    sweep(context)  # it is on its way
    assert bus.asked == 2
    bench.clock.advance(outbox.RESEND.total_seconds())
    sweep(context)
    assert bus.asked == 3
    outbox.relay_old(context, timedelta(0))
    assert bus.asked == 4


@pytest.mark.parametrize("kind", EVENTS)
def test_every_public_event_has_a_row_that_can_be_read_back(bench: Bench, kind: Any) -> None:
    row = announce.dispatch(kind, "s1", "ann", {"a": [1, {"b": None}]}, bench.clock.now())
    bench.context.documents.commit([outbox.row(row)])
    found = bench.context.documents.get(f"outbox/s1.{kind}")
    assert found is not None
    assert type(row).model_validate(found.data) == row

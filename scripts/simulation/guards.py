"""The engine's guards, each with the promise it protects and the edit that removes it.

A removal is an edit of the function's own source, compiled and put in its place for one run: the engine has no
switches for it, and a guard whose text changed is reported and not silently kept.
"""

import inspect
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module


class GuardChanged(Exception):
    """A guard's text is no longer in its function; the text says which."""


@dataclass(frozen=True)
class Guard:
    """One guard: where it stands (module:function), its text, and what stands there without it."""

    name: str
    promise: str
    where: str
    text: str
    without: str = ""


GUARDS: tuple[Guard, ...] = (
    Guard(
        "epoch check in finish",
        "superseded attempts change nothing",
        "common.engine.worker:finish",
        "step.epoch != task.step.epoch or found.pipeline.settled",
        "found.pipeline.settled",
    ),
    Guard(
        "cancel check in finish",
        "cancel wins",
        "common.engine.worker:finish",
        "step.epoch != task.step.epoch or found.pipeline.settled or",
        "step.epoch != task.step.epoch or",
    ),
    Guard(
        "state check in finish",
        "an outcome is recorded once",
        "common.engine.worker:finish",
        'found.pipeline.settled or step.state != "running"',
        "found.pipeline.settled",
    ),
    Guard(
        "epoch check in put off",
        "superseded attempts change nothing",
        "common.engine.worker:_put_off",
        "step.epoch != task.step.epoch or ",
    ),
    Guard(
        "epoch check in fail",
        "superseded attempts change nothing",
        "common.engine.worker:fail",
        " or step.epoch != epoch",
    ),
    Guard(
        "settled check in fail",
        "a terminal state never changes",
        "common.engine.worker:fail",
        "found.pipeline.settled or step.state in SETTLED or",
    ),
    Guard(
        "own claim recognised",
        "who is done lets go",
        "common.engine.worker:_claim",
        'found.step.state == "running" and found.step.owner == owner',
        "False",
    ),
    Guard(
        "epoch check of jobs",
        "superseded attempts change nothing",
        "common.engine.worker:adopt",
        "step.epoch != epoch or ",
    ),
    Guard(
        "ended pipelines are not claimed",
        "cancel wins",
        "common.engine.decisions:claim",
        "if pipeline.settled:",
        "if False:",
    ),
    Guard(
        "settled steps are not claimed",
        "a terminal state never changes",
        "common.engine.decisions:claim",
        'step.state in SETTLED or step.state == "parked"',
        "False",
    ),
    Guard(
        "needs check in claim",
        "early messages change nothing",
        "common.engine.decisions:claim",
        'part.state != "ready"',
        "False",
    ),
    Guard(
        "pause check in claim",
        "a step that is put off waits",
        "common.engine.decisions:claim",
        "step.not_before and now + EARLY < step.not_before",
        "False",
    ),
    Guard(
        "lease check in claim",
        "one live owner per step",
        "common.engine.decisions:claim",
        'step.state == "running" and step.lease_until and now < step.lease_until',
        "False",
    ),
    Guard(
        "deadline in claim",
        "attempts end in time",
        "common.engine.decisions:claim",
        "step.started_at and now > step.deadline",
        "False",
    ),
    Guard(
        "bound of attempts",
        "attempts are bounded",
        "common.engine.decisions:claim",
        "step.attempts >= rules.attempts",
        "False",
    ),
    Guard(
        "epoch grows with a claim",
        "epochs only grow",
        "common.engine.decisions:claim",
        '"epoch": step.epoch + 1',
        '"epoch": max(1, step.epoch)',
    ),
    Guard(
        "fan-in waits for all",
        "fan-in fires once",
        "common.engine.decisions:advance",
        'all(parts[need].state in ("done", "failed") for need in part.needs)',
        'not part.needs or any(parts[need].state in ("done", "failed") for need in part.needs)',
    ),
    Guard(
        "fan-in looks at parts that wait",
        "fan-in fires once",
        "common.engine.decisions:advance",
        'part.state == "waiting" and all(',
        'part.state != "done" and all(',
    ),
    Guard(
        "progress is the most that was reached",
        "progress never goes back",
        "common.engine.decisions:advance",
        "max(pipeline.progress, _progress(parts, catalogue))",
        "_progress(parts, catalogue)",
    ),
    Guard(
        "version guard of the step",
        "one live owner per step",
        "common.engine.store:commit",
        "Update(path, data, read.step_version)",
        "Put(path, data)",
    ),
    Guard(
        "version guard of the pipeline",
        "fan-in fires once, money adds up",
        "common.engine.store:commit",
        'Update(path, change.pipeline.model_dump(mode="json"), read.pipeline_version)',
        'Put(path, change.pipeline.model_dump(mode="json"))',
    ),
    Guard(
        "outbox row in the commit",
        "work and its message together",
        "common.engine.store:commit",
        "for dispatch in announce.outgoing(change):",
        "for dispatch in ():",
    ),
    Guard(
        "dead letter in the commit",
        "poison ends with a reason",
        "common.engine.store:commit",
        "change.dead is not None and read.step is not None",
        "False",
    ),
    Guard(
        "sweep relays old rows",
        "the outbox drains",
        "common.engine.sweep:sweep",
        "outbox.relay_old(context, timedelta(0) if at_start else OUTBOX_AGE)",
        "0",
    ),
    Guard(
        "sweep gives expired leases back",
        "no lost work",
        "common.engine.sweep:_judge",
        "step.lease_until is None or now >= step.lease_until",
        "False",
    ),
    Guard(
        "sweep sends for ready steps again",
        "no lost work",
        "common.engine.sweep:sweep",
        "verdict = _send_again(context, step, ready_age)",
        "verdict = None",
    ),
    Guard(
        "sweep fails what nobody finishes in time",
        "every pipeline ends",
        "common.engine.sweep:_judge",
        "now > step.deadline",
        "False",
    ),
    Guard(
        "sweep reads anew before it gives back",
        "superseded attempts change nothing",
        "common.engine.sweep:_give_back",
        'current.epoch != step.epoch or current.state != "running" or _judge(context, current, found.now) is None',
        "False",
    ),
    Guard(
        "sweep puts away steps of ended pipelines",
        "cancel wins",
        "common.engine.sweep:_give_back",
        "if found.pipeline.settled:",
        "if False:",
    ),
    Guard(
        "intent before call",
        "money is settled once",
        "common.engine.gateway:call_paid",
        'row = reservations.write(task, row.model_copy(update={"state": "submitted"}))',
        "pass",
    ),
    Guard(
        "operation look-up",
        "no work is paid twice",
        "common.engine.operations:_recover",
        "if engine.finds:",
        "if False:",
    ),
    Guard(
        "lost operations are not started again",
        "one external call per key",
        "common.engine.operations:_recover",
        "return row if engine.honours_keys else None",
        "return row",
    ),
    Guard(
        "a repeated start's refusal closes nothing",
        "no work is paid twice",
        "common.engine.operations:_start",
        "if not (repeated and engine.honours_keys):",
        "if True:",
    ),
    Guard(
        "reservation under the cap",
        "the cap holds",
        "common.engine.reservations:_reserve",
        "room is not None and row.estimate > room",
        "False",
    ),
    Guard(
        "own reservation recognised",
        "money is settled once",
        "common.engine.reservations:_reserve",
        "known.key == row.key and known.state in ledger.OPEN",
        "False",
    ),
    Guard(
        "superseded attempts reserve nothing",
        "superseded attempts change nothing",
        "common.engine.reservations:_read",
        "task.learn(found)",
        "pass",
    ),
    Guard(
        "closing of leftover reservations",
        "money is settled once",
        "common.engine.ledger:settle",
        "[row for row in reservations if row.key not in known]",
        "[]",
    ),
    Guard(
        "answers are counted once",
        "money adds up",
        "common.engine.reservations:answer",
        "known.key == row.key and known.state in ledger.OPEN",
        "known.key == row.key",
    ),
    Guard(
        "cancel frees what is reserved",
        "money adds up",
        "common.engine.control:cancel",
        "rows = store.reservations(context.documents, pipeline_id)",
        "rows = []",
    ),
    Guard(
        "ended pipelines are not cancelled",
        "a terminal state never changes",
        "common.engine.control:cancel",
        "if found.pipeline.settled:",
        "if False:",
    ),
    Guard(
        "only a parked step is resumed",
        "an outcome is recorded once",
        "common.engine.control:resume",
        'found.pipeline.settled or found.step.state != "parked"',
        "False",
    ),
    Guard(
        "a repeated submit keeps its id",
        "one pipeline per request",
        "common.engine.control:submit",
        "pipeline_id or context.new_id()",
        "context.new_id()",
    ),
    Guard(
        "public events in the commit",
        "what happens in public is announced",
        "common.engine.announce:outgoing",
        "return (*change.send, *told)",
        "return change.send",
    ),
    Guard(
        "announcements stay until their deliveries stand",
        "every event is told",
        "common.engine.outbox:_send",
        'context.messages.publish(topic, {**data, "row": dispatch.id}, message_id=dispatch.id)',
        'context.messages.publish(topic, {**data, "row": dispatch.id}, message_id=dispatch.id)\n'
        "        context.documents.commit([Delete(outbox_path(dispatch))])",
    ),
    Guard(
        "sweep sends for messages again",
        "every message ends",
        "common.engine.sweep:sweep",
        "deliveries.send_again(context)",
        "0",
    ),
    Guard(
        "superseded senders record nothing",
        "success ends a message",
        "common.engine.deliveries:_record",
        "if delivery.by != claimed.delivery.by:",
        "if False:",
    ),
    Guard(
        "one answer per idempotency key",
        "one pipeline per request",
        "common.http.boundary:endpoint",
        "if key is not None and entry.idempotent:",
        "if False:",
    ),
)


@contextmanager
def removed(guard: Guard) -> Iterator[None]:
    """Run a block without a guard; GuardChanged when its text is not where it was."""
    module_name, _, name = guard.where.partition(":")
    module = import_module(module_name)
    intact = getattr(module, name)
    source = textwrap.dedent(inspect.getsource(intact))
    if source.count(guard.text) != 1:
        found = source.count(guard.text)
        raise GuardChanged(f"The guard {guard.name!r} stands {found} times in {guard.where}, and should stand once.")
    names = {**vars(import_module("common.platform.documents")), **vars(module)}
    exec(compile(source.replace(guard.text, guard.without), f"<{guard.where} without {guard.name}>", "exec"), names)  # noqa: S102
    _put(names[name], in_place_of=intact)
    try:
        yield
    finally:
        _put(intact, in_place_of=names[name])


def _put(other: object, *, in_place_of: object) -> None:
    """Put another function wherever a module of ours names this one, also one that was loaded only meanwhile."""
    for path, module in list(sys.modules.items()):
        if path.partition(".")[0] in ("common", "functions", "scripts"):
            for name, value in list(vars(module).items()):
                if value is in_place_of:
                    setattr(module, name, other)

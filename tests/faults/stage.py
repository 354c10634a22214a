"""One pipeline of the simulated world with the real functions, calm but for the faults that a test chooses.

A fault is an act at an occasion: when a step passes a point, calls a port or uses an engine, or when the bus has a
message for it. `Stage.play` runs the world until nothing is left to do and holds it against every promise.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from greenlet import getcurrent

from common.domain.pipeline import Outcome, Pipeline, Step
from common.engine import replay
from common.engine.context import Context
from common.engine.failpoints import POINTS
from common.engine.records import Reservation
from common.engine.task import Task
from common.http import push
from common.platform.embedded.documents import SqliteDocuments
from functions.catalogue import CATALOGUE
from scripts.simulation.books import Bill
from scripts.simulation.bus import Bus
from scripts.simulation.clients import Client
from scripts.simulation.faults import CALM, Faults
from scripts.simulation.ports import Gate
from scripts.simulation.scheduler import SECOND, Actor, Crash, Process
from scripts.simulation.world import MOST_SECONDS, Host, World, _here

SEED = 7
DOCUMENTS = "documents.sqlite3"
STEPS = [entry.name for entry in CATALOGUE.steps()]

Act = Callable[["Stage", Process], None]
Message = tuple[str, bytes, Mapping[str, str]]


@dataclass
class Fault:
    """An act at the next `times` occasions of a kind that a step comes by, after passing `spare` of them.

    Occasions: `point:NAME`, `before:PORT`, `after:PORT`, `delivery` (the bus pushes), `lost` (the bus takes a message),
    or a kind of fault that the simulation asks for by name, and carries out itself where there is no act.
    """

    occasion: str
    step: str = ""  # any, if empty
    act: Act | None = None
    times: int = 1
    spare: int = 0
    met: list[str] = field(default_factory=list)  # the step runs it struck


@dataclass(frozen=True)
class Delivered:
    """One delivery and what was answered."""

    function: str
    body: bytes
    headers: Mapping[str, str]
    status: int

    @property
    def key(self) -> str:
        """The step run it is for."""
        return _key(self.body)


class Script(Faults):
    """Strikes where the test says, and nowhere else."""

    def __init__(self, stage: "Stage", faults: Sequence[Fault]):
        super().__init__(stage.chance, CALM)
        self.faults = list(faults)
        self.passed: Counter[tuple[str, str]] = Counter()
        self._stage = stage

    def end(self) -> None:
        """What the test chose goes on happening."""

    def strike(self, kind: str) -> bool:
        """Whether a fault of this kind happens to the step that runs."""
        return self.meet(kind, _step(_process()), _process())

    def at_port(self) -> str:
        """Ports are met by name, in the gate."""
        return ""

    def meet(self, occasion: str, step: str, process: Process) -> bool:
        """Come by an occasion: do what the test has for it. True leaves it to whoever asked."""
        self.passed[occasion, step] += 1
        for fault in self.faults:
            if fault.occasion == occasion and fault.step in ("", step) and len(fault.met) < fault.times:
                if fault.spare:
                    fault.spare -= 1
                    continue
                fault.met.append(process.subject[1])
                self._stage.trace.note(self._stage.scheduler.now, process.label, "meets %s", occasion)
                if fault.act is None:
                    return True
                fault.act(self._stage, process)
        return False


class ScriptedGate(Gate):
    """Lets every call through; the script may act before and after it."""

    def __init__(self, stage: "Stage"):
        super().__init__(stage)
        self._stage = stage

    def call(self, port: str, what: object, act: Callable[[], Any], away: type[Exception]) -> Any:
        """Let a call through, with what the script has for it."""
        process = _process()
        if process.dead:
            raise Crash
        step, script = _step(process), self._stage.script
        script.meet(f"before:{port}", step, process)
        answer = act()
        script.meet(f"after:{port}", step, process)
        return answer


class ScriptedPoints:
    """The fail-points of a host."""

    def __init__(self, stage: "Stage"):
        self._stage = stage

    def reach(self, point: str, step: str) -> None:
        """Pass a point on behalf of a step."""
        assert point in POINTS, f"{point} is no fail-point"
        self._stage.script.meet(f"point:{point}", step, _process())


class ScriptedBus(Bus):
    """Loses or delays a step's messages where the script says so."""

    def publish(self, topic: str, data: Mapping[str, Any], *, message_id: str) -> None:
        """Take a message."""
        script = self._stage.script
        if not script.meet("lost", topic, _process()):
            super().publish(topic, data, message_id=message_id)

    def enqueue(self, queue: str, function: str, data: Mapping[str, Any], **more: Any) -> bool:
        """Take a task."""
        if self._stage.script.meet("lost", function, _process()):
            return True
        return super().enqueue(queue, function, data, **more)

    @property
    def _stage(self) -> "Stage":
        assert isinstance(self._world, Stage)
        return self._world


# What a fault does to the process that meets it.


def crash(stage: "Stage", process: Process) -> None:
    """The process dies."""
    stage.kill(process)
    raise Crash


def freeze(seconds: float) -> Act:
    """The whole process stands still, its heartbeat included."""

    def act(stage: "Stage", process: Process) -> None:
        process.frozen_until = stage.scheduler.now + int(seconds * SECOND)
        stage.scheduler.pause()

    return act


def freeze_until_superseded(stage: "Stage", process: Process) -> None:
    """The whole process stands still until another attempt at its step has begun."""
    key = process.subject[1]
    epoch = stage.steps[key].epoch
    while stage.steps[key].epoch == epoch:
        freeze(1.0)(stage, process)


def dawdle(seconds: float) -> Act:
    """This thread takes its time; the heartbeat goes on."""
    return lambda stage, _process: stage.scheduler.pause(seconds)


def fail(error: Callable[[], Exception]) -> Act:
    """What was called raises."""

    def act(_stage: "Stage", _process: Process) -> None:
        raise error()

    return act


def cancel(stage: "Stage", _process: Process) -> None:
    """The client cancels, and has its answer before the process goes on."""
    stage.scheduler.join(stage.scheduler.spawn(Process(stage.client.name), stage.client._cancel))


def lose_region(stage: "Stage", process: Process) -> None:
    """The host of the process is gone for good, with all that runs there."""
    host: Host = process.host
    host.up = False
    for one in sorted(host.processes, key=lambda one: one.label):
        stage.kill(one)
    raise Crash


def repeat(times: int, after: float = 0.0) -> Act:
    """The bus delivers its message so many times more, at once or some seconds later."""

    def act(stage: "Stage", process: Process) -> None:
        message = stage.messages[process.subject[1]]
        for _ in range(times):
            stage.scheduler.spawn(Process("pubsub"), partial(stage.push, *message), after)

    return act


def send_early(step: str) -> Act:
    """Messages for all runs of a step, whether it is their time or not."""

    def act(stage: "Stage", _process: Process) -> None:
        for key in calm().keys[step]:
            body = json.dumps({"pipeline_id": stage.pipeline.id, "step": step, "key": key}).encode()
            stage.scheduler.spawn(Process("pubsub"), partial(stage.push, step, body, {}))

    return act


@dataclass
class Wish:
    """What the client asks for."""

    preset: str = "quick_social"
    approve: str = "skip"
    budget: float = 0  # free engines alone, unless a test is about paid ones

    def body(self) -> dict[str, Any]:
        """The body of the request."""
        fields: dict[str, Any] = {"content": "A short film about lighthouses and ships.", **vars(self)}
        return fields


class Stage(World):
    """A world with two hosts, one client and one wish."""

    def __init__(
        self,
        folder: Path,
        *faults: Fault,
        wish: Wish | None = None,
        skews: tuple[float, float] = (0.0, 0.0),
        run: Callable[["Stage", Callable[[Task], Outcome], Task], Outcome] | None = None,
        seed: int = SEED,
        keep: bool = False,
    ):
        super().__init__(seed, folder, CALM)
        if keep:  # what is stored, for another world to go on with
            self.documents.close()
            self.documents = SqliteDocuments(folder / DOCUMENTS, self.truth)
        self.script = self.faults = Script(self, faults)
        self.deliveries: list[Delivered] = []
        self._letters: Counter[str] = Counter()
        self.messages: dict[str, Message] = {}  # by step run, the last one that the bus delivered
        self._gate = ScriptedGate(self)
        self.bus = ScriptedBus(self)
        self.clips.finds, self.clips.honours_keys = True, False
        self.pace = (0.1, 10.0)
        self._pays, self._knows_hosts, self._jobs_relay = True, False, True
        self._hosts = [Host(f"host{number}", skew) for number, skew in enumerate(skews)]
        for host in self._hosts:
            host.context = self._context(host)
        self.client = Client(self, 0)
        self.client._wish = (wish or Wish()).body()
        self._clients = [self.client]
        self._storm = False
        self._well_again = MOST_SECONDS * SECOND  # what a test does to the world is no matter of patience
        if run is not None:
            for name in STEPS:
                handler = partial(run, self, import_module(CATALOGUE[name].module).run)
                self._functions[name] = push.step(CATALOGUE[name], SimpleNamespace(run=handler), _here)

    def play(self, status: str = "completed") -> "Stage":
        """Run until nothing is left to do. No promise may be broken, every fault must strike, and it must end so."""
        result = self.run()
        told = "\n" + "\n".join(result.trace.tell(80))
        assert not result.found, f"{[str(one) for one in result.found]}{told}"
        left = [fault for fault in self.script.faults if not fault.met]
        assert not left, f"no step of the simulated pipeline meets {left[0].occasion} of {left[0].step}{told}"
        assert self.pipeline.status == status, told
        return self

    @property
    def pipeline(self) -> Pipeline:
        """The one pipeline as it stands."""
        [seen] = self.witness.seen.values()
        return seen.pipeline

    @property
    def steps(self) -> dict[str, Step]:
        """Its step runs by key."""
        [seen] = self.witness.seen.values()
        return dict(seen.steps)

    @property
    def ledger(self) -> dict[str, Reservation]:
        """Its ledger rows by key."""
        [seen] = self.witness.seen.values()
        return dict(seen.ledger)

    def billed(self) -> list[tuple[Reservation, Bill]]:
        """What our ledger and the books of the providers say of each call."""
        return [(self.ledger[key], bill) for (_, key), bill in self.book.bills.items()]

    def runs(self, step: str) -> list[Step]:
        """The runs of one step, in the order of their keys."""
        return [run for _, run in sorted(self.steps.items()) if run.step == step]

    @property
    def repeated(self) -> dict[str, int]:
        """The attempts that each step run took, where it took more than one."""
        return {key: run.attempts for key, run in self.steps.items() if run.attempts > 1}

    def deliver(self, function: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Push a delivery of the bus."""
        self.messages[""] = self.messages[_key(body)] = (function, body, headers)
        self.script.meet("delivery", function, _process())
        return self.push(function, body, headers)

    def push(self, function: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Push a delivery, and write down what was answered."""
        status = super().deliver(function, body, headers)
        self.deliveries.append(Delivered(function, body, headers, status))
        return status

    def raw(self, function: str, body: bytes) -> int:
        """Push what may be no message at all; what was answered."""
        return super().deliver(function, body, {})

    def letters(self, kind: str) -> int:
        """How many dead letters of a kind there are at the end."""
        return self._letters[kind]

    def _begin(self) -> None:
        self._schedule_sweep()
        self.client._act(self.client._ask, after=0.0)

    def _settle_accounts(self) -> None:
        super()._settle_accounts()
        self._letters.update(row.data["kind"] for row in self.documents.query("dead_letters"))

    def _overdue(self, process: Process, actor: Actor) -> None:
        """A worker that nobody waits for any more goes on unheard."""

    def _context(self, host: Host) -> Context:
        return replace(super()._context(host), failpoints=ScriptedPoints(self))  # type: ignore[arg-type]


class Replaying(Stage):
    """A world in which an operator takes up again the pipeline that failed in another one, on the same store."""

    def __init__(self, folder: Path, failed: Stage):
        super().__init__(folder, keep=True)
        self.failed = failed.pipeline
        self.scheduler.now = failed.scheduler.now

    def _begin(self) -> None:
        self._schedule_sweep()
        host = self._hosts[0]
        self.scheduler.spawn(self.process("operator", host), partial(self._operate, host.context))

    def _operate(self, context: Context) -> None:
        replay.replay(context.documents, CATALOGUE, context.clock, self.failed.id)


@dataclass(frozen=True)
class Calm:
    """What happens in the pipeline when nothing goes wrong."""

    keys: dict[str, list[str]]
    needed: list[str]  # steps that a fan-in waits for
    optional: list[str]
    passed: set[tuple[str, str]]

    def meeting(self, occasion: str) -> list[str]:
        """The steps that come by an occasion."""
        return [step for step in STEPS if (occasion, step) in self.passed]


@cache
def calm(budget: float = 0) -> Calm:
    """The same pipeline undisturbed: which steps meet what is learned from it, not written down."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), wish=Wish(budget=budget)).play()
    parts = stage.pipeline.parts
    needed = {parts[key].step for part in parts.values() for key in part.needs}
    optional = {part.step for part in parts.values() if part.optional}
    keys = {step: [run.key for run in stage.runs(step)] for step in STEPS}
    return Calm(keys, sorted(needed), sorted(optional), set(stage.script.passed))


def _process() -> Process:
    actor = getcurrent()
    assert isinstance(actor, Actor)
    return actor.process


def _key(body: bytes) -> str:
    """The step run that a message is for."""
    return str(push.parse(body, {}).data.get("key", ""))


def _step(process: Process) -> str:
    return process.subject[1].partition(".")[0]

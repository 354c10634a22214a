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
from common.platform.egress import Egress
from common.platform.embedded.documents import SqliteDocuments
from functions.catalogue import CATALOGUE
from scripts.simulation.books import Bill
from scripts.simulation.bus import Bus
from scripts.simulation.clients import Client
from scripts.simulation.faults import CALM, Faults
from scripts.simulation.hosts import Host, Hosts, context_here
from scripts.simulation.platform import Platform
from scripts.simulation.ports import Gate
from scripts.simulation.scheduler import SECOND, Actor, Crash, Process
from scripts.simulation.sweeps import Sweeps
from scripts.simulation.witness import Witness
from scripts.simulation.world import MOST_SECONDS, World

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


class ScriptedHosts(Hosts):
    """Two hosts that can pay, whose jobs publish by themselves, and that know nothing of each other."""

    def __init__(self, stage: "Stage", folder: Path, skews: tuple[float, float]):
        super().__init__(stage, folder)
        self._gate = ScriptedGate(stage)
        self._points = ScriptedPoints(stage)
        self._pay, self._know_each_other, self._jobs_publish = True, False, True
        self.serving = [Host(f"host{number}", skew) for number, skew in enumerate(skews)]
        for host in self.serving:
            host.context = self._context(host)

    def _context(self, host: Host) -> Context:
        made = super()._context(host)
        return replace(made, failpoints=self._points) if hasattr(self, "_points") else made  # type: ignore[arg-type]


class ScriptedPlatform(Platform):
    """Tells the script of every delivery, and writes down what was answered."""

    def __init__(self, stage: "Stage", run: Callable[["Stage", Callable[[Task], Outcome], Task], Outcome] | None):
        super().__init__(stage)
        self._stage = stage
        if run is not None:
            for name in STEPS:
                handler = partial(run, stage, import_module(CATALOGUE[name].module).run)
                self._functions[name] = push.step(CATALOGUE[name], SimpleNamespace(run=handler), context_here)

    def deliver(self, function: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Push a delivery of the bus."""
        stage = self._stage
        stage.messages[""] = stage.messages[_key(body)] = (function, body, headers)
        stage.script.meet("delivery", function, _process())
        return self.push(function, body, headers)

    def push(self, function: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Push a delivery, and write down what was answered."""
        status = super().deliver(function, body, headers)
        self._stage.deliveries.append(Delivered(function, body, headers, status))
        return status

    def raw(self, function: str, body: bytes) -> int:
        """Push what may be no message at all; what was answered."""
        return super().deliver(function, body, {})

    def ended(self, actor: Actor, *, acknowledged: bool = True, job: bool = False) -> None:
        """See what a process left behind; a job may leave its step where a test wants it to."""
        super().ended(actor, acknowledged=acknowledged and not job, job=job)

    def _overdue(self, actor: Actor) -> None:
        """A worker that nobody waits for any more goes on unheard."""


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
    stage.scheduler.kill(process)
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
    stage.hosts.serving = [one for one in stage.hosts.serving if one is not host]
    for one in sorted(host.processes, key=lambda one: one.label):
        stage.scheduler.kill(one)
    raise Crash


def repeat(times: int, after: float = 0.0) -> Act:
    """The bus delivers its message so many times more, at once or some seconds later."""

    def act(stage: "Stage", process: Process) -> None:
        message = stage.messages[process.subject[1]]
        for _ in range(times):
            stage.scheduler.spawn(Process("pubsub"), partial(stage.platform.push, *message), after)

    return act


def send_early(step: str) -> Act:
    """Messages for all runs of a step, whether it is their time or not."""

    def act(stage: "Stage", _process: Process) -> None:
        for key in calm().keys[step]:
            body = json.dumps({"pipeline_id": stage.pipeline.id, "step": step, "key": key}).encode()
            stage.scheduler.spawn(Process("pubsub"), partial(stage.platform.push, step, body, {}))

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
        hook: Egress | None = None,
        retries: int = 3,
    ):
        super().__init__(seed, folder, CALM)
        if keep:  # what is stored, for another world to go on with
            self.documents.close()
            self.documents = SqliteDocuments(folder / DOCUMENTS, self.truth)
        self.script = self.faults = Script(self, faults)
        self.deliveries: list[Delivered] = []
        self._letters: Counter[str] = Counter()
        self.messages: dict[str, Message] = {}  # by step run, the last one that the bus delivered
        self.bus = ScriptedBus(self)
        self.clips.finds, self.clips.honours_keys = True, False
        self.pace = self.jobs.queueing = (0.1, 10.0)
        self.hosts: ScriptedHosts = ScriptedHosts(self, folder, skews)
        self.platform: ScriptedPlatform = ScriptedPlatform(self, run)
        self.witness = Witness(CATALOGUE, self.hosts.gone)
        self._sweeps = Sweeps(self)
        self.receivers.server, self._retries = hook, retries
        self.hooked = 0.0  # webhooks are there where a test has a receiver for them
        self.client = Client(self, 0)
        self.client._wish = (wish or Wish()).body()
        self._clients = [self.client]
        self.calm_since = MOST_SECONDS * SECOND  # what a test does to the world is no matter of patience

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

    def letters(self, kind: str) -> int:
        """How many dead letters of a kind there are at the end."""
        return self._letters[kind]

    def _begin(self) -> None:
        self._sweeps.begin()
        if self.receivers.server is not None:
            self.receivers.install(self.client.name, retries=self._retries)
        self.client._act(self.client._ask, after=0.0)

    def _settle_accounts(self) -> None:
        super()._settle_accounts()
        self._letters.update(row.data["kind"] for row in self.documents.query("dead_letters"))


class Replaying(Stage):
    """A world in which an operator takes up again the pipeline that failed in another one, on the same store."""

    def __init__(self, folder: Path, failed: Stage):
        super().__init__(folder, keep=True)
        self.failed = failed.pipeline
        self.scheduler.now = failed.scheduler.now

    def _begin(self) -> None:
        self._sweeps.begin()
        host = self.hosts.serving[0]
        self.platform.start(host, "operator", partial(self._operate, host.context))

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

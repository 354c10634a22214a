"""One seed's world: hosts with the real functions on the real embedded adapters, and everything around them simulated.

While the storm lasts things go wrong; then the world is left alone, and every promise must come true.
"""

import io
import json
import logging
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from werkzeug.wrappers import Request, Response

from common.domain.pipeline import SETTLED, Step
from common.domain.settings import Settings
from common.engine import heartbeat, invariants
from common.engine.context import Context
from common.engine.invariants import Violation
from common.engine.push import InvalidEnvelope, parse
from common.http import boundary, push
from common.platform.documents import Write
from common.platform.embedded.cache import MemoryCache
from common.platform.embedded.documents import SqliteDocuments
from common.platform.embedded.objects import FolderObjects
from common.platform.embedded.schedules import InProcessSchedules
from common.platform.embedded.secrets import FolderSecrets
from common.platform.embedded.signed_urls import SignedUrls
from common.platform.jobs import JobsUnavailable
from common.providers.registry import Registry
from common.runtime.host import NoBus
from functions.catalogue import CATALOGUE
from functions.render import job
from functions.steps import direct, generate_visual
from functions.steps import inspect as inspect_step
from scripts.simulation import providers
from scripts.simulation.books import Book
from scripts.simulation.bus import Bus
from scripts.simulation.chance import Chance
from scripts.simulation.clients import Client
from scripts.simulation.faults import Faults, Weather, weather_of
from scripts.simulation.jobs import SimulatedJobs
from scripts.simulation.media import Studio
from scripts.simulation.operations import Clips
from scripts.simulation.ports import (
    Gate,
    GatedDocuments,
    GatedJobs,
    GatedMessages,
    GatedObjects,
    GatedTasks,
    TrustedIdentity,
)
from scripts.simulation.providers import NONSENSE
from scripts.simulation.scheduler import (
    SECOND,
    START,
    Actor,
    Crash,
    Process,
    Scheduler,
    SkewedClock,
    Threads,
    process_here,
)
from scripts.simulation.trace import Trace
from scripts.simulation.witness import Witness

MOST_STEPS = 60_000  # of the scheduler; a world that needs more goes round in circles
MOST_SECONDS = 14 * 86_400
CLIENTS = (1, 1, 1, 1, 1, 1, 2, 2, 2, 3)
CONVALESCENCE = 1800  # seconds after the storm until the last frozen worker is found out
IDLE_SWEEPS = 70  # without any change, after which nothing will change any more


@dataclass
class Host:
    """One machine: its name, which changes when it restarts, its ports and its clock."""

    name: str
    skew: float
    context: Context = field(init=False)
    processes: set[Process] = field(default_factory=set)


@dataclass
class Result:
    """What one seed came to."""

    seed: int
    ends: dict[str, int]
    actions: int
    faults: Mapping[str, int]
    seconds: float  # of virtual time
    found: list[Violation]
    trace: Trace


class World:
    """Everything there is in one seed."""

    def __init__(self, seed: int, folder: Path, weather: Weather | None = None):
        self.seed = seed
        self.chance = Chance(seed)
        self.trace = Trace()
        self.faults = Faults(self.chance, weather or weather_of(self.chance))
        self.scheduler = Scheduler(self.chance)
        self.truth = SkewedClock(self.scheduler)
        self.book = Book()
        self.clips = Clips(self)
        self.cancelled: set[str] = set()
        self.found: list[Violation] = []
        self._at_rest = False
        self._storm = True
        self._well_again = 0
        self._idle_sweeps = 0
        self._settings = Settings(home=folder, poll_seconds=self.chance.one((5.0, 15.0, 30.0)))
        self._secrets = FolderSecrets(folder / "secrets")
        self.documents = SqliteDocuments(Path(":memory:"), self.truth)  # one connection serves one thread
        self._objects = FolderObjects(folder / "objects", SignedUrls(b"0" * 32, self.truth))
        self._cache = MemoryCache(self.truth)
        self._gate = Gate(self)
        self.witness = Witness(CATALOGUE, self._gone)
        self.bus = Bus(self)
        self._schedules = InProcessSchedules(CATALOGUE.schedules(), self.deliver, self.truth)
        self._jobs_relay = self.chance.happens(0.5)  # whether jobs reach the bus themselves, as on Google Cloud
        self._knows_hosts = self.chance.happens(0.5)  # whether a host can tell that another one is dead
        self.pace = self.chance.one(((0.1, 10.0), (0.1, 30.0), (2.0, 250.0)))  # seconds that an engine works
        self._pays = self.chance.happens(0.8)
        self._hosts = [self._host(f"host{number}") for number in range(1 + self.chance.below(3))]
        self.jobs = SimulatedJobs(self, job.main, self._host)
        for host in self._hosts:
            host.context = self._context(host)
        self._clients = [Client(self, number) for number in range(self.chance.one(CLIENTS))]
        self._functions = {name: self._function(name) for name in CATALOGUE}

    def run(self) -> Result:
        """Live until nothing is left to do, or a promise is broken."""
        with self._installed():
            self._begin()
            steps = 0
            while not self._at_rest and not self.broken:
                steps += 1
                if not self.scheduler.step():
                    self.blame("every pipeline ends", "", "nothing is left to do, and the world is not at rest")
                if steps > MOST_STEPS or self.scheduler.now > MOST_SECONDS * SECOND:
                    self.blame("every pipeline ends", "", f"the world did not come to rest in {steps} steps")
            if not self.broken:
                self._settle_accounts()
            self._end()
        self.documents.close()
        ends: dict[str, int] = {}
        for seen in self.witness.seen.values():
            ends[seen.pipeline.status] = ends.get(seen.pipeline.status, 0) + 1
        seconds = self.scheduler.now / SECOND
        return Result(self.seed, ends, steps, self.faults.counts, seconds, self.broken, self.trace)

    @property
    def broken(self) -> list[Violation]:
        """The promises that were broken."""
        return self.witness.found + self.book.found + self.found

    def blame(self, invariant: str, pipeline_id: str, detail: str) -> None:
        """Note a broken promise."""
        self.found.append(Violation(invariant, pipeline_id, detail))

    # What processes are.

    def process(self, label: str, host: Host) -> Process:
        """A new process on a host."""
        process = Process(label, host)
        host.processes.add(process)
        return process

    def kill(self, process: Process) -> None:
        """End a process at once."""
        self.scheduler.kill(process)

    def stall(self, what: str) -> bool:
        """Have the process that runs this stand still for longer than most leases last; whether it did."""
        if not self.faults.strike("stall"):
            return False
        process, seconds = process_here(), self.chance.spread(60.0, 600.0)
        self.trace.note(self.scheduler.now, process.label, "stalls for %.0f s in %s", seconds, what)
        process.frozen_until = self.scheduler.now + int(seconds * SECOND)
        self.scheduler.pause()
        return True

    def ended(self, process: Process, actor: Actor, *, acknowledged: bool = True) -> None:
        """See what a process left behind that ended by itself."""
        host: Host = process.host
        host.processes.discard(process)
        if actor.error is not None or not acknowledged:
            return
        for (pipeline_id, key), epoch in process.epochs.items():
            seen = self.witness.seen[pipeline_id]
            step = seen.steps[key]
            handed = actor.process.subject[1] == key and f"{pipeline_id}.{key}.{epoch}" in self.jobs.executions
            if step.state == "running" and step.epoch == epoch and not seen.pipeline.settled and not handed:
                self.blame(
                    "who is done lets go", pipeline_id, f"{process.label} is gone and holds {key} in epoch {epoch}"
                )

    # What reaches functions from outside.

    def deliver(self, function: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Push a delivery to a function on some host; the status of its answer. Called in an actor of a bus."""
        entry = CATALOGUE[function]
        host = self.chance.one(self._hosts)
        process = self.process(f"{host.name}/{function}", host)
        process.subject = _subject(body)
        if process.subject[1]:
            process.label = f"{host.name}/{process.subject[0][:4]}:{process.subject[1]}"
        actor = self.scheduler.spawn(process, lambda: self._functions[function](_request("/", body, headers)))
        limit = entry.timeout.total_seconds()
        if not self.scheduler.join(actor, limit):
            self._overdue(process, actor)
            return 504
        if actor.error is not None:
            host.processes.discard(process)
            if not isinstance(actor.error, Crash):
                self.blame("no unexpected error", process.subject[0], f"{process.label} raised {actor.error!r}")
            return 502
        status = int(actor.result.status_code)
        self.trace.note(self.scheduler.now, process.label, "answers %s", status)
        self.ended(process, actor, acknowledged=status < 300)
        return status

    def request(
        self, function: str, path: str, user: str, body: Mapping[str, Any], key: str = ""
    ) -> tuple[int, Any] | None:
        """Call an endpoint as a user; status and body of the answer, or None where none came."""
        host = self.chance.one(self._hosts)
        process = self.process(f"{host.name}/{function}", host)
        headers = {"Authorization": f"Bearer {user}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        raw = json.dumps(dict(body)).encode()
        actor = self.scheduler.spawn(process, lambda: self._functions[function](_request(path, raw, headers)))
        if not self.scheduler.join(actor, 60.0):
            self.kill(process)
        host.processes.discard(process)
        if actor.error is not None or actor.result is None:
            return None
        response: Response = actor.result
        self.trace.note(self.scheduler.now, user, "%s answers %s", function, response.status_code)
        if response.status_code == 500:
            self.blame("no unexpected error", "", f"{function} answered 500: {response.get_data(as_text=True)[:200]}")
        return response.status_code, json.loads(response.get_data() or b"null")

    def _overdue(self, process: Process, actor: Actor) -> None:
        """The platform gave up waiting: the worker is killed, or goes on unheard and is killed later."""
        if self.chance.happens(0.5):
            self.trace.note(self.scheduler.now, process.label, "is killed, for it took too long")
            self.kill(process)
            process.host.processes.discard(process)
            return
        self.trace.note(self.scheduler.now, process.label, "took too long, and goes on unheard")

        def over() -> None:
            if not actor.over:
                self.kill(process)
            process.host.processes.discard(process)

        self.scheduler.after(self.chance.spread(1.0, 3000.0), over)

    # How a world begins, weathers the storm, and comes to rest.

    def _begin(self) -> None:
        storm = self.chance.spread(60.0, 5400.0)
        for client in self._clients:
            client.start(within=storm / 2)
        self._schedule_sweep()
        self.scheduler.after(storm, self._clear_up)
        for _ in range(3):
            if self.faults.strike("reboot"):
                self.scheduler.after(self.chance.draw() * storm, self._reboot)

    def _clear_up(self) -> None:
        self.trace.note(self.scheduler.now, "world", "the storm is over")
        self._storm = False
        self._well_again = self.scheduler.now + CONVALESCENCE * SECOND
        self.faults.end()

    def _reboot(self) -> None:
        host = self.chance.one(self._hosts)
        self.trace.note(self.scheduler.now, host.name, "loses power")
        for process in sorted(host.processes, key=lambda one: one.label):
            self.kill(process)
        host.processes.clear()
        name, _, boots = host.name.partition("+")
        host.name = f"{name}+{int(boots or 0) + 1}"
        host.skew = self.chance.between(-300.0, 300.0)
        host.context = self._context(host)

    def _schedule_sweep(self) -> None:
        due = self._schedules.next_due()
        assert due is not None
        self.scheduler.at(round((due - START).total_seconds() * SECOND), self._tick)

    def _tick(self) -> None:
        commits = self.witness.commits

        def sweep() -> None:
            self._schedules.run_due()
            self._look_around(commits)

        self.scheduler.spawn(Process("scheduler"), sweep)
        self._schedule_sweep()

    def _look_around(self, commits: int) -> None:
        """After a sweep: whether the world is at rest, or waits for something far away."""
        if not self._storm and self.scheduler.now > self._well_again:
            self.witness.late(self.scheduler.moment)
        quiet = self.scheduler.living == 1 and self.scheduler.pending == 1 and self.bus.idle
        if self._storm or not quiet or self.witness.commits != commits:
            self._idle_sweeps = 0
            return
        open_steps = [step for seen in self.witness.seen.values() for step in _open(seen)]
        if not open_steps:
            self._at_rest = True
        elif all(step.state == "parked" for step in open_steps):
            self._leap(max(step.deadline for step in open_steps))
        else:
            self._idle_sweeps += 1
            self._at_rest = self._idle_sweeps > IDLE_SWEEPS

    def _leap(self, moment: Any) -> None:
        """Nothing happens until then, so be there at once."""
        self.scheduler.now = max(self.scheduler.now, round((moment - START).total_seconds() * SECOND))
        self._idle_sweeps += 1
        self._at_rest = self._idle_sweeps > IDLE_SWEEPS

    def _settle_accounts(self) -> None:
        """The world is at rest: nothing may be left open, and the books must agree."""
        for seen in self.witness.seen.values():
            self.found += invariants.rest(seen)
            self.book.compare(seen)
        self.witness.compare(self.documents)
        for key, execution in self.jobs.executions.items():
            if execution.state == "running":
                self.blame("every job ends", key.partition(".")[0], f"{key} still runs")
        for pipeline_id in self.cancelled:
            status = self.witness.seen[pipeline_id].pipeline.status
            if status != "cancelled":
                self.blame("cancel wins", pipeline_id, f"its client was told that it is cancelled, and it is {status}")
        wishes = sum(bool(client.pipeline_id) for client in self._clients)
        if len(self.witness.seen) > len(self._clients):
            self.blame("one pipeline per request", "", f"{wishes} requests made {len(self.witness.seen)} pipelines")

    def _end(self) -> None:
        """Let everybody die who still lives, so that nothing of this seed reaches the next."""
        self.faults.end()
        for host in self._hosts:
            for process in host.processes:
                self.kill(process)

    # What hosts are made of.

    def _host(self, name: str) -> Host:
        host = Host(name, self.chance.between(-300.0, 300.0))
        if hasattr(self, "jobs"):
            host.context = self._context(host)
        return host

    def _context(self, host: Host) -> Context:
        gate = self._gate
        serves = host.name.startswith("host") or self._jobs_relay
        options = {listing.name: {"world": self} for listing in providers.LISTINGS}
        return Context(
            settings=self._settings,
            catalogue=CATALOGUE,
            documents=GatedDocuments(gate, self.documents, self),
            objects=GatedObjects(gate, self._objects),
            messages=GatedMessages(gate, self.bus) if serves else NoBus(),
            tasks=GatedTasks(gate, self.bus) if serves else NoBus(),
            jobs=GatedJobs(gate, self.jobs, self._refuses_job),
            identity=TrustedIdentity(),
            secrets=self._secrets,
            cache=self._cache,
            clock=SkewedClock(self.scheduler, host.skew),
            registry=Registry(lambda _: "key" if self._pays else None, options, providers.LISTINGS),
            owner=host.name,
            alive=self._alive,
            new_id=self.chance.id,
        )

    def _function(self, name: str) -> Callable[[Request], Response]:
        entry = CATALOGUE[name]
        module = import_module(entry.module)
        wrap = {"api": boundary.endpoint, "steps": push.step, "upkeep": push.upkeep}[entry.kind]
        return wrap(entry, module, _here)

    def committed(self, writes: Sequence[Write], process: Process) -> None:
        """See a commit: judge it, write it down, and tell the client whose plan is ready."""
        for before, after in self.witness.committed(writes, self.scheduler.moment, process):
            self._note(process, before, after)
            self._disturb(after)
            status = after.pipeline.status
            if status == "awaiting_approval" and before.pipeline.status != status:
                for client in self._clients:
                    if client.name == after.pipeline.owner:
                        client.waits_for_approval()

    def _disturb(self, seen: invariants.Snapshot) -> None:
        """Send for a step whose time has not come, or has passed, as no part of the engine would."""
        if self.faults.strike("stray"):
            step = self.chance.one(list(seen.steps.values()))
            data = {"pipeline_id": seen.pipeline.id, "step": step.step, "key": step.key}
            self.trace.note(self.scheduler.now, "world", "sends a stray message for %s", step.key)
            self.scheduler.after(
                self.chance.spread(0.001, 600.0),
                lambda: self.bus.publish(step.step, data, message_id=f"stray.{step.key}"),
            )

    def _note(self, process: Process, before: invariants.Snapshot, after: invariants.Snapshot) -> None:
        now, note = self.scheduler.now, self.trace.note
        for key, step in after.steps.items():
            was = before.steps.get(key)
            if was is not step:
                note(now, process.label, "%s: %s epoch %s", key, step.state, step.epoch)
        for name, row in after.ledger.items():
            if before.ledger.get(name) is not row:
                note(now, process.label, "ledger %s: %s %s of %s", name, row.state, row.amount, row.estimate)
        if after.pipeline.status != before.pipeline.status:
            note(now, process.label, "the pipeline is %s", after.pipeline.status)

    def _alive(self, owner: str) -> bool | None:
        if not self._knows_hosts:
            return None
        if not owner.startswith("host"):
            return True
        return any(host.name == owner for host in self._hosts)

    def _gone(self, step: Step) -> bool:
        """Whether a running step's owner is known to be dead: its job has ended, or its host."""
        if CATALOGUE.rules(step.step).job:
            execution = self.jobs.executions.get(f"{step.pipeline_id}.{step.key}.{step.epoch}")
            if execution is not None and execution.state in ("failed", "cancelled"):
                return True
        return self._alive(step.owner.split("/")[0]) is False

    def _refuses_job(self, what: str) -> bool:
        if not self.faults.strike("refuse_job"):
            return False
        self.trace.note(self.scheduler.now, "jobs", "refuse: %s", what)
        return True

    @contextmanager
    def _installed(self) -> Iterator[None]:
        """Put what is simulated where the functions look for it, and take it away again."""
        studio = Studio(self)
        seams: list[tuple[Any, str, Any]] = [
            (heartbeat, "threading", Threads(self.scheduler, lambda: self.faults.strike("deaf"))),
            (job, "film", studio),
            (job, "runtime", SimpleNamespace(build=lambda _: _here())),
            (job, "logs", SimpleNamespace(configure=lambda: None)),
            (inspect_step, "inspect", studio.inspect),
            (direct, "choose_look", studio.look),
            (generate_visual, "stage_clip", studio.stage),
            (tempfile, "tempdir", str(self._settings.home)),
        ]
        before = [(module, name, getattr(module, name)) for module, name, _ in seams]
        state = random.getstate()
        random.seed(self.seed)
        complaints = _Complaints(self)
        loggers = [logging.getLogger(name) for name in ("common", "functions")]
        manners = [(logger, logger.level, logger.propagate) for logger in loggers]
        for logger in loggers:
            logger.addHandler(complaints)
            logger.setLevel(logging.ERROR)
            logger.propagate = False
        try:
            for module, name, value in seams:
                setattr(module, name, value)
            yield
        finally:
            for module, name, value in before:
                setattr(module, name, value)
            for logger, level, propagate in manners:
                logger.removeHandler(complaints)
                logger.setLevel(level)
                logger.propagate = propagate
            random.setstate(state)


class _Complaints(logging.Handler):
    """Hears of every exception that the engine did not foresee."""

    def __init__(self, world: World):
        super().__init__(logging.ERROR)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        # The bus notes what it tries again, and engines may break.
        foreseen = isinstance(error, JobsUnavailable) or record.name.startswith("common.platform.embedded")
        if error is None or foreseen or NONSENSE in str(error):
            return
        pipeline_id = str(getattr(record, "pipeline", ""))
        where = f"{record.name}: {record.getMessage()}: {type(error).__name__}: {error}"
        self._world.blame("no unexpected error", pipeline_id, where)


def _here() -> Context:
    """The context of the host that runs this."""
    host: Host = process_here().host
    return host.context


def _open(seen: invariants.Snapshot) -> list[Step]:
    """Steps for which something may still happen."""
    ended = seen.pipeline.settled
    return [
        step
        for step in seen.steps.values()
        if step.state not in SETTLED
        and not (ended and step.state == "parked")
        and (ended or seen.pipeline.parts[step.key].state == "ready")
    ]


def _subject(body: bytes) -> tuple[str, str]:
    try:
        data = parse(body, {}).data
    except InvalidEnvelope:
        return "", ""
    return str(data.get("pipeline_id", "")), str(data.get("key", ""))


def _request(path: str, body: bytes, headers: Mapping[str, str]) -> Request:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in headers.items():
        variable = name.upper().replace("-", "_")
        environ[variable if variable == "CONTENT_TYPE" else f"HTTP_{variable}"] = value
    return Request(environ)

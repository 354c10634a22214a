"""One seed's world: the real functions on the real embedded adapters, and everything around them simulated.

While the storm lasts things go wrong; then the world is left alone, and every promise must come true.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from common.engine import invariants
from common.engine.invariants import Snapshot, Violation
from common.platform.documents import Write
from common.platform.embedded.documents import SqliteDocuments
from functions.catalogue import CATALOGUE
from functions.render import job
from scripts.simulation import seams
from scripts.simulation.books import Book
from scripts.simulation.bus import Bus
from scripts.simulation.chance import Chance
from scripts.simulation.clients import Client
from scripts.simulation.faults import Faults, Weather, weather_of
from scripts.simulation.hosts import Hosts
from scripts.simulation.jobs import SimulatedJobs
from scripts.simulation.operations import Clips
from scripts.simulation.platform import Platform
from scripts.simulation.receivers import Receivers
from scripts.simulation.scheduler import SECOND, Process, Scheduler, SkewedClock, process_here
from scripts.simulation.sweeps import Sweeps
from scripts.simulation.trace import Trace
from scripts.simulation.witness import Witness

MOST_STEPS = 60_000  # of the scheduler; a world that needs more goes round in circles
MOST_SECONDS = 14 * 86_400
CLIENTS = (1, 1, 1, 1, 1, 1, 2, 2, 2, 3)
PACES = ((0.1, 10.0), (0.1, 30.0), (2.0, 250.0))


@dataclass
class Result:
    """What one seed came to."""

    seed: int
    ends: Mapping[str, int]
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
        self.pace = self.chance.one(PACES)  # seconds that an engine works
        self.calm_since: int | None = None
        self.cancelled: set[str] = set()  # pipelines whose client was told so
        self.documents = SqliteDocuments(Path(":memory:"), self.truth)  # one thread has one connection
        self.book = Book()
        self.clips = Clips(self)
        self.bus = Bus(self)
        self.jobs = SimulatedJobs(self, job.main)
        self.receivers = Receivers(self)
        self.hooked = 0.5  # share of the clients that have a webhook
        self.hosts = Hosts(self, folder)
        self.platform = Platform(self)
        self.witness = Witness(CATALOGUE, self.hosts.gone)
        self._folder = folder
        self._found: list[Violation] = []
        self._sweeps = Sweeps(self)
        self._clients = [Client(self, number) for number in range(self.chance.one(CLIENTS))]

    def run(self) -> Result:
        """Live until nothing is left to do, or a promise is broken."""
        steps = 0
        with seams.installed(self, self._folder):
            self._begin()
            while not self._sweeps.at_rest and not self.broken:
                steps += 1
                if not self.scheduler.step() or steps > MOST_STEPS or self.scheduler.now > MOST_SECONDS * SECOND:
                    self.blame("every pipeline ends", "", f"the world did not come to rest in {steps} steps")
            if not self.broken:
                self._settle_accounts()
            found = self.broken
            self.scheduler.close()
        self.documents.close()
        ends: Counter[str] = Counter(seen.pipeline.status for seen in self.witness.seen.values())
        return Result(self.seed, ends, steps, self.faults.counts, self.scheduler.now / SECOND, found, self.trace)

    @property
    def broken(self) -> list[Violation]:
        """The promises that were broken."""
        return self.witness.found + self.book.found + self.receivers.found + self._found

    def blame(self, invariant: str, pipeline_id: str, detail: str) -> None:
        """Note a broken promise."""
        self._found.append(Violation(invariant, pipeline_id, detail))

    def stall(self, what: str, kind: str = "stall") -> bool:
        """Have the process that runs this stand still for longer than most leases last; whether it did."""
        if not self.faults.strike(kind):
            return False
        process, seconds = process_here(), self.chance.spread(60.0, 600.0)
        self.trace.note(self.scheduler.now, process.label, "stalls for %.0f s in %s", seconds, what)
        process.frozen_until = self.scheduler.now + int(seconds * SECOND)
        self.scheduler.pause()
        return True

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

    def _begin(self) -> None:
        storm = self.chance.spread(60.0, 5400.0)
        for client in self._clients:
            if self.chance.happens(self.hooked):
                self.receivers.install(client.name)
            client.start(within=storm / 2)
        self._sweeps.begin()
        self.scheduler.after(storm, self._clear_up)
        for _ in range(3):
            if self.faults.strike("reboot"):
                self.scheduler.after(self.chance.draw() * storm, self.hosts.reboot)

    def _clear_up(self) -> None:
        self.trace.note(self.scheduler.now, "world", "the storm is over")
        self.calm_since = self.scheduler.now
        self.faults.end()

    def _settle_accounts(self) -> None:
        """The world is at rest: nothing may be left open, and the books must agree."""
        for seen in self.witness.seen.values():
            self._found += invariants.rest(seen)
            self.book.compare(seen)
        self.witness.compare(self.documents)
        self.receivers.compare()
        for key, execution in self.jobs.executions.items():
            if execution.state == "running":
                self.blame("every job ends", key.partition(".")[0], f"{key} still runs")
        for pipeline_id in self.cancelled:
            status = self.witness.seen[pipeline_id].pipeline.status
            if status != "cancelled":
                self.blame("cancel wins", pipeline_id, f"its client was told that it is cancelled, and it is {status}")
        if len(self.witness.seen) > len(self._clients):
            text = f"{len(self._clients)} requests made {len(self.witness.seen)} pipelines"
            self.blame("one pipeline per request", "", text)

    def _disturb(self, seen: Snapshot) -> None:
        """Send for a step whose time has not come, or has passed, as no part of the engine would."""
        if self.faults.strike("stray"):
            step = self.chance.one(list(seen.steps.values()))
            data = {"pipeline_id": seen.pipeline.id, "step": step.step, "key": step.key}
            self.trace.note(self.scheduler.now, "world", "sends a stray message for %s", step.key)
            self.scheduler.after(
                self.chance.spread(0.001, 600.0),
                lambda: self.bus.publish(step.step, data, message_id=f"stray.{step.key}"),
            )

    def _note(self, process: Process, before: Snapshot, after: Snapshot) -> None:
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

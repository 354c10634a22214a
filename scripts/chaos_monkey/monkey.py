"""The monkey: what it kills, whom that hits, and when each of them went on."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from common.domain.pipeline import SETTLED, Step
from common.engine import store
from common.platform.documents import Documents, Where
from scripts.chaos_monkey.servers import Server, alive, children, family, rendered_by, sigkill

KINDS = {"server": 5, "job": 4, "ffmpeg": 2, "both servers": 1}  # with their weights
LONGEST_DOWN = 2.0  # seconds until a dead server is started again


@dataclass
class Hit:
    """A step run that a kill interrupted."""

    step: Step
    at: float
    recovered: float | None = None  # seconds


@dataclass
class Monkey:
    """Kills by chance, and starts again what it killed.

    `every` is the mean number of events between two kills: a machine that is slow is not killed out of all progress.
    """

    servers: Sequence[Server]
    documents: Documents
    every: float
    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    hits: list[Hit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(f"monkey {self.seed}")
        self._next = self._pause()

    def turn(self, events: int) -> None:
        """Kill if so many events were recorded, start what is due, and see who went on."""
        if events >= self._next:
            self._strike()
            self._next = events + self._pause()
        self.revive()
        self.look()

    def revive(self, *, at_once: bool = False) -> None:
        """Start every dead server that is due."""
        for server in self.servers:
            if server.pid is None and (at_once or time.monotonic() >= server.due):
                server.start()

    def look(self) -> None:
        """See which interrupted steps run again, or came to their end."""
        for hit in self.hits:
            if hit.recovered is None and self._goes_on(hit.step):
                hit.recovered = time.monotonic() - hit.at

    def _strike(self) -> None:
        targets = {kind: found for kind in KINDS if (found := self._targets(kind))}
        if not targets:
            return
        kind = self._chance.choices(list(targets), [KINDS[kind] for kind in targets])[0]
        pids = targets[kind] if kind == "both servers" else [self._chance.choice(targets[kind])]
        reached = {member for pid in pids for member in family(pid)}
        if kind == "ffmpeg":  # it is its job that has to cope
            reached = {job for job in self._jobs() if pids[0] in children(job)}
        rendered = {rendered_by(pid) for pid in reached}  # a job may not have made the step its own yet
        struck = [step for step in self._running() if _pid(step) in reached or (step.pipeline_id, step.key) in rendered]
        now = time.monotonic()
        if not sum(sigkill(pid) for pid in pids):
            return
        self.kills[kind] += 1
        for server in self.servers:
            if server.pid is None or server.pid in pids:
                server.kill()  # waits for its end
                server.due = now + self._chance.uniform(0.1, LONGEST_DOWN)
        waiting = {(hit.step.pipeline_id, hit.step.key) for hit in self.hits if hit.recovered is None}
        self.hits += [Hit(step, now) for step in struck if (step.pipeline_id, step.key) not in waiting]

    def _targets(self, kind: str) -> list[int]:
        servers = [server.pid for server in self.servers if server.pid is not None]
        if kind == "server":
            return servers
        if kind == "both servers":
            return servers if len(servers) > 1 else []
        return self._jobs() if kind == "job" else alive([child for job in self._jobs() for child in children(job)])

    def _jobs(self) -> list[int]:
        return alive([pid for server in self.servers for pid in server.jobs()])

    def _running(self) -> list[Step]:
        rows = self.documents.query_group("steps", where=[Where("state", "==", "running")])
        return [Step.model_validate(row.data) for row in rows]

    def _goes_on(self, was: Step) -> bool:
        found = store.read(self.documents, was.pipeline_id, was.key)
        step = found.step
        assert step is not None
        taken = step.state == "running" and (step.epoch, step.owner) != (was.epoch, was.owner)
        return taken or step.epoch > was.epoch or step.state in SETTLED or found.pipeline.settled

    def _pause(self) -> float:
        return self.every * self._chance.uniform(0.2, 1.8)


def _pid(step: Step) -> int:
    """The process that works on a step; 0 when its owner is none of this machine."""
    number = step.owner.partition("@")[0]
    return int(number) if number.isdigit() else 0

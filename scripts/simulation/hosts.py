"""Hosts: where functions and jobs run, each with ports, a clock and a name of its own."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from common.domain.pipeline import Step
from common.domain.settings import Settings
from common.engine.context import Context
from common.platform import seal
from common.platform.embedded.cache import MemoryCache
from common.platform.embedded.objects import FolderObjects
from common.platform.embedded.secrets import FolderSecrets
from common.platform.embedded.signed_urls import SignedUrls
from common.providers.registry import Registry
from common.runtime.host import NoBus
from functions.catalogue import CATALOGUE
from scripts.simulation import providers
from scripts.simulation.ports import (
    Gate,
    GatedDocuments,
    GatedEgress,
    GatedJobs,
    GatedMessages,
    GatedObjects,
    GatedTasks,
    TrustedIdentity,
)
from scripts.simulation.scheduler import Process, SkewedClock, process_here

if TYPE_CHECKING:
    from scripts.simulation.world import World

MOST_SKEW = 300.0  # seconds by which a host's clock is wrong


@dataclass
class Host:
    """One machine: its name, which changes when it restarts, its clock and its ports, and what runs on it."""

    name: str
    skew: float
    context: Context = field(init=False)
    processes: dict[Process, None] = field(default_factory=dict)


class Hosts:
    """All machines of a world. Some of what they can do is drawn for each seed."""

    def __init__(self, world: "World", folder: Path):
        chance = world.chance
        self._world = world
        self._settings = Settings(home=folder, poll_seconds=chance.one((5.0, 15.0, 30.0)))
        self._secrets = FolderSecrets(folder / "secrets")
        self._secrets.begin(seal.SECRET, "what seals in the simulated world")
        self._objects = FolderObjects(folder / "objects", SignedUrls(b"0" * 32, world.truth))
        self._cache = MemoryCache(world.truth)
        self._gate = Gate(world)
        self._jobs_publish = chance.happens(0.5)  # jobs reach the bus themselves, as on Google Cloud
        self._know_each_other = chance.happens(0.5)  # a host can tell that another one is dead
        self._pay = chance.happens(0.8)
        self.serving = [self.add(f"host{number}") for number in range(1 + chance.below(3))]

    def add(self, name: str) -> Host:
        """A machine with a clock of its own."""
        host = Host(name, self._world.chance.between(-MOST_SKEW, MOST_SKEW))
        host.context = self._context(host)
        return host

    def any(self) -> Host:
        """One of the machines that serve functions."""
        return self._world.chance.one(self.serving)

    def reboot(self) -> None:
        """Have one of them die with everything on it, and come back under another name."""
        host = self.any()
        self._world.trace.note(self._world.scheduler.now, host.name, "loses power")
        for process in host.processes:
            self._world.scheduler.kill(process)
        host.processes.clear()
        name, _, boots = host.name.partition("+")
        host.name = f"{name}+{int(boots or 0) + 1}"
        host.skew = self._world.chance.between(-MOST_SKEW, MOST_SKEW)
        host.context = self._context(host)

    def gone(self, step: Step) -> bool:
        """Whether a running step's owner is known to be dead: its job has ended, or its host."""
        if CATALOGUE.rules(step.step).job:
            state = self._world.jobs.state(f"{step.pipeline_id}.{step.key}.{step.epoch}")
            if state in ("failed", "cancelled"):
                return True
        return self._alive(step.owner.split("/")[0]) is False

    def _alive(self, owner: str) -> bool | None:
        if not self._know_each_other:
            return None
        return not owner.startswith("host") or any(host.name == owner for host in self.serving)

    def _context(self, host: Host) -> Context:
        world, gate = self._world, self._gate
        publishes = host.name.startswith("host") or self._jobs_publish
        options = {listing.name: {"world": world} for listing in providers.LISTINGS}
        return Context(
            settings=self._settings,
            catalogue=CATALOGUE,
            documents=GatedDocuments(gate, world.documents, world),
            objects=GatedObjects(gate, self._objects),
            messages=GatedMessages(gate, world.bus) if publishes else NoBus(),
            tasks=GatedTasks(gate, world.bus) if publishes else NoBus(),
            jobs=GatedJobs(gate, world.jobs, self._refuses_job),
            identity=TrustedIdentity(),
            secrets=self._secrets,
            cache=self._cache,
            clock=SkewedClock(world.scheduler, host.skew),
            registry=Registry(lambda _: "key" if self._pay else None, options, providers.LISTINGS),
            owner=host.name,
            alive=self._alive,
            new_id=world.chance.id,
            egress=GatedEgress(gate, world.receivers),
        )

    def _refuses_job(self, what: str) -> bool:
        if not self._world.faults.strike("refuse_job"):
            return False
        self._world.trace.note(self._world.scheduler.now, "jobs", "refuse: %s", what)
        return True


def context_here() -> Context:
    """The context of the host that runs this."""
    host: Host = process_here().host
    return host.context

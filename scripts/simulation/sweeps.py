"""The sweeps of a world, and what they tell: whether it is well again, and whether it is at rest."""

from datetime import datetime
from typing import TYPE_CHECKING

from common.domain.pipeline import SETTLED, Step
from common.engine.invariants import Snapshot
from common.platform.embedded.schedules import InProcessSchedules
from functions.catalogue import CATALOGUE
from scripts.simulation.scheduler import SECOND, START, Process

if TYPE_CHECKING:
    from scripts.simulation.world import World

CONVALESCENCE = 1800.0  # seconds after the storm until the last frozen worker is found out
IDLE_SWEEPS = 70  # without any change, after which nothing will change any more


class Sweeps:
    """Calls what the catalogue schedules, when it is due, and looks around afterwards."""

    def __init__(self, world: "World"):
        self.at_rest = False
        self._world = world
        self._schedules = InProcessSchedules(CATALOGUE.schedules(), world.platform.deliver, world.truth)
        self._idle = 0

    def begin(self) -> None:
        """Wait for the next tick."""
        due = self._schedules.next_due()
        assert due is not None
        now, moment = self._world.scheduler.now, _micros(due)
        # What is due now is taken by the tick that has just begun.
        self._world.scheduler.at(moment if moment > now else moment + 60 * SECOND, self._tick)

    def _tick(self) -> None:
        commits = self._world.witness.commits

        def sweep() -> None:
            self._schedules.run_due()
            self._look_around(commits)

        self._world.scheduler.spawn(Process("scheduler"), sweep)
        self.begin()

    def _look_around(self, commits: int) -> None:
        """Whether the world is at rest, or waits for something far away; `commits` were made before the sweep."""
        world, scheduler = self._world, self._world.scheduler
        if world.calm_since is not None and scheduler.now > world.calm_since + CONVALESCENCE * SECOND:
            world.witness.late(scheduler.moment)
        quiet = scheduler.living == 1 and scheduler.pending == 1 and world.bus.idle
        if world.calm_since is None or not quiet or world.witness.commits != commits:
            self._idle = 0
            return
        self._idle += 1
        steps = [step for seen in world.witness.seen.values() for step in _open(seen)]
        if steps and all(step.state == "parked" for step in steps):
            # Nothing happens until the client's time is up, so be there at once.
            scheduler.now = max(scheduler.now, _micros(max(step.deadline for step in steps)))
        # A row that a host with a fast clock wrote is young for some minutes more.
        waiting = steps or any(seen.outbox for seen in world.witness.seen.values()) or world.receivers.waiting
        self.at_rest = not waiting or self._idle > IDLE_SWEEPS


def _open(seen: Snapshot) -> list[Step]:
    """Steps for which something may still happen."""
    ended = seen.pipeline.settled
    return [
        step
        for step in seen.steps.values()
        if step.state not in SETTLED
        and not (ended and step.state == "parked")
        and (ended or seen.pipeline.parts[step.key].state == "ready")
    ]


def _micros(moment: datetime) -> int:
    return round((moment - START).total_seconds() * SECOND)

"""Who runs when: greenlets under a virtual clock, one at a time, the next one drawn by chance.

Nothing waits for real. When nobody may run now, time jumps to the moment when somebody may.
"""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from greenlet import getcurrent, greenlet

from scripts.simulation.chance import Chance

START = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = 1_000_000  # microseconds, in which virtual time is counted


class Crash(BaseException):
    """The process that runs this is dead: it does nothing any more, not even in its `finally` blocks."""


class Process:
    """What dies and freezes as a whole: one delivery with its heartbeat, one task of a job, one request.

    `epochs` are the attempts it works for: (pipeline, step key) to epoch; `subject` is the step it was called for;
    `aware` are the pipelines whose end it has read, and `read` is when it read from the store for the last time.
    """

    def __init__(self, label: str, host: Any = None):
        self.label = label
        self.host = host
        self.dead = False
        self.frozen_until = 0
        self.epochs: dict[tuple[str, str], int] = {}
        self.actors: list[Actor] = []
        self.aware: set[str] = set()
        self.read: datetime | None = None
        self.subject: tuple[str, str] = ("", "")


class Actor(greenlet):  # type: ignore[misc]
    """One thread of a process."""

    def __init__(self, scheduler: "Scheduler", process: Process, run: Callable[[], Any]):
        super().__init__(self._life, parent=scheduler.hub)
        self.process = process
        self.result: Any = None
        self.error: BaseException | None = None
        self.over = False
        self.entry = 0  # the number of the one entry in the schedule that counts
        self.watchers: list[Actor] = []
        self._scheduler = scheduler
        self._work = run

    def _life(self) -> None:
        try:
            if not self.process.dead:
                self.result = self._work()
        except (Exception, Crash) as error:  # what a thread raises ends that thread alone
            self.error = error
        self.over = True
        self.process.actors.remove(self)
        for watcher in tuple(self.watchers):
            self._scheduler.wake(watcher)


class Scheduler:
    """The run queue and the clock. `now` is the true time, in microseconds since START."""

    def __init__(self, chance: Chance):
        self.hub = getcurrent()
        self.now = 0
        self.pending = 0  # calls that are not made yet
        self._chance = chance
        self._ready: list[tuple[int, Actor | Callable[[], None]]] = []
        self._later: list[tuple[int, int, Actor | Callable[[], None]]] = []
        self._numbers = 0
        self._closed = False
        self._actors: dict[Actor, None] = {}

    @property
    def living(self) -> int:
        """How many actors are not over."""
        return len(self._actors)

    @property
    def moment(self) -> datetime:
        """The true time as a date."""
        return START + timedelta(microseconds=self.now)

    def spawn(self, process: Process, run: Callable[[], Any], after: float = 0.0) -> Actor:
        """Start a thread of a process, now or some seconds later."""
        process.dead |= self._closed
        actor = Actor(self, process, run)
        process.actors.append(actor)
        self._actors[actor] = None
        self._enter(actor, self.now + int(after * SECOND))
        return actor

    def at(self, moment: int, call: Callable[[], None]) -> None:
        """Make a call, which must not wait, at a time."""
        self.pending += 1
        self._enter(call, moment)

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Make a call, which must not wait, some seconds from now."""
        self.at(self.now + int(seconds * SECOND), call)

    def pause(self, seconds: float = 0.0) -> None:
        """Let others run; go on some seconds later. Crash when the process died meanwhile."""
        actor = getcurrent()
        assert isinstance(actor, Actor), "only an actor may wait"
        self._enter(actor, self.now + int(seconds * SECOND))
        self._leave(actor)

    def wait(self) -> None:
        """Let others run until somebody wakes this actor."""
        actor = getcurrent()
        assert isinstance(actor, Actor), "only an actor may wait"
        actor.entry = 0
        self._leave(actor)

    def join(self, other: Actor, seconds: float | None = None) -> bool:
        """Wait until another actor is over, or for some seconds; whether it is over."""
        current = getcurrent()
        assert isinstance(current, Actor), "only an actor may wait"
        if not other.over:
            other.watchers.append(current)
            try:
                if seconds is None:
                    self.wait()
                else:
                    self.pause(seconds)
            finally:
                other.watchers.remove(current)
        return other.over

    def wake(self, actor: Actor) -> None:
        """Let an actor that waits go on now."""
        if not actor.over:
            self._enter(actor, self.now)

    def kill(self, process: Process) -> None:
        """End a process. Its threads unwind when their turn comes, and reach nothing any more."""
        process.dead = True
        process.frozen_until = 0
        for actor in process.actors:
            self.wake(actor)

    def close(self) -> None:
        """Let every actor unwind, so that nothing of this world reaches the next."""
        self._closed = True
        self._later.clear()
        self._ready.clear()
        for actor in list(self._actors):
            self.kill(actor.process)
        while self._actors and self.step():
            pass

    def step(self) -> bool:
        """Let one actor run, or make one call; False when there is nothing to do at any time."""
        while True:
            if not self._ready:
                if not self._later:
                    return False
                self.now = max(self.now, self._later[0][0])
            while self._later and self._later[0][0] <= self.now:
                _, number, what = heapq.heappop(self._later)
                self._ready.append((number, what))
            index = self._chance.below(len(self._ready))
            self._ready[index], self._ready[-1] = self._ready[-1], self._ready[index]
            number, what = self._ready.pop()
            if not isinstance(what, Actor):
                self.pending -= 1
                what()
                return True
            if what.over or what.entry != number:
                continue  # it went on by another entry
            if what.process.frozen_until > self.now:
                self._enter(what, what.process.frozen_until)
                continue
            what.switch()
            if what.over:
                del self._actors[what]
            return True

    def _enter(self, what: "Actor | Callable[[], None]", moment: int) -> None:
        self._numbers += 1
        if isinstance(what, Actor):
            what.entry = self._numbers
        if moment <= self.now:
            self._ready.append((self._numbers, what))
        else:
            heapq.heappush(self._later, (moment, self._numbers, what))

    def _leave(self, actor: Actor) -> None:
        self.hub.switch()
        if actor.process.dead:
            raise Crash


def process_here() -> Process:
    """The process that runs this."""
    actor = getcurrent()
    assert isinstance(actor, Actor), "this is called outside of the simulation"
    return actor.process


class SkewedClock:
    """The clock of one host, some seconds ahead of the true time or behind it."""

    def __init__(self, scheduler: Scheduler, skew: float = 0.0):
        self._scheduler = scheduler
        self._start = START + timedelta(seconds=skew)

    def now(self) -> datetime:
        """The moment this host believes it is."""
        return self._start + timedelta(microseconds=self._scheduler.now)

    def sleep(self, seconds: float) -> None:
        """Let others run for so long."""
        self._scheduler.pause(seconds)


class Threads:
    """Stands in for the module `threading` where the engine starts a thread: the same thread as an actor.

    `dies` tells whether a new thread never does anything; `joined` is called by who has seen a thread end.
    """

    def __init__(self, scheduler: Scheduler, dies: Callable[[], bool], joined: Callable[[], object]):
        self._scheduler = scheduler
        self._dies = dies
        self._joined = joined

    def Thread(self, target: Callable[[], None], name: str = "", daemon: bool = False) -> "Thread":  # noqa: N802
        """A thread of the process that is running; it may never do anything."""
        return Thread(self._scheduler, (lambda: None) if self._dies() else target, self._joined)

    def Event(self) -> "Event":  # noqa: N802
        """A flag to wait for."""
        return Event(self._scheduler)


class Thread:
    """A thread as an actor of the process that made it."""

    def __init__(self, scheduler: Scheduler, target: Callable[[], None], joined: Callable[[], object]):
        self._scheduler = scheduler
        self._target = target
        self._joined = joined
        self._actor: Actor | None = None

    def start(self) -> None:
        """Begin."""
        current = getcurrent()
        assert isinstance(current, Actor)
        self._actor = self._scheduler.spawn(current.process, self._target)

    def join(self) -> None:
        """Wait for its end."""
        if self._actor is not None:
            self._scheduler.join(self._actor)
        self._joined()


class Event:
    """A flag that actors wait for under virtual time."""

    def __init__(self, scheduler: Scheduler):
        self._scheduler = scheduler
        self._set = False
        self._waiting: list[Actor] = []

    def is_set(self) -> bool:
        """Whether it was set."""
        return self._set

    def set(self) -> None:
        """Set it, and let those who wait go on."""
        self._set = True
        for actor in self._waiting:
            self._scheduler.wake(actor)
        self._waiting.clear()

    def wait(self, seconds: float) -> bool:
        """Wait until it is set, or for so long; whether it is set."""
        if not self._set:
            current = getcurrent()
            assert isinstance(current, Actor)
            self._waiting.append(current)
            self._scheduler.pause(seconds)
            if current in self._waiting:
                self._waiting.remove(current)
        return self._set

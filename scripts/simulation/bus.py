"""The message bus and the task queues: the real embedded ones, pumped under virtual time.

Messages come late, twice, out of order or not at all. Whether a delivery was handled, a bus does not always learn.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from common.platform.embedded.delivery import Dispatcher, Retries
from common.platform.embedded.messages import DeadMessage, InProcessMessages
from common.platform.embedded.tasks import DeadTask, InProcessTasks
from common.runtime import host
from functions.catalogue import CATALOGUE
from scripts.simulation.scheduler import START, Process

if TYPE_CHECKING:
    from scripts.simulation.world import World

RETRIES = Retries(attempts=10, first=0.5, longest=60.0)


class Pump:
    """Delivers what a dispatcher holds, each call in an actor of its own, when it is due."""

    def __init__(self, world: "World", name: str):
        self._world = world
        self._name = name
        self._waking: datetime | None = None
        self._starting = False
        self.dispatcher: Dispatcher | None = None

    def look(self) -> None:
        """See whether something is due, and when."""
        assert self.dispatcher is not None
        scheduler = self._world.scheduler
        due = self.dispatcher.next_due()
        if due is None or self._starting:
            return
        if due <= scheduler.moment:
            self._starting = True
            scheduler.spawn(Process(self._name), self._deliver_one)
        elif self._waking is None or due < self._waking:
            self._waking = due
            micros = (due - START).total_seconds() * 1_000_000
            scheduler.at(round(micros), self._woken)

    def began(self) -> None:
        """A delivery has begun: the next one may."""
        self._starting = False
        self.look()

    def _woken(self) -> None:
        self._waking = None
        self.look()

    def _deliver_one(self) -> None:
        assert self.dispatcher is not None
        try:
            if not self.dispatcher.run_one():
                self._starting = False
        finally:
            self.look()


class Bus:
    """The ports Messages and Tasks of the simulated world."""

    def __init__(self, world: "World"):
        self._world = world
        self._messages_pump, self._tasks_pump = Pump(world, "pubsub"), Pump(world, "tasks")
        self.messages = InProcessMessages(
            self._delivered_by(self._messages_pump),
            world.truth,
            dead_letter=self._dead_message,
            consumers=CATALOGUE.topics(),
            retries=RETRIES,
            seed=world.seed,
        )
        self.tasks = InProcessTasks(
            self._delivered_by(self._tasks_pump),
            world.truth,
            dead_letter=self._dead_task,
            retries=RETRIES,
            seed=world.seed,
        )
        self._messages_pump.dispatcher = self.messages.dispatcher
        self._tasks_pump.dispatcher = self.tasks.dispatcher

    @property
    def idle(self) -> bool:
        """Whether nothing is on its way."""
        return self.messages.idle and self.tasks.idle

    def publish(self, topic: str, data: Mapping[str, Any], *, message_id: str) -> None:
        """Take a message; it may come late or be lost."""
        fixed = dict(data)

        def add() -> None:
            self.messages.publish(topic, fixed, message_id=message_id)
            self._messages_pump.look()

        self._take(message_id, add)

    def enqueue(
        self, queue: str, function: str, data: Mapping[str, Any], *, name: str, not_before: datetime | None = None
    ) -> bool:
        """Take a task; it may come late, but queues on disk lose nothing."""
        taken = self.tasks.enqueue(queue, function, data, name=name, not_before=not_before)
        self._tasks_pump.look()
        return taken

    def _take(self, name: str, add: Callable[[], None]) -> None:
        world = self._world
        if world.faults.strike("forget"):
            world.trace.note(world.scheduler.now, "pubsub", "loses %s", name)
        elif world.faults.strike("postpone"):
            seconds = world.chance.spread(0.5, 300.0)
            world.trace.note(world.scheduler.now, "pubsub", "keeps %s for %.1f s", name, seconds)
            world.scheduler.after(seconds, add)
        else:
            add()

    def _delivered_by(self, pump: Pump) -> Callable[[str, bytes, Mapping[str, str]], int]:
        def deliver(function: str, body: bytes, headers: Mapping[str, str]) -> int:
            pump.began()
            world = self._world
            if world.faults.strike("duplicate"):
                world.scheduler.spawn(
                    Process("pubsub"),
                    lambda: world.platform.deliver(function, body, headers),
                    after=world.chance.spread(0.001, 3000.0),
                )
            status = world.platform.deliver(function, body, headers)
            if status < 300 and world.faults.strike("lose_acknowledgement"):
                world.trace.note(world.scheduler.now, "pubsub", "misses the acknowledgement of %s", function)
                return 504
            return status

        return deliver

    def _dead_message(self, dead: DeadMessage) -> None:
        host.bury(self._world.platform.deliver, dead.message_id, dead.data, dead.reason)

    def _dead_task(self, dead: DeadTask) -> None:
        host.bury(self._world.platform.deliver, dead.name, dead.data, dead.reason)

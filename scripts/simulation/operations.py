"""A paid provider whose work outlives calls: clips that are started, looked at, and called off."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.domain.money import micros
from common.providers.errors import ProviderUnavailable, Refused, Unanswered
from common.providers.operation import Done, Failed, Running
from common.providers.visuals.port import Brief
from scripts.simulation.books import Bill, real_price
from scripts.simulation.providers import Engine
from scripts.simulation.scheduler import SECOND, process_here

if TYPE_CHECKING:
    from scripts.simulation.world import World


@dataclass
class Operation:
    """One clip being made at the provider."""

    id: str
    key: str
    bill: Bill
    done_at: int
    end: Any
    stopped: bool = False

    @property
    def useless(self) -> bool:
        """Whether nothing will ever come of it."""
        return self.stopped or isinstance(self.end, Failed)


class Clips:
    """The provider itself, which no crash of ours touches. What it lets us find is drawn for each seed."""

    def __init__(self, world: "World"):
        self.finds, self.honours_keys = world.chance.one(((True, False), (False, True), (False, False), (True, True)))
        self.by_id: dict[str, Operation] = {}
        self._world = world

    @property
    def keeps(self) -> bool:
        """Whether no operation can be lost here."""
        return self.finds or self.honours_keys

    def start(self, key: str, price: int) -> Operation:
        """Begin a clip; under a key that is known, nothing new where keys are honoured."""
        world, chance = self._world, self._world.chance
        known = self.find(key)
        if known is not None and self.honours_keys:
            return known
        pipeline_id, _, row = key.partition(".")
        call = key.rpartition(".")[0]
        for other in self.by_id.values():
            if other.key.startswith(f"{call}.") and other.key != key and not other.useless and self.keeps:
                world.book.blame("no work is paid twice", pipeline_id, f"{row} is started beside {other.key}")
        bill = world.book.enter(world, pipeline_id, row, real_price(world, price))
        end: Any = Done(f"clip {key}".encode(), bill.amount, quantity=1.0, unit="seconds")
        if world.faults.strike("away"):
            billed = chance.happens(0.5)
            bill.amount = price if billed else 0
            end = Failed(ProviderUnavailable("the clip came to nothing"), billed=billed)
        elif world.faults.strike("decline"):
            bill.amount = 0
            end = Failed(Refused("this scene is not made"))
        done_at = world.scheduler.now + int(chance.spread(1.0, 1500.0) * SECOND)
        made = Operation(f"op{len(self.by_id)}", key, bill, done_at, end)
        self.by_id[made.id] = made
        return made

    def find(self, key: str) -> Operation | None:
        """The operation of a key."""
        return next((one for one in self.by_id.values() if one.key == key), None)


class PaidVisuals(Engine):
    """Our side of that provider."""

    name = "paid-visuals"
    quality = 0.95
    paid = True
    patience = 60.0  # as that of the real one; hangs are no shorter

    def __init__(self, world: "World", key: str = ""):
        super().__init__(world, key)
        self._clips = world.clips
        self.finds, self.honours_keys = self._clips.finds, self._clips.honours_keys

    @classmethod
    def price(cls, size: float) -> int:
        """A fifth of a cent a second."""
        return micros(0.002 * size)

    def start(self, brief: Brief, seconds: int, key: str) -> str:
        """Start a clip; its answer may be lost on the way."""
        world = self._world
        self._trouble(self.name, meanwhile=lambda: self._clips.start(key, self.price(seconds)))
        lost = world.faults.strike("lose_start")
        if lost and world.chance.happens(0.5):
            raise Unanswered(f"{self.name} did not hear, and we do not know")
        operation = self._clips.start(key, self.price(seconds))
        world.scheduler.pause(world.chance.spread(*world.pace))
        if lost:
            raise Unanswered(f"{self.name} took it, and we do not know")
        return operation.id

    def look_up(self, key: str) -> str | None:
        """The id of the operation of a key."""
        self._work(self.name)
        operation = self._clips.find(key)
        return operation.id if operation else None

    def poll(self, operation: str) -> Any:
        """Where an operation stands."""
        self._trouble(self.name)
        known = self._clips.by_id[operation]
        if known.stopped:
            return Failed(ProviderUnavailable("the clip was called off"))
        if self._world.scheduler.now < known.done_at:
            return Running(self._world.chance.spread(1.0, 60.0))
        known.bill.heard = process_here()
        return known.end

    def cancel(self, operation: str) -> None:
        """Stop an operation; what it cost is billed."""
        self._work(self.name)
        self._clips.by_id[operation].stopped = True

"""The metered gateway: the only path from a step to an engine.

A paid call is reserved under the cap and its intent committed before it is made, so that a crash can neither
overspend nor pay twice. What an engine cost is settled in the same commit as the step's outcome.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from common.domain.choice import Choice, Offer, choose
from common.domain.pipeline import Charge
from common.engine import store
from common.engine.decisions import Change, Reservation
from common.engine.task import Task
from common.platform.documents import Put
from common.providers.registry import Kind

T = TypeVar("T")


class NoRoom(Exception):
    """The budget does not allow a reservation; nothing was called."""


@dataclass(frozen=True)
class Metered(Generic[T]):
    """A paid engine's answer with what it cost in micro-dollars, and the provider's id of the work, if it has one."""

    answer: T
    amount: int
    quantity: float = 0.0
    unit: str = ""
    operation: str = ""


def pick(task: Task, kind: Kind, asset: str, *, floor: float, size: float = 1.0) -> Choice:
    """Choose the engine for an asset by quality floor and money left; `size` is what the engine prices by."""
    registry = task.context.registry
    offers = []
    for listing in registry.of_kind(kind):
        cls = registry.kind_of(listing.name)
        price = cls.price(size) if cls.paid else 0
        why = registry.unavailable(listing.name)
        offers.append(
            Offer(engine=listing.name, version=cls.version, quality=cls.quality, price=price, unavailable=why)
        )
    return choose(
        asset, offers, floor=floor, room=store.read(task.context.documents, task.pipeline.id).pipeline.cost.room()
    )


def call(task: Task, name: str, use: Callable[[Any], T]) -> T:
    """Use a free engine, and note in the ledger that it ran."""
    engine = task.context.registry.engine(name)
    if engine.paid:
        raise ValueError(f"{name} is a paid engine; call it with a reservation, through `call_paid`.")
    task.check()
    answer = use(engine)
    key = f"{task.step.key}.{name}.{len(task.charges)}"  # a step may call one engine several times
    task.charges.append(Charge(key=key, engine=name, version=engine.version))
    return answer


def call_paid(task: Task, name: str, estimate: int, use: Callable[[Any, str], Metered[T]]) -> T:
    """Use a paid engine at most once per attempt key; NoRoom when the cap forbids it.

    `use` gets the engine and the idempotency key of the call. A call whose answer was lost in a crash is counted at
    its estimate, for the provider may have billed it, and is made again under a new key.
    """
    context = task.context
    engine = context.registry.engine(name)
    row = _reserve(task, name, engine.version, estimate)
    context.failpoints.reach("after_intent", task.step.step)
    task.check()
    context.documents.commit(
        [
            Put(
                store.ledger_path(task.pipeline.id, row.key),
                row.model_copy(update={"state": "submitted"}).model_dump(mode="json"),
            )
        ]
    )
    metered = use(engine, f"{task.pipeline.id}.{row.key}")
    context.failpoints.reach("after_submit", task.step.step)
    task.charges.append(
        Charge(
            key=row.key,
            engine=name,
            version=engine.version,
            amount=metered.amount,
            reserved=estimate,
            unit=metered.unit,
            quantity=metered.quantity,
        )
    )
    return metered.answer


def _reserve(task: Task, name: str, version: str, estimate: int) -> Reservation:
    context = task.context

    def attempt() -> Reservation:
        found = store.read(context.documents, task.pipeline.id, task.step.key)
        task.check()
        mine = [row for row in store.reservations(context.documents, task.pipeline.id) if row.step_key == task.step.key]
        key = f"{task.step.key}.{name}.{task.step.epoch}"
        for row in mine:
            if row.key == key and row.state in ("reserved", "submitted"):
                return row  # our own commit arrived, only its answer was lost
        lost = [row for row in mine if row.state in ("reserved", "submitted")]
        cost = found.pipeline.cost
        counted = sum(row.estimate for row in lost if row.state == "submitted")
        freed = sum(row.estimate for row in lost)
        cost = cost.model_copy(update={"spent": cost.spent + counted, "reserved": cost.reserved - freed})
        room = cost.room()
        if room is not None and estimate > room:
            raise NoRoom(f"{name} would cost {estimate} micro-dollars, and the budget leaves {room}.")
        now = context.clock.now()
        row = Reservation(
            key=key,
            pipeline_id=task.pipeline.id,
            step_key=task.step.key,
            engine=name,
            version=version,
            state="reserved",
            estimate=estimate,
            at=now,
        )
        closed = tuple(
            old.model_copy(
                update={"state": "settled", "amount": old.estimate}
                if old.state == "submitted"
                else {"state": "released"}
            )
            for old in lost
        )
        held = found.pipeline.model_copy(
            update={"cost": cost.model_copy(update={"reserved": cost.reserved + estimate})}
        )
        store.commit(context.documents, found, Change(pipeline=held, ledger=(row, *closed)))
        return row

    return store.settle(context.clock, attempt)

"""The metered gateway: the only path from a step to an engine.

A paid call is reserved under the cap and its intent committed before it is made, so that a crash can neither
overspend nor pay twice. What an engine cost is settled in the same commit as the step's outcome.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from common.domain.choice import Choice, Offer, choose
from common.domain.money import dollars
from common.domain.pipeline import Charge, Cost
from common.engine import ledger, store
from common.engine.records import Change, Reservation
from common.engine.task import Task
from common.providers.errors import ProviderError
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
    """Use a paid engine at most once per call key; NoRoom when the cap forbids it, Cancelled or LeaseLost.

    `use` gets the engine and the idempotency key of the call. A call that fails costs what its error says. One whose
    answer was lost in a crash is counted at its estimate, for the provider may have billed it.
    """
    context = task.context
    engine = context.registry.engine(name)
    row = _reserve(task, name, engine.version, estimate)
    context.failpoints.reach("after_intent", task.step.step)
    _submit(task, row)
    try:
        metered = use(engine, f"{task.pipeline.id}.{row.key}")
    except ProviderError as failed:
        _answer(task, row, failed.spent)
        raise
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
    key = f"{task.step.key}.{name}.{task.step.epoch}.{task.paid_calls}"
    task.paid_calls += 1

    def attempt() -> Reservation:
        found = _read(task)
        mine = store.reservations(context.documents, task.pipeline.id, task.step.key)
        for row in mine:
            if row.key == key and row.state in ledger.OPEN:
                return row  # our own commit arrived, only its answer was lost
        made = {charge.key for charge in task.charges}  # by this attempt, and settled when it finishes
        now = found.now
        cost, closed = ledger.close(found.pipeline.cost, [row for row in mine if row.key not in made], now)
        room = cost.room()
        if room is not None and estimate > room:
            raise NoRoom(f"it would cost ${dollars(estimate):.4f}, and the budget leaves ${dollars(room):.4f}")
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
        held = cost.model_copy(update={"reserved": cost.reserved + estimate})
        _commit(task, found, held, row, *closed)
        return row

    return store.settle(context.clock, attempt)


def _submit(task: Task, row: Reservation) -> None:
    def attempt() -> None:
        found = _read(task)
        _commit(task, found, found.pipeline.cost, row.model_copy(update={"state": "submitted"}))

    store.settle(task.context.clock, attempt)


def _answer(task: Task, row: Reservation, amount: int) -> None:
    def attempt() -> None:
        found = _read(task)
        rows = store.reservations(task.context.documents, task.pipeline.id, task.step.key)
        for known in rows:
            if known.key == row.key and known.state in ledger.OPEN:
                cost, closed = ledger.answer(found.pipeline.cost, known, amount, found.now)
                _commit(task, found, cost, closed)

    store.settle(task.context.clock, attempt)


def _read(task: Task) -> store.Read:
    """The pipeline as it stands, as long as this attempt counts."""
    found = store.read(task.context.documents, task.pipeline.id, task.step.key)
    task.learn(found)
    task.check()
    return found


def _commit(task: Task, found: store.Read, cost: Cost, *rows: Reservation) -> None:
    held = found.pipeline.model_copy(update={"cost": cost})
    store.commit(task.context.documents, found, Change(pipeline=held, ledger=rows))

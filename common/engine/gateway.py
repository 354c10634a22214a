"""The metered gateway: the only path from a step to an engine, with `operations` for work that outlives an attempt.

A paid call is reserved under the cap and its intent committed before it is made, so that a crash can neither
overspend nor pay twice. What an engine cost is settled in the same commit as the step's outcome.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from common.domain.choice import Choice, Offer, choose
from common.domain.pipeline import Charge
from common.engine import breaker, reservations, store
from common.engine.task import Task
from common.observability import metrics
from common.providers.errors import ProviderError, Unanswered
from common.providers.registry import Kind

T = TypeVar("T")


@dataclass(frozen=True)
class Metered(Generic[T]):
    """A paid engine's answer with what it cost in micro-dollars."""

    answer: T
    amount: int
    quantity: float = 0.0
    unit: str = ""


def pick(task: Task, kind: Kind, asset: str, *, floor: float, size: float = 1.0, most: int | None = None) -> Choice:
    """Choose the engine for an asset by quality floor and money left, of which it may take `most`.

    `size` is what the engine prices by.
    """
    registry = task.context.registry
    room = store.read(task.context.documents, task.pipeline.id).pipeline.cost.room()
    room = min((bound for bound in (room, most) if bound is not None), default=None)
    offers = []
    for listing in registry.of_kind(kind):
        cls = registry.kind_of(listing.name)
        price = cls.price(size) if cls.paid else 0
        why = registry.unavailable(listing.name)
        offers.append(
            Offer(engine=listing.name, version=cls.version, quality=cls.quality, price=price, unavailable=why)
        )
    return choose(asset, offers, floor=floor, room=room)


def call(task: Task, name: str, use: Callable[[Any], T]) -> T:
    """Use a free engine, and note in the ledger that it ran."""
    engine = task.context.registry.engine(name)
    if engine.paid:
        raise ValueError(f"{name} is a paid engine; call it with a reservation, through `call_paid`.")
    task.check()
    with metrics.provider(name):
        answer = use(engine)
    key = f"{task.step.key}.{name}.{len(task.charges)}"  # a step may call one engine several times
    task.charges.append(Charge(key=key, engine=name, version=engine.version))
    return answer


def call_paid(task: Task, name: str, estimate: int, use: Callable[[Any, str], Metered[T]]) -> T:
    """Use a paid engine at most once per call key; NoRoom when the cap forbids it, Cancelled or LeaseLost.

    `use` gets the engine and the idempotency key of the call. A call that fails costs what its error says. One whose
    answer was lost is counted at its estimate, for the provider may have billed it.
    """
    context = task.context
    engine = context.registry.engine(name)
    with breaker.guard(context, name):
        key = f"{task.step.key}.{name}.{task.step.epoch}.{task.paid_calls}"
        task.paid_calls += 1
        row = reservations.reserve(task, key, name, engine.version, estimate)
        context.failpoints.reach("after_intent", task.step.step)
        row = reservations.write(task, row.model_copy(update={"state": "submitted"}))
        try:
            with metrics.provider(name):
                metered = use(engine, f"{task.pipeline.id}.{row.key}")
        except Unanswered:
            raise  # the row stays open, for the next reservation or the step's end to close at its estimate
        except ProviderError as failed:
            reservations.answer(task, row, failed.spent)
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

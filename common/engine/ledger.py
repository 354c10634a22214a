"""What reservations and charges do to a pipeline's money, decided without I/O.

Every row of the ledger is written in a commit that also writes the pipeline, so its version guards them all.
"""

from collections.abc import Sequence
from datetime import datetime

from common.domain.pipeline import Charge, Cost, Step
from common.engine.records import Reservation

OPEN = ("reserved", "submitted")


def settle(
    cost: Cost, charges: Sequence[Charge], reservations: Sequence[Reservation], step: Step, now: datetime
) -> tuple[Cost, tuple[Reservation, ...]]:
    """Settle a finished step: its charges as they are, and what else it had reserved as `close` does."""
    known = {charge.key for charge in charges}
    cost, closed = close(cost, [row for row in reservations if row.key not in known], now)
    spent = cost.spent + sum(charge.amount for charge in charges)
    reserved = cost.reserved - sum(charge.reserved for charge in charges)
    rows = tuple(_row(charge, step, now) for charge in charges)
    return cost.model_copy(update={"spent": spent, "reserved": reserved}), (*rows, *closed)


def close(cost: Cost, reservations: Sequence[Reservation], now: datetime) -> tuple[Cost, tuple[Reservation, ...]]:
    """Close what is open: a call without an answer may have been billed, so it counts at its estimate."""
    rows = []
    for row in reservations:
        if row.state in OPEN:
            cost, closed = answer(cost, row, row.estimate if row.state == "submitted" else 0, now)
            rows.append(closed)
    return cost, tuple(rows)


def answer(cost: Cost, row: Reservation, amount: int, now: datetime) -> tuple[Cost, Reservation]:
    """Close one open reservation at what it cost; released when that is nothing."""
    state = "settled" if amount else "released"
    closed = row.model_copy(update={"state": state, "amount": amount, "at": now})
    return cost.model_copy(update={"spent": cost.spent + amount, "reserved": cost.reserved - row.estimate}), closed


def _row(charge: Charge, step: Step, now: datetime) -> Reservation:
    return Reservation(
        key=charge.key,
        pipeline_id=step.pipeline_id,
        step_key=step.key,
        engine=charge.engine,
        version=charge.version,
        state="settled",
        estimate=charge.reserved,
        amount=charge.amount,
        unit=charge.unit,
        quantity=charge.quantity,
        operation=charge.operation,
        resumes=bool(charge.operation),
        at=now,
    )

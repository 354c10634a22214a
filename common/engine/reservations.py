"""Rows of the ledger as a running attempt writes them: reserved under the cap, asked for, answered.

Every commit is guarded by the pipeline, which holds the money, and by the step, so that a superseded attempt
reserves nothing.
"""

from collections.abc import Callable
from datetime import datetime

from common.domain.money import dollars
from common.domain.pipeline import Cost
from common.engine import ledger, store
from common.engine.records import Change, Reservation
from common.engine.task import Task


class NoRoom(Exception):
    """The budget does not allow a reservation; nothing was called."""


def reserve(task: Task, key: str, name: str, version: str, estimate: int) -> Reservation:
    """Reserve for one call that ends with its attempt. What earlier attempts left open is closed: they are lost."""
    row = _row(task, key, name, version, estimate)
    return _reserve(task, row, lambda known: not known.resumes)


def reserve_lasting(task: Task, call: str, turn: int, name: str, version: str, estimate: int) -> Reservation:
    """Reserve for an operation, and write that it is asked for. An earlier turn still open is closed: it is lost."""
    row = _row(task, f"{call}.{turn}", name, version, estimate)
    row = row.model_copy(update={"state": "submitted", "resumes": True})
    return _reserve(task, row, lambda known: known.key.startswith(f"{call}."))


def lasting(task: Task, call: str) -> tuple[Reservation | None, int, datetime]:
    """The open row of an operation, if one was begun, the number of the next one, and the store's time."""
    found = _read(task)
    rows = store.reservations(task.context.documents, task.pipeline.id, task.step.key)
    mine = [row for row in rows if row.key.startswith(f"{call}.")]
    known = next((row for row in mine if row.state in ledger.OPEN), None)
    return known, len(mine), found.now


def write(task: Task, row: Reservation) -> Reservation:
    """Write what became known of an open row."""

    def attempt() -> None:
        found = _read(task)
        _commit(task, found, found.pipeline.cost, row)

    store.settle(task.context.clock, attempt)
    return row


def answer(task: Task, row: Reservation, amount: int) -> None:
    """Close a row at what its call cost, once."""

    def attempt() -> None:
        found = _read(task)
        rows = store.reservations(task.context.documents, task.pipeline.id, task.step.key)
        for known in rows:
            if known.key == row.key and known.state in ledger.OPEN:
                cost, closed = ledger.answer(found.pipeline.cost, known, amount, found.now)
                _commit(task, found, cost, closed)

    store.settle(task.context.clock, attempt)


def _row(task: Task, key: str, name: str, version: str, estimate: int) -> Reservation:
    return Reservation(
        key=key,
        pipeline_id=task.pipeline.id,
        step_key=task.step.key,
        engine=name,
        version=version,
        state="reserved",
        estimate=estimate,
        at=task.context.clock.now(),
    )


def _reserve(task: Task, row: Reservation, lost: Callable[[Reservation], bool]) -> Reservation:
    def attempt() -> Reservation:
        found = _read(task)
        mine = store.reservations(task.context.documents, task.pipeline.id, task.step.key)
        for known in mine:
            if known.key == row.key and known.state in ledger.OPEN:
                _read(task)  # a row that another attempt wrote while this one slept is none of ours
                return known  # our own commit arrived, only its answer was lost
        made = {charge.key for charge in task.charges}  # by this attempt, and settled when it finishes
        left = [known for known in mine if known.key not in made and lost(known)]
        cost, closed = ledger.close(found.pipeline.cost, left, found.now)
        room = cost.room()
        if room is not None and row.estimate > room:
            raise NoRoom(f"it would cost ${dollars(row.estimate):.4f}, and the budget leaves ${dollars(room):.4f}")
        held = cost.model_copy(update={"reserved": cost.reserved + row.estimate})
        dated = row.model_copy(update={"at": found.now})
        _commit(task, found, held, dated, *closed)
        return dated

    return store.settle(task.context.clock, attempt)


def _read(task: Task) -> store.Read:
    """The pipeline as it stands, as long as this attempt counts."""
    found = store.read(task.context.documents, task.pipeline.id, task.step.key)
    task.learn(found)
    task.check()
    return found


def _commit(task: Task, found: store.Read, cost: Cost, *rows: Reservation) -> None:
    held = found.pipeline.model_copy(update={"cost": cost})
    assert found.step is not None
    # With the step, so that a claim by another worker since it was read refuses this commit. And with a whole lease, so
    # that no other attempt begins while the call that this intent announces is on its way.
    until = found.now + task.context.catalogue.rules(task.step.step).lease
    ours = found.step.model_copy(update={"lease_until": until})
    store.commit(task.context.documents, found, Change(pipeline=held, steps=(ours,), ledger=rows))

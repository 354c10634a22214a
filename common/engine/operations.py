"""The paid path to engines whose work is an operation at the provider: it outlives the attempt, and is paid once.

The reservation and the intent, with the key that the provider gets, are committed before the operation is started,
and the provider's id right after. An attempt that finds an id goes on with it. One that finds an intent alone looks
the operation up, or starts it again under the same key where the provider makes that harmless. Where it can do
neither, that call may have been billed: it is counted at its estimate, and another one is reserved.

One gap only the provider can close, by honouring keys: a worker that sleeps between its intent and its call, past the
end of its lease, may start on waking what another attempt has looked for, not found, and started.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from common.domain.pipeline import Charge
from common.engine import breaker, reservations
from common.engine.context import Context
from common.engine.records import Reservation
from common.engine.task import Cancelled, LeaseLost, Task, Waiting
from common.observability import metrics
from common.providers.errors import ProviderError, Throttled, Unanswered
from common.providers.operation import Failed, Running

LOOK_AGAIN = 15.0  # seconds, where a provider does not say where its operation stands

log = logging.getLogger(__name__)


def call_operation(task: Task, name: str, estimate: int, start: Callable[[Any, str], str]) -> Any:
    """The answer of an operation that is started at most once per key; NoRoom, Cancelled, LeaseLost.

    `start` gets the engine and the key, and answers with the provider's id. Waiting while the operation runs: the
    handler lets it pass, and its next attempt comes back here. Calls of one engine are numbered, so a handler makes
    them in the same order in every attempt. An operation that failed costs what its error says.
    """
    engine = task.context.registry.engine(name)
    call = f"{task.step.key}.{name}.call{task.operations[name]}"
    task.operations[name] += 1
    row, turn, now = reservations.lasting(task, call)
    waited = now - row.at if row else timedelta(0)
    if row is not None and not row.operation:
        row = _recover(task, engine, row, waited)
    if row is None or not row.operation:
        with breaker.guard(task.context, name):
            repeated = row is not None
            if row is None:
                row = reservations.reserve_lasting(task, call, turn, name, engine.version, estimate)
            else:
                row = reservations.write(task, row)  # with a whole lease, in which the provider hears of it or never
            row = _start(task, engine, row, start, repeated=repeated)
    return _look(task, engine, row, waited)


def call_off(context: Context, rows: Iterable[Reservation]) -> None:
    """Stop at the provider, where it can be, what a commit closed while it ran; best effort, for it is counted."""
    silent = set()
    for row in rows:
        if not row.resumes or row.engine in silent:
            continue
        try:
            if why := context.registry.unavailable(row.engine):
                raise RuntimeError(why)
            engine = context.registry.engine(row.engine)
            operation = row.operation or (engine.look_up(_key(row)) if engine.finds else None)
            if operation:
                engine.cancel(operation)
        except Exception:  # whatever ails a provider, the pipeline has ended
            silent.add(row.engine)
            log.warning(
                "an operation goes on at its provider",
                exc_info=True,
                extra={"pipeline": row.pipeline_id, "engine": row.engine, "operation": row.operation},
            )


def _recover(task: Task, engine: Any, row: Reservation, waited: timedelta) -> Reservation | None:
    """The row of a call whose answer was lost, with its operation if that is found; None when the call is lost."""
    if engine.finds:
        try:
            with metrics.provider(row.engine):
                operation = engine.look_up(_key(row))
        except ProviderError as silent:
            raise _waiting(row, silent, waited) from silent
        return reservations.write(task, row.model_copy(update={"operation": operation})) if operation else row
    return row if engine.honours_keys else None


def _start(
    task: Task, engine: Any, row: Reservation, start: Callable[[Any, str], str], *, repeated: bool
) -> Reservation:
    context = task.context
    context.failpoints.reach("after_intent", task.step.step)
    task.check()
    try:
        with metrics.provider(row.engine):
            operation = start(engine, _key(row))
    except Unanswered:
        raise  # it may have been taken: the row stays open, and the next attempt finds out
    except ProviderError as refused:
        # That a start is refused now says nothing of the one before it under the same key, which may have been taken.
        if not (repeated and engine.honours_keys):
            reservations.answer(task, row, refused.spent)
        raise
    context.failpoints.reach("after_submit", task.step.step)
    known = row.model_copy(update={"operation": operation})
    try:
        return reservations.write(task, known)
    except (Cancelled, LeaseLost) as over:
        # Nobody else knows its id: after a cancel nobody wants it, and another attempt could not find it.
        if isinstance(over, Cancelled) or not (engine.finds or engine.honours_keys):
            call_off(context, [known])
        raise


def _look(task: Task, engine: Any, row: Reservation, waited: timedelta) -> Any:
    try:
        with metrics.provider(row.engine):
            found = engine.poll(row.operation)
    except ProviderError as silent:
        raise _waiting(row, silent, waited) from silent
    if isinstance(found, Running):
        raise Waiting(f"{row.engine} works on {row.operation}", found.delay, waited)
    if isinstance(found, Failed):
        reservations.answer(task, row, row.estimate if found.billed else found.error.spent)
        raise found.error
    task.charges.append(
        Charge(
            key=row.key,
            engine=row.engine,
            version=row.version,
            amount=found.amount,
            reserved=row.estimate,
            unit=found.unit,
            quantity=found.quantity,
            operation=row.operation,
        )
    )
    return found.answer


def _waiting(row: Reservation, silent: ProviderError, waited: timedelta) -> Waiting:
    """What is not known of an operation is no reason to give it up."""
    delay = silent.retry_after if isinstance(silent, Throttled) else LOOK_AGAIN
    return Waiting(f"{row.engine} does not say what became of {row.key} ({silent})", delay, waited)


def _key(row: Reservation) -> str:
    """The key that the provider gets: the same in every attempt."""
    return f"{row.pipeline_id}.{row.key}"

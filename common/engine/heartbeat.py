"""The pulse of a running attempt: extends its lease, carries its progress, and learns of a cancel."""

import threading
from dataclasses import replace
from types import TracebackType

from common.engine import store
from common.engine.decisions import record_progress
from common.engine.records import Change
from common.engine.task import LeaseLost, Task
from common.platform.documents import Conflict, Unavailable


class Heartbeat:
    """Beats in the background while the `with` block runs; for an attempt that another owns, it only learns."""

    def __init__(self, task: Task, *, owns: bool = True):
        self._task, self._owns = task, owns
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"heartbeat-{task.step.key}", daemon=True)
        self._shown = 0.0

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._task.context.settings.poll_seconds):
            try:
                if self._owns:
                    beat(self._task)
                    self._carry_progress()
                else:
                    look(self._task)
            except (Conflict, Unavailable):
                continue  # a rival wrote or the store is away; the next beat reads anew
            except Exception as gone:  # the pipeline was deleted, or the store is broken: the attempt cannot count
                self._task.end(LeaseLost)
                raise gone
            if self._task.stop.is_set():
                return

    def _carry_progress(self) -> None:
        if self._task.reported - self._shown < 0.05:
            return
        context, task = self._task.context, self._task
        found = look(task)
        if task.stop.is_set():
            return
        assert found.step is not None
        change = record_progress(found.pipeline, task.step, task.reported, now=found.now, catalogue=context.catalogue)
        if change is not None:
            # The step is written as it is: a claim by another worker since it was read must refuse this commit.
            store.commit(context.documents, found, replace(change, steps=(found.step,)))
        self._shown = task.reported


def look(task: Task) -> store.Read:
    """Stop the task if its pipeline ended or its epoch passed; what was read."""
    found = store.read(task.context.documents, task.pipeline.id, task.step.key)
    task.learn(found)
    return found


def beat(task: Task) -> None:
    """One pulse: look, and extend a lease that is a third used up."""
    context = task.context
    found = look(task)
    assert found.step is not None
    if task.stop.is_set():
        return
    rules = context.catalogue.rules(task.step.step)
    now = found.now
    until = found.step.lease_until
    if until is None or until - now < rules.lease * 2 / 3:
        longer = found.step.model_copy(update={"lease_until": now + rules.lease})
        store.commit(context.documents, found, Change(steps=(longer,)))

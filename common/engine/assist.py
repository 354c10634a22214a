"""Further tasks of a job: they work for the attempt that the job's first task owns, and record nothing themselves."""

import logging
from collections.abc import Callable

from common.engine import store
from common.engine.context import Context
from common.engine.heartbeat import Heartbeat
from common.engine.task import Task

log = logging.getLogger(__name__)


def assist(context: Context, pipeline_id: str, key: str, epoch: int, work: Callable[[Task], None]) -> bool:
    """Work for an attempt for as long as it counts; False when it did not, or the work failed.

    A failure is logged and goes no further: what is left undone here, the first task does itself.
    """
    found = store.settle(context.clock, lambda: store.read(context.documents, pipeline_id, key))
    assert found.step is not None
    task = Task(context, found.pipeline, found.step)
    if found.pipeline.settled or found.step.epoch != epoch or found.step.state != "running":
        return False
    try:
        with Heartbeat(task, owns=False):
            work(task)
    except Exception:
        if not task.stop.is_set():
            log.exception("a further task of a job failed", extra={"pipeline": pipeline_id, "step": key})
        return False
    return not task.stop.is_set()

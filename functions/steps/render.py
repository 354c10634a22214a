"""Start the render job."""

from common.domain.pipeline import Outcome
from common.engine.task import Handed, Task
from common.platform.jobs import JobsUnavailable


def run(task: Task) -> Outcome:
    """Hand the step to a job of this attempt, which finishes it; if the job dies, the sweep starts another attempt."""
    key = f"{task.id}.{task.step.epoch}"
    task.context.registry.forget()  # the job needs the memory that voice models hold
    arguments = [task.pipeline.id, task.step.key, str(task.step.epoch)]
    try:
        task.context.jobs.start("render", key, args=arguments, env={}, tasks=1)
    except JobsUnavailable:
        if task.context.jobs.state(key) is None:
            raise
        # It was started, and only the answer was lost.
    task.context.failpoints.reach("after_job_start", task.step.step)
    raise Handed(key)

"""Start the render job, and close its step when the job reports."""

from common.domain.pipeline import Outcome
from common.engine.task import Handed, StepFailed, Task


def run(task: Task) -> Outcome:
    """Hand the step to a job of this attempt, which finishes it; if the job dies, the sweep starts another attempt."""
    key = f"{task.id}.{task.step.epoch}"
    state = task.context.jobs.state(key)
    if state == "failed":
        raise StepFailed("render_failed", "The render job failed and was repeated as often as it may be.")
    task.context.registry.forget()  # the job needs the memory that voice models hold
    arguments = [task.pipeline.id, task.step.key, str(task.step.epoch)]
    task.context.jobs.start("render", key, args=arguments, env={}, tasks=1)
    task.context.failpoints.reach("after_job_start", task.step.step)
    raise Handed(key)
